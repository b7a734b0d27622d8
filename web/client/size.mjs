// What a page pays for the client, with everything it imports, and the most that it may pay.
import { readFileSync } from 'node:fs';
import { build } from 'vite';
import { gzipSync } from 'node:zlib';
import { shortened } from '../minify.mjs';

const limit = 7.5 * 1024;
const { output } = [await build({
  configFile: false, logLevel: 'error', plugins: [shortened],
  build: { write: false, target: 'es2022', minify: 'oxc', rollupOptions: { input: 'dist/index.js', preserveEntrySignatures: 'strict', output: { format: 'es' } } },
})].flat()[0];
const bytes = gzipSync(output.map(chunk => chunk.code ?? '').join(''), { level: 9 }).length;
const { name } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
console.log(`${name}: ${bytes} bytes min+gzip, ${limit} allowed`);
if (bytes > limit) process.exit(1);
