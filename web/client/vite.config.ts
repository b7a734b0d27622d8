import { defineConfig } from 'vitest/config';

export default defineConfig({
  build: {
    target: 'es2022',
    lib: { entry: { index: 'src/index.ts', sse: 'src/sse.ts' }, formats: ['es'] },
    minify: 'oxc',
  },
  test: { include: ['test/**/*.test.ts'], testTimeout: 10_000 },
});
