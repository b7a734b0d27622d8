// The one file of a script tag: elements, client and Lit, with the white space of styles and templates taken out.
import { fileURLToPath } from 'node:url';
import { transform } from 'lightningcss';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** White space in styles and templates is nothing but bytes. */
const tight = {
  name: 'tight-templates',
  enforce: 'pre',
  transform(code, id) {
    if (!id.startsWith(here) || !id.includes('/src/')) return null;
    return code
      .replace(/\/\* css \*\/ `([^`]*)`/g, (_, css) => JSON.stringify(transform({ filename: id, code: Buffer.from(css), minify: true }).code.toString()))
      .replace(/>\n\s+(?=[<$])/g, '>').replace(/}\n\s+(?=[<$])(?!\$\{at)/g, '}').replace(/(html`)\s+</g, '$1<').replace(/"\n\s+(?=[a-z.?@-]+=)/g, '" ').replace(/}\n\s+(?=[a-z.?@-]+=[$"])/g, '} ');
  },
};

export async function bundle() {
  process.env.NODE_ENV = 'production'; // Vite takes Lit's development build otherwise, when a test asks
  const [{ output }] = [await build({
    root: here, configFile: false, logLevel: 'error', plugins: [tight],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, target: 'es2022', minify: 'oxc', rollupOptions: { input: 'src/index.ts', preserveEntrySignatures: 'strict', output: { format: 'es' } } },
  })].flat();
  return output[0].code;
}
