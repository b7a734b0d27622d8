import { html, nothing } from 'lit/html.js';
import { bellStyles } from './bell.css.js';
import { flag, text, type Kept } from './base.js';
import { InboxElement } from './element.js';
import { fill } from './words.js';

/** A bell with a badge; the list opens under it, and over the whole of a small screen. */
export class InboxBell extends InboxElement {
  static override properties: Record<string, Kept> = { ...InboxElement._listing, open: flag, badge: text };
  static override styles = bellStyles;

  declare open: boolean;
  /** What the badge counts: what is new since the list was open (default), or `unread`. */
  declare badge: string | undefined;

  #wasOpen = false;

  get #panel(): HTMLElement { return this._find('.panel'); }
  get #button(): HTMLElement { return this._find('.bell'); }

  override disconnectedCallback(): void {
    this.open = false;
    super.disconnectedCallback();
  }

  override _settle(): void {
    super._settle();
    // Only what was set from outside: what the person did is told by an event that comes later.
    if (this.open !== this.#wasOpen && this.open !== this.#panel.matches(':popover-open')) this.#panel.togglePopover(this.open);
    this.#wasOpen = this.open;
  }

  #toggled = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    for (const name of ['resize', 'scroll']) (this.open ? addEventListener : removeEventListener)(name, this.#place, { passive: true });
    if (this.open) this._clicked();
  };

  /** Under the bell, and within the window. */
  #place = (): void => {
    const panel = this.#panel, bell = this.#button.getBoundingClientRect();
    const width = panel.offsetWidth, space = innerHeight - bell.bottom - 16;
    const above = space < 320 && bell.top > space;
    const wished = getComputedStyle(this).direction === 'rtl' ? bell.left : bell.right - width;
    panel.style.left = `${Math.max(8, Math.min(wished, document.documentElement.clientWidth - width - 8))}px`;
    panel.style.top = above ? 'auto' : `${bell.bottom + 8}px`;
    panel.style.bottom = above ? `${innerHeight - bell.top + 8}px` : 'auto';
    panel.style.setProperty('--room', `${above ? bell.top - 16 : space}px`);
  };

  override _template(): unknown {
    const { _text: text, _snapshot: { counts } } = this;
    const isUnread = this.badge === 'unread', count = isUnread ? counts.unread : counts.unseen;
    const label = count ? `${text.inbox}, ${isUnread ? `${text.unread}: ${count}` : fill(text.fresh, count)}` : text.inbox;
    return html`
      <button class="bell" part="bell" popovertarget="panel" aria-haspopup="dialog" aria-label=${label}>
        <slot name="icon"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2.8a6.2 6.2 0 0 0-6.2 6.2v3.4L4.2 15.6a1.2 1.2 0 0 0 1 1.8h13.6a1.2 1.2 0 0 0 1-1.8l-1.6-3.2V9A6.2 6.2 0 0 0 12 2.8Zm-2.6 16a2.7 2.7 0 0 0 5.2 0Z"/></svg></slot>
        ${count ? html`<span class="badge" part="badge" aria-hidden="true">${count > 99 ? '99+' : count}</span>` : nothing}
      </button>
      <div id="panel" class="panel" part="panel" popover role="dialog" aria-label=${text.inbox} @toggle=${this.#toggled} @beforetoggle=${(event: ToggleEvent) => event.newState === 'open' && requestAnimationFrame(this.#place)}>
        ${this.open ? html`<inbox-list exportparts="header, row, action, choice, acted, avatar, toast, pill, empty, search, menu" .inbox=${this.store} .words=${this.words} lang=${this._language} .pictures=${this.pictures} .flat=${this.flat} .noSearch=${this.noSearch} .theme=${this.theme} .undoTime=${this.undoTime}>
          <slot name="heading" slot="heading"><strong class="heading">${text.inbox}</strong></slot>
          <button slot="end" class="icon close" popovertarget="panel" popovertargetaction="hide" aria-label=${text.close}></button>
        </inbox-list>` : nothing}
      </div>
      <span class="announce" aria-live="polite">${this.open ? '' : this._announcement}</span>`;
  }
}
