import { render } from 'lit/html.js';

/** A custom element that shows a Lit template in its shadow and renders once per turn, however much changed. */
export abstract class Shown extends HTMLElement {
  /** Attributes, each with a property of its name in camel case; true: a switch that is there or not. */
  static attributes: Record<string, boolean> = {};
  /** Properties without an attribute. */
  static properties: string[] = [];
  static styles: string[] = [];
  static #sheets = new WeakMap<string[], CSSStyleSheet>();
  static get observedAttributes(): string[] { return Object.keys(this.attributes); }

  readonly shadow = this.attachShadow({ mode: 'open' });
  #queued = false;

  constructor() {
    super();
    const { styles } = this.constructor as typeof Shown;
    let sheet = Shown.#sheets.get(styles);
    if (!sheet) {
      Shown.#sheets.set(styles, sheet = new CSSStyleSheet());
      sheet.replaceSync(styles.join(''));
    }
    this.shadow.adoptedStyleSheets = [sheet];
  }

  static define(name: string): void {
    if (customElements.get(name)) return;
    for (const [attribute, isSwitch] of Object.entries(this.attributes)) {
      Object.defineProperty(this.prototype, camel(attribute), {
        get(this: Shown) { return isSwitch ? this.hasAttribute(attribute) : this.getAttribute(attribute) ?? undefined; },
        set(this: Shown, value: unknown) {
          if (isSwitch ? !value : value == null) this.removeAttribute(attribute);
          else this.setAttribute(attribute, isSwitch ? '' : String(value));
        },
      });
    }
    for (const name of this.properties) {
      const values = new WeakMap<Shown, unknown>();
      Object.defineProperty(this.prototype, name, {
        get(this: Shown) { return values.get(this); },
        set(this: Shown, value: unknown) { values.set(this, value); this.changed(); },
      });
    }
    customElements.define(name, this as unknown as CustomElementConstructor);
  }

  connectedCallback(): void {
    // What a framework set before this class was known hides the accessors.
    const { attributes, properties } = this.constructor as typeof Shown;
    for (const name of [...Object.keys(attributes).map(camel), ...properties]) {
      if (!Object.hasOwn(this, name)) continue;
      const own = this as unknown as Record<string, unknown>, value = own[name];
      delete own[name];
      own[name] = value;
    }
    this.changed();
  }

  attributeChangedCallback(): void { this.changed(); }

  /** Something is to be shown anew, soon. */
  readonly changed = (): void => {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      if (!this.isConnected) return;
      this.prepare();
      render(this.template(), this.shadow);
      this.settle();
    });
  };

  protected prepare(): void {}
  protected abstract template(): unknown;
  protected settle(): void {}

  protected find<T extends HTMLElement = HTMLElement>(selector: string): T { return this.shadow.querySelector<T>(selector)!; }
}

const camel = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
