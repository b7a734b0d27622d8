// The files of a script tag, with the white space of styles and templates taken out and everything made short: inbox.js has elements, client and Lit;
// inbox-more.js, which it loads when that is needed, has what is in src/more/ and what that alone needs of the client, and nothing twice.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from 'lightningcss';
import { minify } from 'terser';
import { build } from 'vite';
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

/**
 * The second file is where the first one is (a relative address is the module's own), and has its query. `openMore` becomes a name of this build in both: the
 * address is another one with each build, and a file of another build, from a cache or an older server, is refused for what it does not export. Another
 * attempt has another address too: what was cached, or remembered as not to be had, is asked for anew.
 */
const second = "import(/* @vite-ignore */ import.meta.url.replace(/[^?]*\\??/, './inbox-more.js?openMore.' + _attempt + '&'))";

const tight = {
  name: 'tight',
  enforce: 'pre',
  transform(code, id) {
    if (id.endsWith('/lit-html.js')) return less(code);
    if (!id.startsWith(at('src/'))) return null;
    checkTemplate(code, id);
    return tightTemplates(code.replace("import('./more/index.js')", second).replace(/\/\* css \*\/ `([^`]*)`/g, (_, css) => JSON.stringify(tightCss(css, id))));
  },
};

/** As `../minify.mjs` does it; names that begin with `_` are the same in both files. */
const shortenedBy = props => ({
  name: 'shortened',
  async renderChunk(code) {
    const short = await minify(code.replace(/\bconst /g, 'let '), {
      module: true, ecma: 2022, compress: { passes: 3, pure_getters: true, inline: 1, unsafe_arrows: true }, mangle: { properties: { regex: /^_/ } }, nameCache: props, format: { comments: /^!/ },
    });
    return short.code;
  },
});

async function file(input, names) {
  const [{ output }] = [await build({
    root: at('.'), configFile: false, logLevel: 'error', plugins: [tight, shortenedBy(names)],
    resolve: {
      alias: {
        '@orleans-inbox/client/topics': at('../client/src/topics.ts'),
        '@orleans-inbox/client': at('../client/src/index.ts'),
        'lit/html.js': at('../node_modules/lit-html/development/lit-html.js'), // the source that lit.mjs knows
      },
    },
    build: { write: false, target: 'es2022', minify: 'oxc', modulePreload: false, rollupOptions: { input: at(input), preserveEntrySignatures: 'strict', output: { format: 'es' } } },
  })].flat();
  if (output.length !== 1) throw new Error(`One file, and not ${output.map(file => file.fileName)}`);
  return output[0];
}

/** @returns the files by their names */
export async function bundle() {
  process.env.NODE_ENV = 'production'; // Vite takes Lit's development build otherwise, when a test asks
  const names = {}, first = await file('src/index.ts', names), more = await file('src/more/index.ts', { props: names.props });
  const twice = Object.keys(more.modules).filter(id => id in first.modules);
  if (twice.length) throw new Error(`inbox-more.js would have what inbox.js has already: ${twice}`);
  const build = createHash('sha256').update(first.code + more.code).digest('hex').slice(0, 6), named = ({ code }) => code.replaceAll('openMore', `open${build}`);
  return { 'inbox.js': named(first), 'inbox-more.js': named(more) };
}
