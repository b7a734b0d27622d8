import type { Item, ListStatus } from '@orleans-inbox/client';
import { compareIds } from '@orleans-inbox/client';
import { html, nothing, render } from 'lit/html.js';
import { InboxElement } from './element.js';
import { Heights } from './heights.js';
import { listStyles } from './list.css.js';
import { rowTemplate, type Look, type Verb } from './row.js';
import { toRows, type Row } from './rows.js';
import { fill } from './words.js';
import { Swiping } from './swipe.js';

const overscan = 400;
const swiped = { read: 'toggle-read', archive: 'toggle-archived', remove: 'delete' } as const;
const tabs = ['inbox', 'unread', 'archived'] as const;

/** What can be taken back for a while. */
interface Undo {
  readonly words: string;
  readonly back: () => void;
  /** What is done once the time is over. */
  readonly commit?: () => void;
}

/** The notifications of an inbox; only the rows that can be seen, and some around them, exist. */
export class InboxList extends InboxElement {
  static override styles = listStyles;

  #rows: Row[] = [];
  #heights = new Heights(76);
  #made: unknown[] = [];
  #scrollTop = 0;
  /** Where the list is to be scrolled to once it is laid out. */
  #target: number | undefined;
  #height = 600;
  #width = 0;
  /** The rows on the screen, and how far from its upper edge: the first that is left stays where it is. */
  #anchors: [key: string, offset: number][] = [];
  #newest = '';
  #tab: ListStatus = 'inbox';
  #open = new Set<string>();
  /** Deleted here, and not yet at the server: it can be undone. */
  #gone = new Set<string>();
  #undo: Undo | undefined;
  #undoTimer: ReturnType<typeof setTimeout> | undefined;
  #shown = new Map<string, HTMLElement>();
  #active = '';
  #focus: { at: number; verb: string } | undefined;
  /** Came in a moment ago: they may move into their place. */
  #arrivals = new Set<string>();
  #note = '';
  #onScreen = false;
  #looked = '';
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #tick: ReturnType<typeof setInterval> | undefined;
  #swiping = new Swiping((element, swipe) => this.#act(swiped[swipe], this.#rowOf(element)),
    (element, swipe) => this.#wordsOf(this.#rowOf(element))[swiped[swipe]]);
  #watched: HTMLElement | undefined;
  #sizes = new ResizeObserver(() => {
    const scroll = this.#scroll;
    if (scroll.clientWidth !== this.#width) this.#heights.forget();
    [this.#width, this.#height] = [scroll.clientWidth, scroll.clientHeight];
    this.changed();
  });
  #sight = new IntersectionObserver(entries => { this.#onScreen = entries.at(-1)!.isIntersecting; this.#lookSoon(); }, { threshold: 0.25 });
  #leaving = (): void => {
    if (document.visibilityState === 'hidden') this.#commit();
    else this.changed();
  };

  get #scroll(): HTMLElement { return this.find('.scroll'); }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#tick = setInterval(this.changed, 20_000);
    document.addEventListener('visibilitychange', this.#leaving);
    addEventListener('pagehide', this.#commit);
    this.#sight.observe(this);
  }

  override disconnectedCallback(): void {
    clearInterval(this.#tick);
    clearTimeout(this.#lookTimer);
    document.removeEventListener('visibilitychange', this.#leaving);
    removeEventListener('pagehide', this.#commit);
    this.#sight.disconnect();
    this.#sizes.disconnect();
    this.#watched = undefined;
    this.#commit();
    super.disconnectedCallback();
  }

  // ---- what is where

  protected override prepare(): void {
    const before = this.store;
    super.prepare();
    if (this.#scroll && this.#target === undefined) this.#scrollTop = this.#scroll.scrollTop; // newer than its last event
    this.#remember();
    if (this.store !== before) {
      this.#tab = this.snapshot.filter.status ?? 'inbox';
      this.#home();
    }
    const made = [this.snapshot.items, this.#gone, this.#open, this.flat];
    if (made.every((part, at) => part === this.#made[at])) return;
    this.#made = made;
    const at = this.#heights.indexOf(this.#active);
    this.#rows = toRows(this.#gone.size ? this.snapshot.items.filter(item => !this.#gone.has(item.id)) : this.snapshot.items, this.#open, this.flat);
    this.#heights.lay(this.#rows.map(row => row.key));
    this.#keepPlace();
    if (this.#heights.indexOf(this.#active) < 0) this.#activeLeft(at);
  }

  /** The row that had the focus is gone: its neighbour is next. */
  #activeLeft(at: number): void {
    const focused = this.shadow.activeElement as HTMLElement | null;
    const next = this.#rows[Math.min(Math.max(at, 0), this.#rows.length - 1)];
    this.#active = next?.key ?? '';
    if (focused?.closest('.item')) this.#focus = { at: next ? this.#rows.indexOf(next) : -1, verb: focused.dataset.verb ?? '' };
  }

  #keepPlace(): void {
    if (this.#scrollTop < 4) return;
    for (const [key, offset] of this.#anchors) {
      const at = this.#heights.indexOf(key);
      if (at < 0) continue;
      return this.#scrollTo(this.#heights.top(at) - offset);
    }
  }

  #window(): [from: number, to: number] {
    return this.#rows.length
      ? [this.#heights.at(this.#scrollTop - overscan), this.#heights.at(this.#scrollTop + this.#height + overscan) + 1]
      : [0, 0];
  }

  #scrollTo(top: number): void {
    this.#target = this.#scrollTop = Math.max(0, top);
  }

  #home(): void {
    this.#anchors = [];
    this.#scrollTo(0);
    this.#newest = '';
  }

  #remember(): void {
    const first = this.#heights.at(this.#scrollTop), last = this.#heights.at(this.#scrollTop + this.#height);
    this.#anchors = this.#rows.slice(first, last + 1).map((row, at) => [row.key, this.#heights.top(first + at) - this.#scrollTop]);
  }

  protected override settle(): void {
    super.settle();
    const scroll = this.#scroll;
    if (this.#watched !== scroll) this.#sizes.observe(this.#watched = scroll);
    this.#placeRows();
    const moved = this.#heights.learn([...this.shadow.querySelectorAll<HTMLElement>('.item')].map(row => [row.dataset.key!, row.offsetHeight]));
    if (moved) { this.#keepPlace(); this.changed(); }
    if (this.#target !== undefined) {
      scroll.scrollTop = this.#target;
      this.#scrollTop = scroll.scrollTop;
      this.#target = undefined;
    }
    if (this.#scrollTop < 4) this.#newest = this.snapshot.items[0]?.id ?? '';
    if (this.#focus && !moved) this.#moveFocus(this.#focus);
    const { hasMore, loading, loaded, error } = this.snapshot;
    if (hasMore && loaded && !loading && !error && this.#height && this.#scrollTop + this.#height + 2 * overscan > this.#heights.total) void this.store?.loadMore();
    this.#lookSoon();
  }

  #moveFocus({ at, verb }: { at: number; verb: string }): void {
    this.#focus = undefined;
    const row = this.shadow.querySelector<HTMLElement>(`[data-key="${this.#rows[at]?.key ?? ''}"]`);
    ((verb && row?.querySelector<HTMLElement>(`[data-verb=${verb}]`)) || row || this.#scroll).focus({ preventScroll: true });
  }

  #rowOf(element: HTMLElement): Row { return this.#rows[this.#heights.indexOf(element.dataset.key!)]!; }

  #wordsOf({ item, members }: Row): Record<'toggle-read' | 'toggle-archived' | 'delete', string> {
    const { text } = this;
    return {
      'toggle-read': members.some(member => !member.read) ? text.read : text.unreadAgain,
      'toggle-archived': item.archived ? text.unarchive : text.archive,
      delete: text.remove,
    };
  }

  // ---- what the person does

  #act = (verb: Verb, row: Row, event?: Event): void => {
    const { store } = this;
    const ids = row.members.map(member => member.id);
    if (!store || !row || (event?.type === 'click' && this.#swiping.swiped)) return event?.preventDefault();
    const group = row.item.group!;
    // The older ones of an opened group stand for themselves.
    const one = this.#open.has(group) && !row.inside ? [row.item.id] : ids;
    if (verb === 'fold') {
      this.#open = new Set(this.#open);
      if (!this.#open.delete(group)) this.#open.add(group);
    } else if (verb === 'open') {
      const allowed = this.dispatchEvent(new CustomEvent('inbox-open', { detail: row.item, bubbles: true, composed: true, cancelable: true }));
      if (!allowed) event?.preventDefault();
      if (!row.item.read) void store.markRead(row.item.id);
    } else if (verb === 'toggle-read') {
      const unread = row.members.filter(member => !member.read).map(member => member.id);
      void (unread.length ? store.markRead(one.length > 1 ? unread : one) : store.markUnread(one));
    } else if (verb === 'toggle-archived') {
      const there = row.item.archived;
      void (there ? store.unarchive(one) : store.archive(one));
      this.#offer({ words: there ? this.text.didUnarchive : this.text.didArchive, back: () => void (there ? store.archive(one) : store.unarchive(one)) });
    } else {
      const show = () => { this.#gone = new Set([...this.#gone].filter(id => !one.includes(id))); this.changed(); };
      this.#offer({
        words: this.text.didRemove,
        back: show,
        commit: () => void store.remove(one).then(show), // hidden until the server has said so
      });
      this.#gone = new Set([...this.#gone, ...one]);
    }
    this.changed();
  };

  #offer(undo: Undo): void {
    this.#commit();
    this.#undo = undo;
    this.#note = '';
    this.#hold();
  }

  /** The time to take it back starts anew. */
  #hold = (): void => {
    clearTimeout(this.#undoTimer);
    this.#undoTimer = setTimeout(() => { this.#note = ''; this.#commit(); }, +(this.undoTime ?? 6_000));
  };

  #commit = (): void => {
    const undo = this.#undo;
    this.#undo = undefined;
    undo?.commit?.();
    this.changed();
  };

  #takeBack = (): void => {
    this.#undo?.back();
    this.#undo = undefined;
    this.changed();
    this.#focus = { at: this.#heights.indexOf(this.#active), verb: '' };
  };

  protected override refused(): void {
    this.#undo = undefined;
    this.#note = this.text.refused;
    this.#hold();
    this.changed();
  }

  protected override arrived(item: Item): void {
    super.arrived(item);
    this.#arrivals.add(item.id);
    setTimeout(() => this.#arrivals.delete(item.id), 1_000);
  }

  #show(status: ListStatus): void {
    this.#commit();
    this.clicked();
    this.#tab = status;
    this.#home();
    const { type, group } = this.snapshot.filter;
    void this.store?.setFilter({ type, group, status });
    this.changed();
  }

  #top = (): void => {
    this.#home();
    this.#focus = { at: 0, verb: '' };
    this.#active = this.#rows[0]?.key ?? '';
    this.changed();
  };

  #key = (event: KeyboardEvent): void => {
    if (event.altKey || event.shiftKey) return;
    if (event.key === 'z' && this.#undo) { event.preventDefault(); return this.#takeBack(); }
    const at = this.#heights.indexOf(this.#active), row = this.#rows[at];
    if (event.ctrlKey || event.metaKey || !row || !(event.target as Element).closest('.item')) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.#rows.length - 1 }[event.key];
    const verb = { r: 'toggle-read', e: 'toggle-archived', Delete: 'delete', Backspace: 'delete' }[event.key] as Verb | undefined;
    if (to !== undefined) this.#goTo(Math.min(Math.max(to, 0), this.#rows.length - 1));
    else if (verb) this.#act(verb, row);
    else if (event.key === 'Enter' && (event.target as Element).matches('.item')) this.shadow.querySelector<HTMLElement>(`[data-key="${row.key}"] .title`)?.click();
    else return;
    event.preventDefault();
  };

  #goTo(at: number): void {
    const top = this.#heights.top(at), bottom = this.#heights.top(at + 1);
    if (top < this.#scrollTop) this.#scrollTo(top);
    else if (bottom > this.#scrollTop + this.#height) this.#scrollTo(bottom - this.#height);
    this.#anchors = [];
    this.#active = this.#rows[at]!.key;
    this.#focus = { at, verb: '' };
    this.changed();
  }

  #focused = (event: FocusEvent): void => {
    const key = (event.target as Element).closest<HTMLElement>('.item')?.dataset.key;
    if (!key || key === this.#active) return;
    this.#active = key;
    this.changed();
  };

  /** What stands on a visible screen for a moment has been seen. */
  #lookSoon(): void {
    const { unseen, head } = this.snapshot.counts;
    clearTimeout(this.#lookTimer);
    if (!unseen || !this.#onScreen || this.#looked === head || document.visibilityState === 'hidden' || this.#tab === 'archived' || this.#fresh()) return;
    this.#lookTimer = setTimeout(() => {
      this.#looked = head ?? '';
      void this.store?.markSeen(head ?? undefined);
    }, 2_000);
  }

  /** How many came in above what is on the screen. */
  #fresh(): number {
    if (this.#scrollTop < 4 || !this.#newest) return 0;
    const { items } = this.snapshot;
    const at = items.findIndex(item => compareIds(item.id, this.#newest) <= 0);
    return at < 0 ? 0 : at;
  }

  // ---- what is shown

  protected override template(): unknown {
    const { snapshot, text } = this;
    const { counts, status, loaded, loading, error } = snapshot;
    const unread = counts.unread - (this.#gone.size ? snapshot.items.filter(item => !item.read && !item.archived && this.#gone.has(item.id)).length : 0);
    const fresh = this.#fresh();
    const busy = !this.#rows.length && status !== 'signed-out' && !error && (!loaded || loading);
    return html`
      <header part="header">
        <div class="top">
          <slot name="heading"><strong class="heading">${text.inbox}</strong></slot>
          <span class="state" part="state" role="status" data-state=${status} title=${text[status]}><span class="state-text">${text[status]}</span></span>
          <slot name="end"></slot>
        </div>
        <div class="bar">
          <div class="filters" part="filters" role="group" aria-label=${text.inbox}>${tabs.map(tab => html`
            <button type="button" aria-pressed=${this.#tab === tab} @click=${() => this.#show(tab)}>${text[tab === 'inbox' ? 'all' : tab]}${tab === 'unread' ? html` <span class="unread">${unread}</span>` : nothing}</button>`)}
          </div>
          <button type="button" class="icon all-read" part="action" title=${text.allRead} aria-label=${text.allRead} ?disabled=${!unread} @click=${() => void this.store?.markRead({ all: true })}></button>
        </div>
      </header>
      <div class="body-of-list">
        <button type="button" class="pill" part="pill" ?hidden=${!fresh} @click=${this.#top}>${fill(text.fresh, fresh)}</button>
        <div class="scroll" part="scroll" tabindex="-1" @scroll=${this.changed} @keydown=${this.#key} @focusin=${this.#focused}
          @pointerdown=${this.#swiping.handle} @pointermove=${this.#swiping.handle} @pointerup=${this.#swiping.handle} @pointercancel=${this.#swiping.handle}>
          <div class="items" part="list" role="feed" aria-label=${text.inbox} aria-busy=${busy || loading}></div>
          ${busy || (loading && snapshot.hasMore) ? html`<div class="skeleton" part="skeleton" role="img" aria-label=${text.loading}>${[1, 2, 3, 4].slice(busy ? 0 : 3).map(() => html`<i></i>`)}</div>` : nothing}
          ${busy || this.#rows.length || (snapshot.hasMore && !error) ? nothing : this.#empty()}
        </div>
        <div class="toast" part="toast" role="status" ?hidden=${!this.#undo && !this.#note} @pointerenter=${this.#hold} @focusin=${this.#hold}>
          <span>${this.#undo?.words ?? this.#note}</span>${this.#undo ? html`<button type="button" class="undo" @click=${this.#takeBack}>${text.undo}</button>` : nothing}
        </div>
      </div>
      <p class="announce" aria-live="polite">${this.announcement}</p>`;
  }

  /** Each row keeps its element, with the focus and the finger on it, while others come and go. */
  #placeRows(): void {
    const list = this.find('.items');
    const look: Look = {
      text: this.text, language: this.language, pictures: this.pictures !== 'off', act: this.#act,
      format: new Intl.RelativeTimeFormat(this.language, { numeric: 'auto', style: 'short' }),
    };
    const size = this.snapshot.hasMore ? -1 : this.#rows.length;
    const [from, to] = this.#window();
    const active = this.#heights.indexOf(this.#active);
    const places = Array.from({ length: to - from }, (_, at) => from + at);
    // The row with the focus is kept wherever it is: the focus must not fall back to the page's top.
    if (active >= 0 && (active < from || active >= to)) places[active < from ? 'unshift' : 'push'](active);
    const shown = new Map<string, HTMLElement>();
    let next = list.firstElementChild;
    for (const at of places) {
      const row = this.#rows[at]!, { item, members } = row;
      const element = this.#shown.get(row.key) ?? Object.assign(document.createElement('article'), { part: 'row' });
      shown.set(row.key, element);
      if (element === next) next = next.nextElementSibling;
      else list.insertBefore(element, next);
      const unread = members.some(member => !member.read);
      element.className = `item${unread ? ' unread-item' : ''}${row.inside ? ' inside' : ''}${this.#scrollTop < 4 && this.#arrivals.has(row.key) ? ' fresh' : ''}`;
      element.tabIndex = at === active ? 0 : -1;
      element.style.top = `${this.#heights.top(at)}px`;
      element.dataset.key = row.key;
      Object.assign(element, { ariaPosInSet: at + 1, ariaSetSize: size, ariaLabel: unread ? fill(this.text.unreadItem, item.title) : item.title });
      render(rowTemplate(row, look, this.#wordsOf(row), { active: at === active, open: this.#open.has(item.group!) && !row.inside }), element);
    }
    for (const [key, element] of this.#shown) if (!shown.has(key)) element.remove();
    this.#shown = shown;
    list.style.height = `${this.#heights.total}px`;
  }

  #empty(): unknown {
    const { text, snapshot } = this;
    const [title, hint] = snapshot.error ? [text.failed, snapshot.error.message]
      : snapshot.status === 'signed-out' ? [text['signed-out'], '']
      : this.#tab === 'unread' ? [text.noneUnread, text.noneHint]
      : this.#tab === 'archived' ? [text.noneArchived, ''] : [text.none, text.noneHint];
    return html`<div class="empty" part="empty"><strong>${title}</strong><span>${hint}</span>
      ${snapshot.error ? html`<button type="button" @click=${() => void this.store?.reload()}>${text.retry}</button>` : nothing}</div>`;
  }
}
