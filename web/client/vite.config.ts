import { defineConfig } from 'vitest/config';
// @ts-expect-error it is a build script
import { shortened } from '../minify.mjs';

export default defineConfig({
  plugins: [shortened],
  build: {
    target: 'es2022',
    lib: { entry: { index: 'src/index.ts', sse: 'src/sse.ts', topics: 'src/topics.ts' }, formats: ['es'] },
    minify: false,
  },
  test: { include: ['test/**/*.test.ts'], testTimeout: 10_000 },
});
