// The one file of a script tag: elements, client and Lit, with the white space of styles and templates taken out.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** White space in css`` and html`` is nothing but bytes; between tags of a template it stays where text may stand beside it. */
const tight = {
  name: 'tight-templates',
  enforce: 'pre',
  transform(code, id) {
    if (!id.startsWith(here) || !id.includes('/src/')) return null;
    return code
      .replace(/css`([^`]*)`/g, (_, css) => `css\`${css.replace(/\s+/g, ' ').replace(/ ?([{};:,>]) /g, '$1').replace(/ {/g, '{').trim()}\``)
      .replace(/>\n\s+</g, '><').replace(/(html`)\s+</g, '$1<').replace(/\n\s+(?=[a-z.?@-]+=)/g, ' ');
  },
};

export async function bundle() {
  const [{ output }] = [await build({
    root: here, configFile: false, logLevel: 'error', plugins: [tight],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, target: 'es2022', minify: 'oxc', lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'inbox' } },
  })].flat();
  return output[0].code;
}
