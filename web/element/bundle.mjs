// The one file of a script tag: elements, client and Lit, with the white space of styles and templates taken out and everything made short.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from 'lightningcss';
import { build } from 'vite';
import { shortened } from '../minify.mjs';
import { checkTemplate, less } from './lit.mjs';

const at = path => fileURLToPath(new URL(path, import.meta.url));

/** `--_surface` and the like are the styles' own. */
const ownNames = [...new Set(readFileSync(at('src/theme.css.ts'), 'utf8').match(/--_[a-z-]+/g))];

const tightCss = (css, filename) => transform({ filename, code: Buffer.from(css), minify: true }).code.toString()
  .replace(/--_[a-z-]+/g, name => `--${ownNames.indexOf(name)}`);

/** White space and quotes in templates are nothing but bytes. */
const tightTemplates = code => code
  .replace(/>\n\s+(?=[<$])/g, '>').replace(/}\n\s+(?=[<$])(?!\$\{at)/g, '}').replace(/(html`)\s+(?=[<$])/g, '$1')
  .replace(/"\n\s+(?=[a-z.?@-]+=)/g, '" ').replace(/}\n\s+(?=[a-z.?@-]+=[$"])/g, '} ')
  .replace(/ ([a-z-]+)="([\w-]+)"(?=[ >])/g, ' $1=$2');

const tight = {
  name: 'tight',
  enforce: 'pre',
  transform(code, id) {
    if (id.endsWith('/lit-html.js')) return less(code);
    if (!id.startsWith(at('src/'))) return null;
    checkTemplate(code, id);
    return tightTemplates(code.replace(/\/\* css \*\/ `([^`]*)`/g, (_, css) => JSON.stringify(tightCss(css, id))));
  },
};

export async function bundle() {
  process.env.NODE_ENV = 'production'; // Vite takes Lit's development build otherwise, when a test asks
  const [{ output }] = [await build({
    root: at('.'), configFile: false, logLevel: 'error', plugins: [tight, shortened],
    resolve: {
      alias: {
        '@orleans-inbox/client': at('../client/src/index.ts'),
        'lit/html.js': at('../node_modules/lit-html/development/lit-html.js'), // the source that lit.mjs knows
      },
    },
    build: { write: false, target: 'es2022', minify: 'oxc', rollupOptions: { input: at('src/index.ts'), preserveEntrySignatures: 'strict', output: { format: 'es' } } },
  })].flat();
  if (output.length !== 1) throw new Error(`One file, and not ${output.map(file => file.fileName)}`);
  return output[0].code;
}
