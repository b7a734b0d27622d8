import { Http, whose } from './http.js';
import { compareIds } from './ids.js';
import { Live, timings, type Timings } from './live.js';
import { Outbox, type Mark } from './marks.js';
import { backoff, Pause } from './pause.js';
import { isOf, letsIn, Rows, view } from './rows.js';
import { Tabs, type Message } from './tabs.js';
import { InboxError, type Action, type Counts, type Events, type Filter, type Inbox, type InboxOptions, type Item, type Snapshot, type Status, type Target } from './types.js';

interface Page { items: Item[]; next: string | null; counts: Counts }
/** A server's event, its data parsed. */
interface Happening { event: string; data: any }

/** `visibilitychange` bubbles up from the document. */
const wakers = ['online', 'pagehide', 'pageshow', 'visibilitychange'];
const none: Counts = { unread: 0, unseen: 0, total: 0, head: null, version: 0 };
const after = (a: string | null, b: string | null) => a !== null && (b === null || compareIds(a, b) > 0);

export class LiveInbox implements Inbox {
  readonly #http: Http;
  readonly #outbox: Outbox;
  readonly #times: Timings;
  readonly #pageSize: number;
  readonly #listeners = new Set<() => void>();
  readonly #handlers: { [K in keyof Events]?: Set<(event: Events[K]) => void> } = {};
  readonly #name: string;
  #closed = false;
  #running = false;

  // What the server told. The rows and counts are of version `#version`, and everything up to `#cursor` is in them, unless a refresh is due.
  #rows = new Rows();
  #counts = none;
  #version = -1;
  #cursor: string | null = null;
  /** The page cursor for older ones; null when there are none. */
  #bottom: string | null = null;
  #told: string | null = null;

  // What there is to load, one after the other.
  #due: 'refresh' | 'reset' | undefined;
  #asked = 0;
  #trimDue = false;
  #more: ((more: boolean) => void)[] = [];
  #loads = false;
  #loadPause = new Pause();
  #waiters: (() => void)[] = [];
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** What came while something was loading; null when nothing is. */
  #meanwhile: Happening[] | null = null;

  // What is shown.
  #filter: Filter;
  #status: Status = 'connecting';
  #loaded = false;
  /** Of the connection, and of loading. */
  #lost: InboxError | null = null;
  #error: InboxError | null = null;
  #snapshot: Snapshot | undefined;
  #isTelling = false;
  #items: readonly Item[] = [];

  // Who holds the connection.
  #live: Live | undefined;
  #tabs: Tabs | undefined;
  readonly #self = Math.random().toString(36).slice(2);
  #posted = 0;
  #heardFrom = '';
  #heardNumber = 0;
  readonly #share: boolean;

