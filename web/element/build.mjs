// dist/index.js for bundlers (Lit and the client stay imports), dist/inbox.js and dist/inbox-more.js for a script tag, and their copies that the front-end serves.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { bundle } from './bundle.mjs';

const limits = { 'inbox.js': 21.75 * 1024, 'inbox-more.js': 6 * 1024 };
const at = path => new URL(path, import.meta.url);

await build({
  root: at('.').pathname, configFile: false, logLevel: 'error',
  build: {
    target: 'es2022', minify: false, lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'index' },
    rollupOptions: { external: /^(lit|@orleans-inbox)/, output: { chunkFileNames: 'more.js' } },
  },
});
const { name } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
mkdirSync(at('dist/'), { recursive: true });
for (const [file, code] of Object.entries(await bundle())) {
  writeFileSync(at(`dist/${file}`), code);
  writeFileSync(at(`../../client-api/wwwroot/${file}`), code);
  const bytes = gzipSync(code, { level: 9 }).length;
  console.log(`${name}, ${file}: ${bytes} bytes min+gzip, ${limits[file]} allowed`);
  if (bytes > limits[file]) process.exitCode = 1;
}
