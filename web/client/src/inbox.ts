import { openHttp, whose } from './http.js';
import { compareIds } from './ids.js';
import { openLive, timings, type Live, type Timings } from './live.js';
import { openOutbox, type Mark } from './marks.js';
import { backoff, makePause } from './pause.js';
import { isOf, letsIn, Rows, view, type Page } from './rows.js';
import { canShare, openTabs, type Message, type Tabs } from './tabs.js';
import { InboxError, type Action, type Counts, type Events, type Filter, type Inbox, type InboxOptions, type Item, type Snapshot, type Status, type Target } from './types.js';

/** A server's event, its data parsed. */
interface Happening { event: string; data: any }

/** `visibilitychange` bubbles up from the document. */
const wakers = ['online', 'pagehide', 'pageshow', 'visibilitychange'];
const none: Counts = { unread: 0, unseen: 0, total: 0, head: null, version: 0 };
const after = (a: string | null, b: string | null) => a !== null && (b === null || compareIds(a, b) > 0);

/**
 * One inbox. A closure and not a class: private members of a class keep their `this.` in the bundle, which is a tenth of all that there is.
 * @param timing for tests
 */
export function openInbox({ url, user = 'me', token, getToken, filter = {}, pageSize = 20, share, fetch: call }: InboxOptions, timing: Partial<Timings> = {}): Inbox {
  const times = { ...timings, ...timing };
  const base = `${url.replace(/\/+$/, '')}/v1/users/${encodeURIComponent(user)}`;
  const http = openHttp(base, getToken ?? (refused => refused === undefined ? token : null), call ?? ((...args) => fetch(...args)));
  const outbox = openOutbox(sendMark, wasTaken, wasRefused);
  const listeners = new Set<() => void>();
  const handlers: { [K in keyof Events]?: Set<(event: Events[K]) => void> } = {};
  let current = filter;
  const size = pageSize;
  let closed = false, running = false;

  // What the server told. The rows and counts are of that version, and everything up to the cursor is in them, unless a refresh is due.
  let known = new Rows(), total = none, version = -1;
  let cursor: string | null = null;
  /** The page cursor for older ones; null when there are none. */
  let bottom: string | null = null;
  /** The newest that there was an `added` for. */
  let announced: string | null = null;

  // What there is to load, one after the other.
  let due: 'refresh' | 'reset' | undefined, asked = 0, trimDue = false, isLoading = false;
  const wanted: ((more: boolean) => void)[] = [], waiters: (() => void)[] = [];
  const loadPause = makePause();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** What came while something was loading; null when nothing is. */
  let meanwhile: Happening[] | null = null;

  // What is shown.
  let standing: Status = 'connecting', loaded = false;
  /** Of the connection, and of loading. */
  let lost: InboxError | null = null, failed: InboxError | null = null;
  let snapshot: Snapshot | undefined, shown: readonly Item[] = [], isTelling = false;

  // Who holds the connection.
  let live: Live | undefined, tabs: Tabs | undefined;
  const shares = (share ?? typeof document === 'object') && canShare();
  const me = Math.random().toString(36).slice(2);
  let posted = 0, heardFrom = '', heardNumber = 0;

  // --- The store

  function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => { listeners.delete(listener); };
  }

  function getSnapshot(): Snapshot { return snapshot ??= look(); }

  function on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void {
    const set = (handlers[name] ??= new Set() as never) as Set<typeof listener>;
    set.add(listener);
    return () => { set.delete(listener); };
  }

  function emit<K extends keyof Events>(name: K, event: Events[K]): void {
    handlers[name]?.forEach(call);
    function call(handler: (event: Events[K]) => void): void {
      // A page's mistake is the page's: it must not stop the inbox.
      try { handler(event); } catch (failure) { queueMicrotask(() => { throw failure; }); }
    }
  }

  function look(): Snapshot {
    const { items, counts } = view(known.all, total, outbox.marks(), current);
    if (items.length !== shown.length || items.some((item, i) => item !== shown[i])) shown = items;
    return {
      items: shown, counts, status: standing, hasMore: bottom !== null, loaded: loaded,
      loading: !loaded || due === 'reset' || wanted.length > 0, error: failed ?? lost, pending: outbox.pending(), filter: current,
    };
  }

  function changed(): void {
    snapshot = undefined;
    if (isTelling) return;
    isTelling = true;
    queueMicrotask(() => {
      isTelling = false;
      if (!closed) for (const listener of [...listeners]) listener();
    });
  }

  // --- Marks

  async function makeMark(action: Action, target: Target): Promise<boolean> {
    if (closed) return false;
    const marks: Mark[] = [];
    if (typeof target === 'string') target = [target];
    if (Array.isArray(target)) {
      for (let i = 0; i < target.length; i += 1000) marks.push({ action, ids: target.slice(i, i + 1000) });
    } else if ('group' in target) marks.push({ action, group: target.group });
    else {
      // All that is there now, as the user sees it, and not what comes until it is sent.
      const { head } = total;
      const upTo = 'upTo' in target ? target.upTo : head;
      if (upTo !== null) marks.push({ action, upTo, whole: !after(head, upTo) });
    }
    const taken = marks.map(mark => outbox.add(mark));
    changed();
    return (await Promise.all(taken)).every(Boolean);
  }

  async function sendMark({ action, ids, upTo, group }: Mark): Promise<number> {
    const timeout = times.call;
    try {
      if (action === 'remove') {
        // Twice is fine: what is gone is answered alike.
        for (const id of ids!) await http.json(`/notifications/${encodeURIComponent(id)}`, { method: 'DELETE', timeout });
        return 0;
      }
      // As it is now: it may have grown since it was made.
      const { data } = await http.json<Counts>(`/notifications/${action}`, { method: 'POST', body: ids ? { ids } : upTo !== undefined ? { upTo } : { group }, timeout });
      return data!.version;
    } catch (failure) {
      if ((failure as InboxError).status === 401) signOut(failure as InboxError);
      throw failure;
    }
  }

  /** A mark is laid over the list until the list itself has it: by the stream's event, or by a refresh where there is no stream. */
  function wasTaken(): void {
    settle();
    if (standing !== 'live' && outbox.unsettled()) later('marks', 200, () => load('refresh'));
  }

  function wasRefused(failure: InboxError, { action, ids }: Mark): void {
    changed();
    emit('error', Object.assign(failure, { action }, ids && { ids }));
  }

  function settle(): void {
    outbox.settle(version, id => known.has(id));
    changed();
    // Marks may empty what is shown although there is more below.
    if (loaded && !isLoading && bottom !== null && getSnapshot().items.length < size) void loadMore();
  }

  // --- Loading

  function loadMore(): Promise<boolean> {
    if (closed || (loaded && bottom === null && !due)) return Promise.resolve(false);
    return new Promise(resolve => {
      wanted.push(resolve);
      load();
      changed();
    });
  }

  function setFilter(other: Filter): Promise<void> {
    current = other;
    known.all = known.all.filter(row => isOf(row.item, other));
    bottom = null;
    return reloaded('reset');
  }

  function reloaded(what: 'refresh' | 'reset'): Promise<void> {
    if (closed) return Promise.resolve();
    return new Promise(resolve => {
      waiters.push(resolve);
      load(what);
      changed();
    });
  }

  /** Once within that time, however often it is asked for. */
  function later(what: string, milliseconds: number, then: () => void): void {
    if (timers.has(what) || closed) return;
    timers.set(what, setTimeout(() => { timers.delete(what); then(); }, milliseconds));
  }

  function load(what?: 'refresh' | 'reset'): void {
    if (what) {
      asked++;
      if (due !== 'reset') due = what;
    }
    if (!isLoading && running) void work();
    else if (what) loadPause.wake();
  }

  async function work(): Promise<void> {
    isLoading = true;
    for (let failures = 0; running && (due || wanted.length || trimDue);) {
      meanwhile = [];
      try {
        if (due) await refresh();
        else if (wanted.length) await older();
        else await trim();
        failures = 0;
        if (failed) { failed = null; changed(); }
      } catch (thrown) {
        if (!running) break;
        const failure = thrown instanceof InboxError ? thrown : new InboxError(`${thrown}`, 0);
        meanwhile = null;
        failed = failure;
        for (const resolve of wanted.splice(0)) resolve(false);
        changed();
        if (failure.status === 401 || failure.status === 403) { signOut(failure); break; }
        emit('error', failure);
        if (failure.status >= 400 && failure.status < 429) { due = undefined; break; } // Asking again would not help.
        await loadPause.wait(failure.retryAfter ?? backoff(failures++, times.retry, times.mostRetry));
      }
    }
    meanwhile = null;
    isLoading = false;
    if (running && !due) {
      for (const resolve of waiters.splice(0)) resolve();
      settle();
    }
  }

  async function fetchPage({ status, type, group }: Filter, limit: number, before?: string | null, after?: string): Promise<Page> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries({ status, type, group, limit, before, after })) if (value != null) search.set(name, `${value}`);
    return (await http.json<Page>(`/notifications?${search}`, { timeout: times.call })).data!;
  }

  /** The window anew, as deep as it was, and put in place at once. */
  async function refresh(): Promise<void> {
    const as = current, ticket = asked, fresh = new Rows();
    const lowest = due === 'reset' || !loaded ? null : bottom ?? known.all.at(-1)?.item.id ?? null;
    const limit = lowest === null ? size : Math.min(100, Math.max(size, known.all.length + 10));
    let first: Counts | undefined, before: string | null = null;
    do {
      const page: Page = await fetchPage(as, limit, before);
      if (!running || as !== current) return;
      first ??= page.counts;
      fresh.append(page);
      before = page.next;
    } while (lowest !== null && after(before, lowest));
    // What was asked for meanwhile is still due.
    if (ticket === asked) due = undefined;
    put(fresh, first, before);
  }

  function put(fresh: Rows, first: Counts, next: string | null): void {
    const arrived = loaded ? fresh.all.filter(({ item }) => after(item.id, announced)).reverse() : [];
    known = fresh;
    bottom = next;
    total = first;
    version = first.version;
    if (after(first.head, cursor)) cursor = first.head;
    if (after(first.head, announced)) announced = first.head;
    loaded = true;
    repeat();
    settle();
    for (const { item } of arrived) emit('added', item);
  }

  /** What came while something was loading, applied to what was loaded. */
  function repeat(): void {
    for (const happening of meanwhile!) happened(happening, true);
  }

  async function older(): Promise<void> {
    const many = wanted.length, as = current;
    if (bottom !== null) {
      const page = await fetchPage(as, size, bottom);
      if (!running) return;
      if (as === current) {
        known.append(page);
        bottom = page.next;
        repeat();
      }
    }
    for (const resolve of wanted.splice(0, many)) resolve(bottom !== null);
    changed();
  }

  /** Retention drops the oldest without an event for each; what is the oldest now? */
  async function trim(): Promise<void> {
    trimDue = false;
    const { items: [oldest], counts: { head } } = await fetchPage({ status: 'all' }, 1, null, '0-0');
    const kept = oldest?.id ?? head;
    if (kept === null || !running) return;
    known.all = known.all.filter(({ item }) => oldest ? !after(kept, item.id) : after(item.id, kept));
    if (bottom !== null && !after(bottom, kept)) bottom = null;
    changed();
  }

  // --- What happens at the server

  /** @param again it came while something was loading, and is now applied to what was loaded */
  function happened(happening: Happening, again = false): void {
    if (!again) meanwhile?.push(happening);
    const { event, data } = happening;
    const counts: Counts | undefined = data.counts;
    if (event === 'ready') compare(counts!, data.resumed, again);
    else if (event === 'reset') {
      cursor = null;
      load('reset');
    } else if (counts) {
      if (event === 'added') arrive(data.item, counts, again);
      else if (event === 'marked') applyMark(data, counts);
      else if (event === 'removed') applyMark({ action: 'remove', ids: data.ids }, counts);
      if (counts.version > version || (counts.version === version && !after(total.head, counts.head))) total = counts;
      // While a refresh is due the version stays: what was missed has to be found.
      if (!isStale() && counts.version > version) version = counts.version;
    }
    if (!again) settle();
  }

  /** Where the server stands, after what was missed has been replayed. */
  function compare(counts: Counts, resumed: boolean, again: boolean): void {
    const isBehind = counts.version > version || after(counts.head, cursor);
    const differs = again ? isBehind : counts.version !== version || counts.head !== cursor;
    if (!loaded) total = counts;
    if (again ? !isBehind : !differs && resumed) return;
    if (!again) cursor = counts.head;
    // What is being loaded may be new enough; that is seen once it is here.
    if (!due || !resumed) load('refresh');
  }

  function arrive(item: Item, counts: Counts, again: boolean): void {
    if (!again) {
      if (!after(item.id, cursor)) return;
      cursor = item.id;
      drift(counts, 0);
    }
    if (!isOf(item, current)) return;
    known.insert({ item, version: counts.version });
    if (!after(item.id, announced)) return;
    announced = item.id;
    emit('added', item);
  }

  function applyMark(mark: Mark, counts: Counts): void {
    drift(counts, 1);
    if (letsIn(mark.action, current) && counts.version > version
      && (!mark.ids || mark.ids.some(id => !known.has(id) && (bottom === null || after(id, bottom))))) later('refresh', 100, () => load('refresh'));
    known.apply(mark, counts.version);
  }

  function isStale(): boolean { return !loaded || !!due; }

  /** A version that is further than the event explains: retention dropped something, or a mark was missed. */
  function drift(counts: Counts, step: number): void {
    if (isStale() || counts.version <= version + step) return;
    if (step === 0 && counts.total <= total.total) later('trim', times.trim, () => { trimDue = true; load(); });
    else later('refresh', 100, () => load('refresh'));
  }

  // --- The connection


  async function begin(): Promise<void> {
    if (running || closed) return;
    running = true;
    failed = lost = null;
    show('connecting');
    if (!shares) lead();
    load('refresh');
    if (shares) {
      const who = await http.token().then(whose, () => undefined);
      if (!running || tabs || live) return;
      // Without knowing whose it is nothing is shared: two users may be at one browser.
      if (who === undefined) lead();
      else tabs = openTabs(`orleans-inbox ${base} ${who}`, () => lead(), message => hear(message));
    }
    outbox.wake();
  }

  function halt(): void {
    running = false;
    live?.close();
    tabs?.close();
    live = tabs = undefined;
    loadPause.wake();
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  }

  function lead(): void {
    const tell = (kind: 'event' | 'state', data: unknown) => tabs?.post({ kind, from: me, number: ++posted, data });
    const showAll = (status: Status, error: InboxError | null = null) => {
      show(status, error);
      tell('state', { status });
    };
    live = openLive(http, {
      cursor: () => cursor,
      connecting: () => showAll('connecting'),
      live: () => {
        showAll('live');
        outbox.wake();
        loadPause.wake();
      },
      event: ({ event, data }) => {
        const happening = { event, data: JSON.parse(data) };
        happened(happening);
        tell('event', happening);
      },
      polled: counts => {
        if (standing !== 'polling') outbox.wake();
        showAll('polling');
        happened({ event: 'ready', data: { counts, resumed: true } });
        tell('event', { event: 'ready', data: { counts, resumed: true } });
      },
      offline: error => showAll('offline', error),
      signedOut: error => signOut(error),
    }, times);
    tell('state', { status: standing });
  }

  /** From another tab. */
  function hear(message: Message): void {
    if (message.kind === 'hello') {
      if (live) tabs!.post({ kind: 'state', from: me, number: posted, data: { status: standing, counts: total, isKnown: !isStale() } });
      return;
    }
    if (live) return; // A leader that is just going.
    const { kind, from, number, data } = message as { kind: string; from: string; number: number; data: any };
    // An answer to a hello repeats the number of what was told last.
    const isNext = from !== heardFrom || number === heardNumber + (data.isKnown === undefined ? 1 : 0);
    heardFrom = from;
    heardNumber = number;
    if (!isNext || data.isKnown === false) load('refresh'); // We slept through something, or cannot tell.
    if (kind === 'state') {
      show(data.status);
      if (data.isKnown) happened({ event: 'ready', data: { counts: data.counts, resumed: true } });
    } else happened(data);
  }

  function show(status: Status, error: InboxError | null = null): void {
    if (standing === status && !error) return;
    if (error && !lost) emit('error', error);
    standing = status;
    if (status !== 'connecting') lost = error;
    changed();
  }

  function signOut(error: InboxError): void {
    if (!running) return;
    halt();
    show('signed-out', error);
  }

  function reconnect(): void {
    if (closed) return;
    if (!running) void begin();
    wake(0);
  }

  function wake(doubt: number): void {
    live?.wake(doubt);
    outbox.wake();
    loadPause.wake();
    if (tabs && !live) tabs.post({ kind: 'hello' });
  }

  function woken({ type }: Event): void {
    if (type === 'pagehide') {
      // Another tab takes over now; and a page that holds a lock could not be kept for the way back.
      if (running && shares) halt();
    } else if (type === 'pageshow') {
      if (standing !== 'signed-out') void begin();
    } else if (type === 'online' || document.visibilityState === 'visible') {
      wake(type === 'online' ? 0 : times.doubt);
    }
  }

  function close(): void {
    if (closed) return;
    closed = true;
    halt();
    outbox.close();
    for (const name of wakers) globalThis.removeEventListener?.(name, woken);
    for (const resolve of wanted.splice(0)) resolve(false);
    for (const resolve of waiters.splice(0)) resolve();
    listeners.clear();
  }

  for (const name of wakers) globalThis.addEventListener?.(name, woken);
  void begin();

  const marking = (action: Action) => (target: Target) => makeMark(action, target);
  return {
    subscribe, getSnapshot, on, loadMore, setFilter, reload: () => reloaded('refresh'), reconnect, close,
    markRead: marking('read'), markUnread: marking('unread'), archive: marking('archive'), unarchive: marking('unarchive'), remove: marking('remove'),
    markSeen: upTo => makeMark('seen', upTo === undefined ? { all: true } : { upTo }),
    get isLeader() { return !!live; },
  };
}
