import { html, nothing } from 'lit/html.js';
import { InboxElement } from './element.js';
import { more, type More } from './more.js';
import { theme } from './theme.css.js';

/** An element that shows what is in the second file; this loads it. */
export abstract class LaterElement extends InboxElement {
  static override styles = theme;

  #panel: (() => unknown) | undefined;
  #isMissing = false;

  /** @returns what is shown now, each time it is called */
  abstract _open(file: More): () => unknown;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#load();
  }

  #load = (): void => {
    this.#isMissing = false;
    void more().then(it => { this.#panel ??= this._open(it); }, () => { this.#isMissing = true; }).then(this._changed);
  };

  override _template(): unknown {
    const { _text: text } = this;
    return this.#panel?.() ?? html`<p role="status">${this.#isMissing ? text.missing : text.loading}</p>${this.#isMissing ? html`<button @click=${this.#load}>${text.retry}</button>` : nothing}`;
  }
}
