import { render } from 'lit/html.js';

/** How a property is kept: as an attribute, as an attribute that is there or not, or without one. */
export const text = 0, flag = 1, own = 2;
export type Kept = typeof text | typeof flag | typeof own;

/**
 * A custom element that shows a Lit template in its shadow and renders once per turn, however much changed.
 *
 * Names that begin with `_` are the elements' own, here and in all files: the bundle makes them short.
 */
export abstract class Shown extends HTMLElement {
  /** By the attribute's name; the property's is the same in camel case. */
  static properties: Record<string, Kept> = {};
  static styles = '';
  static _sheet: CSSStyleSheet;
  static get observedAttributes(): string[] { return Object.keys(this.properties); }

  readonly _root = this.attachShadow({ mode: 'open' });
  readonly _values: Record<string, unknown> = {};
  #queued = false;

  constructor() {
    super();
    this._root.adoptedStyleSheets = [(this.constructor as typeof Shown)._sheet];
  }

  static define(name: string): void {
    if (customElements.get(name)) return;
    (this._sheet = new CSSStyleSheet()).replaceSync(this.styles);
    for (const [attribute, kept] of Object.entries(this.properties)) {
      Object.defineProperty(this.prototype, camel(attribute), {
        get(this: Shown) {
          return kept === own ? this._values[attribute] : kept === flag ? this.hasAttribute(attribute) : this.getAttribute(attribute) ?? undefined;
        },
        set(this: Shown, value: unknown) {
          if (kept === own) this._values[attribute] = value;
          else if (kept === flag) this.toggleAttribute(attribute, !!value);
          else if (value == null) this.removeAttribute(attribute);
          else this.setAttribute(attribute, value as string);
          this._changed();
        },
      });
    }
    customElements.define(name, this as unknown as CustomElementConstructor);
  }

  connectedCallback(): void {
    // What a framework set before this class was known hides the accessors.
    const set = this as unknown as Record<string, unknown>;
    for (const name of Object.keys((this.constructor as typeof Shown).properties).map(camel)) {
      if (!Object.hasOwn(this, name)) continue;
      const value = set[name];
      delete set[name];
      set[name] = value;
    }
    this._changed();
  }

  attributeChangedCallback(): void { this._changed(); }

  /** Something is to be shown anew, soon. */
  readonly _changed = (): void => {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      if (!this.isConnected) return;
      this._prepare();
      render(this._template(), this._root);
      this._settle();
    });
  };

  abstract _prepare(): void;
  abstract _template(): unknown;
  abstract _settle(): void;

  _find(selector: string): HTMLElement { return this._root.querySelector<HTMLElement>(selector)!; }
}

const camel = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
