import { html, nothing } from 'lit/html.js';
import { own, text, type Kept } from './base.js';
import { InboxElement } from './element.js';
import { more } from './more.js';
import { theme } from './theme.css.js';

/** A type that a person may switch off; one that ends with `*` stands for all that begin so. */
export interface ChoosableType { readonly type: string; readonly label: string }
/** A further way by which the application sends notifications (`email`). */
export interface ChoosableChannel { readonly id: string; readonly label: string }

/** What a person wants to hear of, and when. What it shows is in the second file; this loads it. */
export class InboxPreferences extends InboxElement {
  static override properties: Record<string, Kept> = { url: text, token: text, user: text, lang: text, theme: text, getToken: own, inbox: own, words: own, types: own, channels: own };
  static override styles = theme;

  /** What there is to choose from; as an attribute it is JSON. */
  declare types: readonly ChoosableType[] | undefined;
  declare channels: readonly ChoosableChannel[] | undefined;

  #panel: (() => unknown) | undefined;
  #isMissing = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#load();
  }

  #load = (): void => {
    this.#isMissing = false;
    void more().then(it => { this.#panel ??= it._preferences(this); }, () => { this.#isMissing = true; }).then(this._changed);
  };

  override _template(): unknown {
    const { _text: text } = this;
    return this.#panel?.() ?? html`<p role="status">${this.#isMissing ? text.missing : text.loading}</p>${this.#isMissing ? html`<button @click=${this.#load}>${text.retry}</button>` : nothing}`;
  }
}