  constructor(options: InboxOptions, times: Partial<Timings> = {}) {
    const { url, user = 'me', token, getToken = refused => refused === undefined ? token : null, filter = {}, pageSize = 20 } = options;
    this.#name = `${url.replace(/\/+$/, '')}/v1/users/${encodeURIComponent(user)}`;
    this.#http = new Http(this.#name, getToken, options.fetch ?? ((...call) => fetch(...call)));
    this.#times = { ...timings, ...times };
    this.#filter = filter;
    this.#pageSize = pageSize;
    this.#share = (options.share ?? typeof document === 'object') && Tabs.arePossible;
    this.#outbox = new Outbox(mark => this.#send(mark), () => this.#taken(), (error, mark) => this.#refused(error, mark));
    for (const name of wakers) globalThis.addEventListener?.(name, this.#woken);
    void this.#start();
  }

  // --- The store

  subscribe = (listener: () => void): (() => void) => {
    // Wrapped, so that the same function can subscribe twice.
    const call = () => listener();
    this.#listeners.add(call);
    return () => { this.#listeners.delete(call); };
  };

  getSnapshot = (): Snapshot => this.#snapshot ??= this.#view();

  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void {
    const handlers: Set<(event: Events[K]) => void> = (this.#handlers[name] as Set<(event: Events[K]) => void> | undefined) ?? new Set();
    (this.#handlers as Record<K, typeof handlers>)[name] = handlers;
    handlers.add(listener);
    return () => { handlers.delete(listener); };
  }

  #emit<K extends keyof Events>(name: K, event: Events[K]): void {
    this.#handlers[name]?.forEach(call);
    function call(handler: (event: Events[K]) => void): void {
      // A page's mistake is the page's: it must not stop the inbox.
      try { handler(event); } catch (failure) { queueMicrotask(() => { throw failure; }); }
    }
  }

  #view(): Snapshot {
    const { items, counts } = view(this.#rows.all, this.#counts, this.#outbox.marks, this.#filter);
    if (items.length !== this.#items.length || items.some((item, i) => item !== this.#items[i])) this.#items = items;
    return {
      items: this.#items, counts, status: this.#status, hasMore: this.#bottom !== null, loaded: this.#loaded,
      loading: !this.#loaded || this.#due === 'reset' || this.#more.length > 0, error: this.#error ?? this.#lost, pending: this.#outbox.pending, filter: this.#filter,
    };
  }

  #changed(): void {
    this.#snapshot = undefined;
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      if (!this.#closed) for (const listener of [...this.#listeners]) listener();
    });
  }

  // --- Marks

  markRead(target: Target) { return this.#mark('read', target); }
  markUnread(target: Target) { return this.#mark('unread', target); }
  archive(target: Target) { return this.#mark('archive', target); }
  unarchive(target: Target) { return this.#mark('unarchive', target); }
  markSeen(upTo?: string) { return this.#mark('seen', upTo === undefined ? { all: true } : { upTo }); }
  remove(id: string | readonly string[]) { return this.#mark('remove', id); }

  async #mark(action: Action, target: Target): Promise<boolean> {
    if (this.#closed) return false;
    const marks: Mark[] = [];
    if (typeof target === 'string') target = [target];
    if (Array.isArray(target)) {
      for (let i = 0; i < target.length; i += 1000) marks.push({ action, ids: target.slice(i, i + 1000) });
    } else if ('group' in target) marks.push({ action, group: target.group });
    else {
      // All that is there now, as the user sees it, and not what comes until it is sent.
      const { head } = this.#counts;
      const upTo = 'upTo' in target ? target.upTo : head;
      if (upTo !== null) marks.push({ action, upTo, whole: !after(head, upTo) });
    }
    const taken = marks.map(mark => this.#outbox.add(mark));
    this.#changed();
    return (await Promise.all(taken)).every(Boolean);
  }

  async #send({ action, ids, upTo, group }: Mark): Promise<number> {
    const timeout = this.#times.call;
    try {
      if (action === 'remove') {
        // Twice is fine: what is gone is answered alike.
        for (const id of ids!) await this.#http.json(`/notifications/${encodeURIComponent(id)}`, { method: 'DELETE', timeout });
        return 0;
      }
      // As it is now: it may have grown since it was made.
      const { data } = await this.#http.json<Counts>(`/notifications/${action}`, { method: 'POST', body: ids ? { ids } : upTo !== undefined ? { upTo } : { group }, timeout });
      return data!.version;
    } catch (failure) {
      if ((failure as InboxError).status === 401) this.#signOut(failure as InboxError);
      throw failure;
    }
  }

  /** A mark is laid over the list until the list itself has it: by the stream's event, or by a refresh where there is no stream. */
  #taken(): void {
    this.#settle();
    if (this.#status !== 'live' && this.#outbox.unsettled) this.#later('marks', 200, () => this.#load('refresh'));
  }

  #refused(error: InboxError, { action, ids }: Mark): void {
    this.#changed();
    this.#emit('error', Object.assign(error, { action }, ids && { ids }));
  }

  #settle(): void {
    this.#outbox.settle(this.#version, id => this.#rows.has(id));
    this.#changed();
    // Marks may empty what is shown although there is more below.
    if (this.#loaded && !this.#loads && this.#bottom !== null && this.getSnapshot().items.length < this.#pageSize) void this.loadMore();
  }

  // --- Loading

  loadMore(): Promise<boolean> {
    if (this.#closed || (this.#loaded && this.#bottom === null && !this.#due)) return Promise.resolve(false);
    return new Promise(resolve => {
      this.#more.push(resolve);
      this.#load();
      this.#changed();
    });
  }

  setFilter(filter: Filter): Promise<void> {
    this.#filter = filter;
    this.#rows.all = this.#rows.all.filter(row => isOf(row.item, filter));
    this.#bottom = null;
    return this.#reloaded('reset');
  }

  reload(): Promise<void> {
    return this.#reloaded('refresh');
  }

  #reloaded(due: 'refresh' | 'reset'): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise(resolve => {
      this.#waiters.push(resolve);
      this.#load(due);
      this.#changed();
    });
  }

  /** Once within that time, however often it is asked for. */
  #later(what: string, milliseconds: number, then: () => void): void {
    if (this.#timers.has(what) || this.#closed) return;
    this.#timers.set(what, setTimeout(() => { this.#timers.delete(what); then(); }, milliseconds));
  }

  #load(due?: 'refresh' | 'reset'): void {
    if (due) {
      this.#asked++;
      if (this.#due !== 'reset') this.#due = due;
    }
    if (!this.#loads && this.#running) void this.#work();
    else if (due) this.#loadPause.wake();
  }

  async #work(): Promise<void> {
    this.#loads = true;
    for (let failures = 0; this.#running && (this.#due || this.#more.length || this.#trimDue);) {
      this.#meanwhile = [];
      try {
        if (this.#due) await this.#refresh(this.#due);
        else if (this.#more.length) await this.#older();
        else await this.#trim();
        failures = 0;
        if (this.#error) { this.#error = null; this.#changed(); }
      } catch (error) {
        if (!this.#running) break;
        const failure = error instanceof InboxError ? error : new InboxError(`${error}`, 0);
        this.#meanwhile = null;
        this.#error = failure;
        for (const resolve of this.#more.splice(0)) resolve(false);
        this.#changed();
        if (failure.status === 401 || failure.status === 403) { this.#signOut(failure); break; }
        this.#emit('error', failure);
        if (failure.status >= 400 && failure.status < 429) { this.#due = undefined; break; } // Asking again would not help.
        await this.#loadPause.for(failure.retryAfter ?? backoff(failures++, this.#times.retry, this.#times.mostRetry));
      }
    }
    this.#meanwhile = null;
    this.#loads = false;
    if (this.#running && !this.#due) {
      for (const resolve of this.#waiters.splice(0)) resolve();
      this.#settle();
    }
  }

  async #page(query: Record<string, string | number | null | undefined>): Promise<Page> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== null) search.set(name, `${value}`);
    const { data } = await this.#http.json<Page>(`/notifications?${search}`, { timeout: this.#times.call });
    return data!;
  }

  #filtered({ status, type, group }: Filter) {
    return { status, type: typeof type === 'object' ? type.join(',') : type, group };
  }

  /** The window anew, as deep as it was, and put in place at once. */
  async #refresh(due: 'refresh' | 'reset'): Promise<void> {
    const filter = this.#filter;
    const lowest = due === 'reset' || !this.#loaded ? null : this.#bottom ?? this.#rows.all.at(-1)?.item.id ?? null;
    const limit = lowest === null ? this.#pageSize : Math.min(100, Math.max(this.#pageSize, this.#rows.all.length + 10));
    const asked = this.#asked;
    const rows = new Rows();
    let first: Counts | undefined, next: string | null = null;
    do {
      const page: Page = await this.#page({ ...this.#filtered(filter), limit, before: next });
      if (!this.#running || filter !== this.#filter) return;
      first ??= page.counts;
      const { version } = page.counts;
      rows.append(page.items.map(item => ({ item, version })));
      next = page.next;
    } while (lowest !== null && after(next, lowest));
    // What was asked for meanwhile is still due.
    if (asked === this.#asked) this.#due = undefined;
    this.#put(rows, first!, next);
  }

  #put(rows: Rows, counts: Counts, next: string | null): void {
    const arrived = this.#loaded ? rows.all.filter(({ item }) => after(item.id, this.#told)).reverse() : [];
    this.#rows = rows;
    this.#bottom = next;
    this.#counts = counts;
    this.#version = counts.version;
    if (after(counts.head, this.#cursor)) this.#cursor = counts.head;
    if (after(counts.head, this.#told)) this.#told = counts.head;
    this.#loaded = true;
    const meanwhile = this.#meanwhile ?? [];
    this.#meanwhile = null;
    for (const happening of meanwhile) this.#happened(happening, true);
    this.#settle();
    for (const { item } of arrived) this.#emit('added', item);
  }

  async #older(): Promise<void> {
    const asked = this.#more.length, before = this.#bottom, filter = this.#filter;
    if (before !== null) {
      const page = await this.#page({ ...this.#filtered(filter), limit: this.#pageSize, before });
      if (!this.#running) return;
      if (filter === this.#filter) {
        this.#rows.append(page.items.map(item => ({ item, version: page.counts.version })));
        this.#bottom = page.next;
        for (const happening of this.#meanwhile ?? []) this.#happened(happening, true);
      }
    }
    const more = this.#bottom !== null;
    for (const resolve of this.#more.splice(0, asked)) resolve(more);
    this.#changed();
  }

  /** Retention drops the oldest without an event for each; what is the oldest now? */
  async #trim(): Promise<void> {
    this.#trimDue = false;
    const { items: [oldest], counts } = await this.#page({ status: 'all', after: '0-0', limit: 1 });
    const kept = oldest?.id ?? counts.head;
    if (kept === null || !this.#running) return;
    this.#rows.all = this.#rows.all.filter(({ item }) => oldest ? !after(kept, item.id) : after(item.id, kept));
    if (this.#bottom !== null && !after(this.#bottom, kept)) this.#bottom = null;
    this.#changed();
  }

  // --- What happens at the server

  /** @param again it came while something was loading, and is now applied to what was loaded */
  #happened(happening: Happening, again = false): void {
    if (!again) this.#meanwhile?.push(happening);
    const { event, data } = happening;
    const counts: Counts | undefined = data.counts;
    if (event === 'ready') this.#compare(counts!, data.resumed, again);
    else if (event === 'reset') {
      this.#cursor = null;
      this.#load('reset');
    } else if (counts) {
      if (event === 'added') this.#added(data.item, counts, again);
      else if (event === 'marked') this.#apply(data, counts);
      else if (event === 'removed') this.#apply({ action: 'remove', ids: data.ids }, counts);
      if (counts.version > this.#version || (counts.version === this.#version && !after(this.#counts.head, counts.head))) this.#counts = counts;
      // While a refresh is due the version stays: what was missed has to be found.
      if (!this.#isStale && counts.version > this.#version) this.#version = counts.version;
    }
    if (!again) this.#settle();
  }

  /** Where the server stands, after what was missed has been replayed. */
  #compare(counts: Counts, resumed: boolean, again: boolean): void {
    const isBehind = counts.version > this.#version || after(counts.head, this.#cursor);
    const differs = again ? isBehind : counts.version !== this.#version || counts.head !== this.#cursor;
    if (!this.#loaded) this.#counts = counts;
    if (again ? !isBehind : !differs && resumed) return;
    if (!again) this.#cursor = counts.head;
    // What is being loaded may be new enough; that is seen once it is here.
    if (!this.#due || !resumed) this.#load('refresh');
  }

  #added(item: Item, counts: Counts, again: boolean): void {
    if (!again) {
      if (!after(item.id, this.#cursor)) return;
      this.#cursor = item.id;
      this.#drift(counts, 0);
    }
    if (!isOf(item, this.#filter)) return;
    this.#rows.insert({ item, version: counts.version });
    if (!after(item.id, this.#told)) return;
    this.#told = item.id;
    this.#emit('added', item);
  }

  #apply(mark: Mark, counts: Counts): void {
    this.#drift(counts, 1);
    if (letsIn(mark.action, this.#filter) && counts.version > this.#version
      && (!mark.ids || mark.ids.some(id => !this.#rows.has(id) && (this.#bottom === null || after(id, this.#bottom))))) this.#later('refresh', 100, () => this.#load('refresh'));
    this.#rows.apply(mark, counts.version);
  }

  get #isStale(): boolean { return !this.#loaded || !!this.#due; }

  /** A version that is further than the event explains: retention dropped something, or a mark was missed. */
  #drift(counts: Counts, step: number): void {
    if (this.#isStale || counts.version <= this.#version + step) return;
    if (step === 0 && counts.total <= this.#counts.total) this.#later('trim', this.#times.trim, () => { this.#trimDue = true; this.#load(); });
    else this.#later('refresh', 100, () => this.#load('refresh'));
  }

  // --- The connection

  get isLeader(): boolean { return this.#live !== undefined; }

  async #start(): Promise<void> {
    if (this.#running || this.#closed) return;
    this.#running = true;
    this.#error = this.#lost = null;
    this.#show('connecting');
    if (!this.#share) this.#lead();
    this.#load('refresh');
    if (this.#share) {
      const who = await this.#http.token().then(whose, () => undefined);
      if (!this.#running || this.#tabs || this.#live) return;
      // Without knowing whose it is nothing is shared: two users may be at one browser.
      if (who === undefined) this.#lead();
      else this.#tabs = new Tabs(`orleans-inbox ${this.#name} ${who}`, () => this.#lead(), message => this.#hear(message));
    }
    this.#outbox.wake();
  }

  #stop(): void {
    this.#running = false;
    this.#live?.close();
    this.#tabs?.close();
    this.#live = this.#tabs = undefined;
    this.#loadPause.wake();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #lead(): void {
    const tell = (kind: 'event' | 'state', data: unknown) => this.#tabs?.post({ kind, from: this.#self, number: ++this.#posted, data });
    const show = (status: Status, error: InboxError | null = null) => {
      this.#show(status, error);
      tell('state', { status });
    };
    this.#live = new Live(this.#http, {
      cursor: () => this.#cursor,
      connecting: () => show('connecting'),
      live: () => {
        show('live');
        this.#outbox.wake();
        this.#loadPause.wake();
      },
      event: ({ event, data }) => {
        const happening = { event, data: JSON.parse(data) };
        this.#happened(happening);
        tell('event', happening);
      },
      polled: counts => {
        if (this.#status !== 'polling') this.#outbox.wake();
        show('polling');
        this.#happened({ event: 'ready', data: { counts, resumed: true } });
        tell('event', { event: 'ready', data: { counts, resumed: true } });
      },
      offline: error => show('offline', error),
      signedOut: error => this.#signOut(error),
    }, this.#times);
    tell('state', { status: this.#status });
  }

  /** From another tab. */
  #hear(message: Message): void {
    if (message.kind === 'hello') {
      if (this.#live) this.#tabs!.post({ kind: 'state', from: this.#self, number: this.#posted, data: { status: this.#status, counts: this.#counts, isKnown: !this.#isStale } });
      return;
    }
    if (this.#live) return; // A leader that is just going.
    const { kind, from, number, data } = message as { kind: string; from: string; number: number; data: any };
    // An answer to a hello repeats the number of what was told last.
    const isNext = from !== this.#heardFrom || number === this.#heardNumber + (data.isKnown === undefined ? 1 : 0);
    this.#heardFrom = from;
    this.#heardNumber = number;
    if (!isNext || data.isKnown === false) this.#load('refresh'); // We slept through something, or cannot tell.
    if (kind === 'state') {
      this.#show(data.status);
      if (data.isKnown) this.#happened({ event: 'ready', data: { counts: data.counts, resumed: true } });
    } else this.#happened(data);
  }

  #show(status: Status, error: InboxError | null = null): void {
    if (this.#status === status && !error) return;
    if (error && !this.#lost) this.#emit('error', error);
    this.#status = status;
    if (status !== 'connecting') this.#lost = error;
    this.#changed();
  }

  #signOut(error: InboxError): void {
    if (!this.#running) return;
    this.#stop();
    this.#show('signed-out', error);
  }

  reconnect(): void {
    if (this.#closed) return;
    if (!this.#running) void this.#start();
    this.#wake(0);
  }

  #wake(doubt: number): void {
    this.#live?.wake(doubt);
    this.#outbox.wake();
    this.#loadPause.wake();
    if (this.#tabs && !this.#live) this.#tabs.post({ kind: 'hello' });
  }

  #woken = ({ type }: Event): void => {
    if (type === 'pagehide') {
      // Another tab takes over now; and a page that holds a lock could not be kept for the way back.
      if (this.#running && this.#share) this.#stop();
    } else if (type === 'pageshow') {
      if (this.#status !== 'signed-out') void this.#start();
    } else if (type === 'online' || document.visibilityState === 'visible') {
      this.#wake(type === 'online' ? 0 : this.#times.doubt);
    }
  };

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    this.#outbox.close();
    for (const name of wakers) globalThis.removeEventListener?.(name, this.#woken);
    for (const resolve of this.#more.splice(0)) resolve(false);
    for (const resolve of this.#waiters.splice(0)) resolve();
    this.#listeners.clear();
  }
}
