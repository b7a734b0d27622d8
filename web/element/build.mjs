// dist/index.js for bundlers (Lit and the client stay imports), dist/inbox.js for a script tag, and its copy that the front-end serves.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { bundle } from './bundle.mjs';

const limit = 21.25 * 1024;
const at = path => new URL(path, import.meta.url);

await build({
  root: at('.').pathname, configFile: false, logLevel: 'error',
  build: { target: 'es2022', minify: false, lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'index' }, rollupOptions: { external: /^(lit|@orleans-inbox)/ } },
});
const code = await bundle();
mkdirSync(at('dist/'), { recursive: true });
writeFileSync(at('dist/inbox.js'), code);
writeFileSync(at('../../client-api/wwwroot/inbox.js'), code);

const { name } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
const bytes = gzipSync(code, { level: 9 }).length;
console.log(`${name} with the client and Lit: ${bytes} bytes min+gzip, ${limit} allowed`);
if (bytes > limit) process.exit(1);
