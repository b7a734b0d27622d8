// Lit's templates without what the elements' templates never use: directives, raw text, comments, SVG and MathML roots, element parts,
// attributes of several bindings, options of listeners, hooks for polyfills and debuggers. It is Lit's own source with cuts: one that no longer
// fits that source fails the build, and so does a template that uses what was cut. Whoever bundles dist/index.js gets Lit as it is.

const never = 'false', always = 'true';

/** Lit's scanner knows all of HTML. Here a binding is a whole value (`name=${…}`) or stands between tags. */
const scanner = `const getTemplateHtml = strings => {
  const attrNames = [], last = strings.length - 1;
  let html = '';
  for (let i = 0; i < last; i++) {
    const s = strings[i], name = /\\S+(?==$)/.exec(s);
    html += name ? (attrNames.push(name[0]), s.slice(0, -1) + boundAttributeSuffix + '=' + marker) : s + nodeMarker;
  }
  return [trustFromTemplateString(strings, html + strings[last]), attrNames];
};`;

const parts = `for (const { index, ctor, name } of parts) {
  for (; nodeIndex < index; nodeIndex++) node = walker.nextNode();
  this._$parts.push(ctor ? new ctor(node, name) : new ChildPart(node, node.nextSibling));
}`.replaceAll('$', '$$$$');

/** What is cut, and what takes its place. */
const cuts = [
  [/\/\*\*[^]*?\*\//g, ''],
  // What Lit's own production build leaves out.
  [/const (DEV_MODE|ENABLE_EXTRA_SECURITY_HOOKS|ENABLE_SHADYDOM_NOPATCH) = true/g, 'const $1 = false'],
  [/const getTemplateHtml = [^]*?\n};/, scanner],
  [/const (textEndRegex|tagEndRegex) = .*\n.*/g, ''],
  [/type === (SVG_RESULT|MATHML_RESULT)/g, never],
  ["typeof type === 'number'", always],
  ['const tag = (type) =>', 'export const html ='],
  [/(\['_\$litType\$'\]: )type/, '$1HTML_RESULT'],
  [/export const (html|svg|mathml) = tag\(.*/g, ''],
  [/const isIterable = [^;]*;/, 'const isIterable = isArray;'],
  // Raw text, comments and element parts.
  [/rawTextElement\.test\([^)]*\)/g, never],
  ['name.startsWith(marker)', never],
  ['if (node.hasAttributes())', ''],
  [' && parts.length < partCount', ''],
  ['const partCount = strings.length - 1;', ''],
  ['(i = node.data.indexOf(marker, i + 1)) !== -1', never],
  // Two kinds of parts are left: an attribute's has its constructor.
  [/let partIndex = 0;[^]*?while \(templatePart[^]*?\n        }/, parts],
  [/type: (CHILD|ATTRIBUTE)_PART,/g, ''],
  // Attributes of several bindings.
  [/if \(strings\.length > 2 [^]*?}\s+else {\s+this\._\$committedValue = nothing;\s+}/, ''],
  [/_update\(values\) {[^]*?\n    }/, '_update(values) { this._$parts.forEach((part, i) => part._$setValue(values[i])); }'],
  ['strings: statics,', ''],
  [/const (value = node\.getAttribute|statics = value\.split).*/g, ''],
  [/const strings = this\.strings;/, ''],
  [/\(element, name, strings, /g, '(element, name, '],
  [/, (directiveParent = this|valueIndex|noCommit)/g, ''],
  // Values are compared, and listeners are functions for ever.
  [/let change = false;[^]*?this\._commitValue\(value\);\s+}/, 'if (value !== this._$committedValue) this._commitValue(this._$committedValue = value);'],
  [/newListener =\s+resolveDirective[^]*?this\._\$committedValue = newListener;/, 'if (this._$committedValue === nothing) this.element.addEventListener(this.name, event => this._$committedValue.call(this.element, event)); this._$committedValue = newListener;'],
  // Directives, and who wants to know whether a part is connected.
  [/function resolveDirective\([^]*?\n}/, ''],
  [/resolveDirective\(this, (value)[^)]*\)/g, '$1'],
  [/value !== noChange/g, always],
  [/get (_\$isConnected|tagName|parentNode|startNode|endNode)\(\) {[^]*?\n    }/g, ''],
  [/setConnected\(isConnected\) {[^]*?\n    }/, ''],
  [/this\._\$notifyConnectionChanged\?\.\(.*/g, ''],
  [/this\.(_\$disconnectableChildren|__isConnected|type|options) = .*/g, ''],
  // Options of `render` and of listeners.
  ['const render = (value, container, options) =>', 'const render = (value, container) =>'],
  [/(options|this\.options)\?\.(creationScope|host|renderBefore) \?\?/g, ''],
  [/, (this\.)?options\)/g, ')'],
  [/, (this|parent)\)/g, ')'],
  [/this\._\$parent = parent;/g, ''],
  ['_clone(this.options)', '_clone()'],
  [/constructor\(\) {\s+super\(\.\.\.arguments\);\s+}/g, ''],
  [/\bwrap\(/g, '('],
  [', undefined, options ?? {})', ')'],
  [/handleEvent\(event\) {[^]*?}\s+}\s+}/, '}'],
  [/constructor\(element, name\) {\s+super[^]*?\n    }/, ''],
  [/export const _\$LH = {[^]*?};/, ''],
  [/const polyfillSupport = [^]*?;/, ''],
  [/polyfillSupport\?\..*/, ''],
  [/\(global\.litHtmlVersions \?\?= \[\]\)\.push.*/, ''],
];

export function less(code) {
  for (const [from, to] of cuts) {
    const shorter = code.replace(from, to);
    if (shorter === code) throw new Error(`Lit has changed: there is no ${from} to cut. See lit.mjs.`);
    code = shorter;
  }
  return code;
}

/** Refuses what the cut scanner and parts do not know. */
export function checkTemplate(code, file) {
  for (const [what, pattern] of [
    ['a binding within quotes', /\s[\w.?@-]+="[^"`>]*\$\{/], ['a comment', /`[^`]*<!--/], ['raw text', /<(script|style|textarea|title)\b/], ['a directive', /from 'lit\/directive/],
    ['`svg`, `mathml` or `noChange`', /import {[^}]*\b(svg|mathml|noChange)\b[^}]*} from 'lit/],
  ]) if (pattern.test(code)) throw new Error(`${file}: ${what} is cut out of Lit, see lit.mjs.`);
}
