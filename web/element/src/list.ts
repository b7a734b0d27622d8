import { compareIds, type Choice, type Filter, type Item, type ListStatus } from '@orleans-inbox/client';
import { html, nothing } from 'lit/html.js';
import { openActions } from './actions.js';
import { InboxElement } from './element.js';
import { emptyTemplate, headerTemplate, searchTemplate, skeletonTemplate } from './list.view.js';
import { listStyles } from './list.css.js';
import { placeRows } from './placing.js';
import { wordsOf, type Verb } from './row.js';
import { toRows, type Row } from './rows.js';
import { followSwipes } from './swipe.js';
import { openToast } from './toast.js';
import { openViewport } from './viewport.js';
import { fill, formatOf } from './words.js';

/** The notifications of an inbox; only the rows that can be seen, and some around them, exist. */
export class InboxList extends InboxElement {
  static override properties = InboxElement._listing;
  static override styles = listStyles;

  #rows: Row[] = [];
  /** What the rows were made of. */
  #made: unknown[] = [];
  #view = openViewport();
  /** The newest when the list was last at its upper end. */
  #newest = '';
  #tab: ListStatus = 'inbox';
  /** Whether there is a field for a search, and what of its text the filter has. */
  #isSearching = false;
  #q: string | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #open = new Set<string>();
  #toast = openToast(() => +this.undoTime! >= 0 ? +this.undoTime! : 6_000, this._changed);
  #actions = openActions(this, this.#toast);
  /** The key of the row that has, or had, the focus. */
  #active = '';
  /** Where the focus goes once the rows are there. */
  #focus: { at: number; verb: string } | undefined;
  /** Came in a moment ago: they may move into their place. */
  #arrivals = new Set<string>();
  #isOnScreen = false;
  #looked: string | null = '';
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #tick: ReturnType<typeof setInterval> | undefined;
  #swiping = followSwipes((element, swipe) => this.#act(swipe, this.#rowOf(element)), (element, swipe) => wordsOf(this.#rowOf(element), this._text)[swipe]);
  #sizes = new ResizeObserver(() => {
    this.#view._resize(this.#scroll);
    this._changed();
  });
  #watched: HTMLElement | undefined;
  #sight = new IntersectionObserver(entries => { this.#isOnScreen = entries.at(-1)!.isIntersecting; this.#lookSoon(); }, { threshold: 0.25 });
  #leaving = (): void => (document.hidden ? this.#toast._commit : this._changed)();

  get #scroll(): HTMLElement { return this._find('.scroll'); }
  get #at(): number { return this.#indexOf(this.#active); }
  #indexOf(key: string): number { return this.#view._heights._indexOf(key); }
  #rowOf(element: HTMLElement): Row { return this.#rows[this.#indexOf(element.dataset.key!)]!; }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#tick = setInterval(this._changed, 20_000);
    document.addEventListener('visibilitychange', this.#leaving);
    addEventListener('pagehide', this.#toast._commit, true); // before the inbox hears it, which sends all then
    this.#sight.observe(this);
  }

  override disconnectedCallback(): void {
    clearInterval(this.#tick);
    clearTimeout(this.#lookTimer);
    document.removeEventListener('visibilitychange', this.#leaving);
    removeEventListener('pagehide', this.#toast._commit, true);
    this.#sight.disconnect();
    this.#sizes.disconnect();
    this.#watched = undefined;
    this.#toast._commit();
    // The inbox may outlive the list, as the bell's does.
    this.#isSearching = false;
    this.#search();
    super.disconnectedCallback();
  }

  // ---- what is there, and where

  override _prepare(): void {
    const before = this.store;
    super._prepare();
    this.#view._look(this.#scroll);
    if (this.store !== before) {
      this.#tab = this._snapshot.filter.status ?? 'inbox';
      this.#home();
    }
    const { items, filter } = this._snapshot;
    // Another inbox, or the application has set another filter: it is no longer ours to take away.
    if (filter.q !== this.#q) {
      this.#q = undefined;
      this.#isSearching = false;
    }
    const made = [items, this.#actions._gone(), this.#open, this.flat];
    if (made.every((part, at) => part === this.#made[at])) return;
    this.#made = made;
    const at = this.#at;
    this.#rows = toRows(items.filter(item => !this.#actions._isGone(item)), this.#open, this.flat);
    this.#view._lay(this.#rows.map(row => row.key));
    if (this.#at < 0) this.#activeLeft(at);
  }

  /** The row that had the focus is gone: its neighbour is next. */
  #activeLeft(was: number): void {
    const focused = this._root.activeElement as HTMLElement | null;
    const at = Math.min(Math.max(was, 0), this.#rows.length - 1);
    this.#active = this.#rows[at]?.key ?? '';
    if (focused?.closest('.item')) this.#focus = { at, verb: focused.dataset.verb ?? '' };
  }

  #home(): void {
    this.#view._home();
    this.#newest = '';
  }

  override _settle(): void {
    super._settle();
    const { items, hasMore, loading, loaded, error } = this._snapshot;
    const scroll = this.#scroll, view = this.#view, list = this._find('.items'), focused = this._root.activeElement;
    if (this.#watched !== scroll) this.#sizes.observe(this.#watched = scroll);
    placeRows(list, this.#rows, view, {
      _text: this._text, _language: this._language, _pictures: this.pictures !== 'off', _act: this.#act,
      _format: formatOf(this._language),
      _active: this.#at, _hasMore: hasMore, _size: hasMore ? -1 : this.#rows.length,
      _isFresh: row => view._isAtTop() && this.#arrivals.has(row.key),
    });
    // The button that had the focus is gone: something was chosen, here or on another device.
    if (focused && !focused.isConnected) this.#focus ??= { at: this.#at, verb: '' };
    const moved = view._learn(list.children as Iterable<Element> as Iterable<HTMLElement>);
    if (moved) this._changed();
    view._scroll(scroll);
    if (view._isAtTop()) this.#newest = items[0]?.id ?? '';
    if (this.#focus && !moved) this.#moveFocus(this.#focus);
    if (hasMore && loaded && !loading && !error && view._isAtEnd()) void this.store?.loadMore();
    this.#lookSoon();
  }

  #moveFocus({ at, verb }: { at: number; verb: string }): void {
    this.#focus = undefined;
    const row = this._find(`[data-key="${this.#rows[at]?.key}"]`);
    ((verb && row?.querySelector<HTMLElement>(`[data-verb=${verb}]`)) || row || this.#scroll).focus({ preventScroll: true });
  }

  // ---- what the person does

  #act = (verb: Verb, row: Row, event?: Event, choice?: Choice): void => {
    if (!row || (event?.type === 'click' && this.#swiping._swiped())) return event?.preventDefault();
    if (verb === 'fold') {
      const group = row.item.group!;
      this.#open = new Set(this.#open);
      if (!this.#open.delete(group)) this.#open.add(group);
    } else this.#actions._act(verb, row, event as MouseEvent, choice);
    this._changed();
  };

  #readAll = (): void => {
    this.#actions._readAll();
    this.#focusRow(); // the button is of no use any more, and loses the focus
  };

  #takeBack = (): void => {
    this.#toast._takeBack();
    this.#focusRow();
  };

  #focusRow(): void { this.#focus = { at: this.#at, verb: '' }; }

  override _refused(isLate?: boolean): void { this.#toast._say(isLate ? this._text.chosen : this._text.refused); }

  override _isLookedAt(): boolean { return this.#isOnScreen && this.checkVisibility(); } // the observer is late when a panel closes

  override _added(item: Item): void {
    this.#arrivals.add(item.id);
    setTimeout(() => this.#arrivals.delete(item.id), 1_000);
  }

  #show = (status: ListStatus): void => {
    this._clicked();
    this.#tab = status;
    this.#filter({ status });
  };

  #filter(change: Filter): void {
    this.#toast._commit();
    this.#home();
    void this.store?.setFilter({ ...this._snapshot.filter, ...change });
    this._changed();
  }

  /** @param text a single character is too short for the server: all is shown then */
  #search(text = ''): void {
    clearTimeout(this.#typing);
    const q = this.store && [...text][1] && text;
    if (q !== this.#q) this.#filter({ q: this.#q = q });
  }

  /** A click, or Escape in the field, which then closes no bell; while a syllable is being composed the key is the input method's. */
  #toggleSearch = (event: KeyboardEvent): void => {
    if (event.isComposing || (event.key && event.key !== 'Escape')) return;
    event.preventDefault();
    this.#isSearching = !this.#isSearching;
    this.#search();
    this._changed();
    queueMicrotask(() => this._find('input, .find').focus()); // after what was just queued: the field, or the button when there is none
  };

  #typed = ({ target }: Event): void => {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#search((target as HTMLInputElement).value.trim()), 300);
  };

  #top = (): void => {
    this.#home();
    this.#goTo(0);
  };

  #goTo(at: number): void {
    this.#view._reveal(at);
    this.#active = this.#rows[at]?.key ?? '';
    this.#focus = { at, verb: '' };
    this._changed();
  }

  #key = (event: KeyboardEvent): void => {
    const { key, altKey, shiftKey, ctrlKey, metaKey } = event;
    const target = event.target as Element, at = this.#at, row = this.#rows[at], last = this.#rows.length - 1;
    if (altKey || shiftKey) return;
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[key];
    const verb = ({ r: 'read', e: 'archive', s: 'snooze', Delete: 'remove', Backspace: 'remove' } as const)[key];
    if (key === 'z' && this.#toast._canUndo()) this.#takeBack();
    else if (ctrlKey || metaKey || !row || !target.closest('.item')) return;
    else if (to !== undefined) this.#goTo(to);
    else if (verb) this.#act(verb, row);
    else if (key === 'Enter' && target.matches('.item')) target.querySelector<HTMLElement>('.title')!.click();
    else return;
    event.preventDefault();
  };

  #focused = (event: FocusEvent): void => {
    const key = (event.target as Element).closest<HTMLElement>('.item')?.dataset.key;
    if (!key || key === this.#active) return;
    this.#active = key;
    this._changed();
  };

  /** What stands on a visible screen for a moment has been seen. */
  #lookSoon(): void {
    const { unseen, head } = this._snapshot.counts;
    clearTimeout(this.#lookTimer);
    if (!unseen || !this.#isOnScreen || this.#looked === head || document.hidden || this.#tab === 'archived' || this.#q || this.#fresh()) return;
    this.#lookTimer = setTimeout(() => {
      this.#looked = head;
      void this.store?.markSeen(head ?? undefined);
    }, 2_000);
  }

  /** How many came in above what is on the screen. */
  #fresh(): number {
    if (this.#view._isAtTop() || !this.#newest) return 0;
    return Math.max(0, this._snapshot.items.findIndex(item => compareIds(item.id, this.#newest) <= 0));
  }

  // ---- what is shown

  override _template(): unknown {
    const { _snapshot: snapshot, _text: text } = this;
    const { counts, status, loaded, loading, hasMore, error, items, filter: { q } } = snapshot;
    const news = items.filter(item => !item.read && !item.archived), gone = news.filter(this.#actions._isGone).length;
    const unread = counts.unread - gone;
    const fresh = this.#fresh(), toast = this.#toast, words = toast._words(), swipe = this.#swiping._handle;
    const isBusy = !this.#rows.length && status !== 'signed-out' && !error && (!loaded || loading);
    return html`
      ${headerTemplate(text, status, this.#tab, unread, (q ? news.length > gone : unread) && this.#tab !== 'archived', this.#show, this.#readAll,
        this.noSearch || q !== this.#q ? nothing : searchTemplate(text, this.#isSearching, this.#typed, this.#toggleSearch))}
      <div class="body-of-list">
        <button class="pill" part="pill" ?hidden=${!fresh} @click=${this.#top}>${fill(text.fresh, fresh)}</button>
        <div class="scroll" part="scroll" tabindex="-1" @scroll=${this._changed} @keydown=${this.#key} @focusin=${this.#focused}
          @pointerdown=${swipe} @pointermove=${swipe} @pointerup=${swipe} @pointercancel=${swipe}>
          <div class="items" part="list" role="feed" aria-label=${text.inbox} aria-busy=${isBusy || loading} ?hidden=${!this.#rows.length}></div>
          ${isBusy || (loading && hasMore) ? skeletonTemplate(text, isBusy ? 4 : 1) : nothing}
          ${isBusy || this.#rows.length || (hasMore && !error) ? nothing : emptyTemplate(text, snapshot, this.#tab, () => void this.store?.reload())}
        </div>
        <div class="toast" part="toast" role="status" ?hidden=${!words} @pointerenter=${toast._hold} @focusin=${toast._hold}>
          <span>${words}</span>${toast._canUndo() ? html`<button class="undo" @click=${this.#takeBack}>${text.undo}</button>` : nothing}
        </div>
      </div>
      <p class="announce" aria-live="polite">${snapshot.filter.q && !isBusy && !this.#rows.length ? text.noneFound : this._announcement}</p>`;
  }
}
