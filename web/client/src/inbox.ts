import { openHttp, whose } from './http.js';
import { compareIds } from './ids.js';
import { openLive, timings, type Happening, type Live, type Timings } from './live.js';
import { openOutbox, type Mark } from './marks.js';
import { backoff, makePause } from './pause.js';
import { apply, has, insert, isOf, letsIn, view, type Page, type Row } from './rows.js';
import { canShare, openTabs, type Message, type Tabs } from './tabs.js';
import { InboxError, type Action, type Counts, type Events, type Filter, type Inbox, type InboxOptions, type Item, type Snapshot, type Status, type Target } from './types.js';


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
  const http = openHttp(base, getToken ?? (refused => refused === undefined ? token : null), call ?? ((...args) => fetch(...args)), signOut);
  const outbox = openOutbox(sendMark, wasTaken, wasRefused);
  const listeners = new Set<() => void>();
  const handlers: { [K in keyof Events]?: Set<(event: Events[K]) => void> } = {};
  let current = filter;
  const size = pageSize;
  let closed = false, running = false;

  // What the server told. The rows and counts are of that version, and everything up to the cursor is in them, unless a refresh is due.
  let known: Row[] = [], total = none, version = -1;
  let cursor: string | null = null;
  /** The page cursor for older ones; null when there are none. */
  let bottom: string | null = null;
  /** The newest that there was an `added` for. */
  let announced: string | null = null;

  // What there is to load, one after the other.
  let due: 'refresh' | 'reset' | undefined, asked = 0, isLoading = false;
  const wanted: ((more: boolean) => void)[] = [], waiters: (() => void)[] = [];
  const loadPause = makePause();
  /** By how long they take. */
  const timers: Record<number, ReturnType<typeof setTimeout>> = {};
  /** What came while something was loading; null when nothing is. */
  let meanwhile: Happening[] | null = null;

  // What is shown.
  let standing: Status = 'connecting', loaded = false;
  /** Of the connection, and of loading. */
  let lost: InboxError | null = null, failed: InboxError | null = null;
  let snapshot: Snapshot | undefined, shown: readonly Item[] = [], isTelling = false;

  // Who holds the connection.
  let live: Live | undefined, tabs: Tabs | undefined;
  const shares = (share ?? !!globalThis.document) && canShare();
  const me = Math.random();
  let posted = 0, heardFrom = 0, heardNumber = 0;

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
    // Each on its own: a page's mistake must not stop the inbox.
    handlers[name]?.forEach(handler => queueMicrotask(() => handler(event)));
  }

  function look(): Snapshot {
    const { items, counts } = view(known, total, outbox.marks(), current);
    if (items.length !== shown.length || items.some((item, i) => item !== shown[i])) shown = items;
    return {
      items: shown, counts, status: standing, hasMore: bottom !== null, loaded,
      loading: !loaded || due === 'reset' || wanted.length > 0, error: failed ?? lost, pending: outbox.pending(), filter: current,
    };
  }

  function changed(): void {
    snapshot = undefined;
    if (isTelling) return;
    isTelling = true;
    queueMicrotask(() => {
      isTelling = false;
      if (!closed) listeners.forEach(listener => queueMicrotask(listener));
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

  /** As it is now: it may have grown since it was made. */
  async function sendMark({ action, ids, upTo, group }: Mark): Promise<number> {
    const timeout = times.call;
    if (action !== 'remove') return (await http.json<Counts>(`/notifications/${action}`, { method: 'POST', body: { ids, upTo, group }, timeout })).data!.version;
    // Twice is fine: what is gone is answered alike.
    for (const id of ids!) await http.json(`/notifications/${encodeURIComponent(id)}`, { method: 'DELETE', timeout });
    return 0;
  }

  /** A mark is laid over the list until the list itself has it: by the stream's event, or by a refresh where there is no stream. */
  function wasTaken(): void {
    settle();
    if (standing !== 'live' && outbox.marks().length) later(200);
  }

  function wasRefused(failure: InboxError, { action, ids }: Mark): void {
    changed();
    emit('error', Object.assign(failure, { action }, ids && { ids }));
  }

  function settle(): void {
    outbox.settle(version, id => has(known, id));
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
    known = known.filter(row => isOf(row.item, other));
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
  function later(milliseconds: number): void {
    timers[milliseconds] ??= setTimeout(() => {
      delete timers[milliseconds];
      load('refresh');
    }, milliseconds);
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
    for (let failures = 0; running && (due || wanted.length);) {
      meanwhile = [];
      try {
        if (due) await refresh();
        else await older();
        failures = 0;
        if (failed) { failed = null; changed(); }
      } catch (thrown) {
        if (!running) break;
        const failure = thrown as InboxError;
        meanwhile = null;
        failed = failure;
        for (const resolve of wanted.splice(0)) resolve(false);
        changed();
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
    const as = current, ticket = asked, fresh: Row[] = [];
    const lowest = due === 'reset' || !loaded ? null : bottom ?? known.at(-1)?.item.id ?? null;
    const limit = lowest === null ? size : Math.min(100, Math.max(size, known.length + 10));
    let first: Counts | undefined, before: string | null = null;
    do {
      const page: Page = await fetchPage(as, limit, before);
      if (!running || as !== current) return;
      first ??= page.counts;
      insert(fresh, page.counts.version, page.items);
      before = page.next;
    } while (lowest !== null && after(before, lowest));
    // What was asked for meanwhile is still due.
    if (ticket === asked) due = undefined;
    put(fresh, first, before);
  }

  function put(fresh: Row[], first: Counts, next: string | null): void {
    const arrived = loaded ? fresh.filter(({ item }) => after(item.id, announced)).reverse() : [];
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
        insert(known, page.counts.version, page.items);
        bottom = page.next;
        repeat();
      }
    }
    for (const resolve of wanted.splice(0, many)) resolve(bottom !== null);
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
      else if (event === 'removed') applyMark({ ...data, action: 'remove' }, counts);
      if (counts.version >= version && !after(total.head, counts.head)) total = counts;
      // While a refresh is due the version stays: what was missed has to be found.
      if (!isStale()) version = Math.max(version, counts.version);
    }
    if (!again) settle();
  }

  /** Where the server stands, after what was missed has been replayed. */
  function compare(counts: Counts, resumed: boolean, again: boolean): void {
    const isSame = counts.version === version && counts.head === cursor;
    if (!loaded) total = counts;
    if (!again) cursor = counts.head;
    // What is being loaded may be new enough; that is seen once it is here.
    if (!(isSame && (resumed || again)) && (!due || !resumed)) load('refresh');
  }

  function arrive(item: Item, counts: Counts, again: boolean): void {
    if (!again) {
      if (!after(item.id, cursor)) return;
      cursor = item.id;
      drift(counts, 0);
    }
    if (!isOf(item, current)) return;
    insert(known, counts.version, [item]);
    if (!after(item.id, announced)) return;
    announced = item.id;
    emit('added', item);
  }

  function applyMark(mark: Mark, counts: Counts): void {
    drift(counts, 1);
    if (letsIn(mark.action, current) && counts.version > version
      && (!mark.ids || mark.ids.some(id => !has(known, id) && (bottom === null || after(id, bottom))))) later(100);
    known = apply(known, mark, counts.version);
  }

  function isStale(): boolean { return !loaded || !!due; }

  /** A version that is further than the event explains: a mark was missed, or, which is less urgent, retention dropped something. */
  function drift(counts: Counts, step: number): void {
    if (!isStale() && counts.version > version + step) later(step || counts.total > total.total ? 100 : times.mostRetry / 6);
  }

  // --- The connection


  async function begin(): Promise<void> {
    if (running || closed) return;
    running = true;
    failed = lost = null;
    show('connecting');
    load('refresh');
    const who = shares ? await http.token().then(whose, () => undefined) : undefined;
    if (!running || tabs || live) return;
    // Without knowing whose it is nothing is shared: two users may be at one browser.
    if (who === undefined) lead();
    else tabs = openTabs(`orleans-inbox ${base} ${who}`, lead, hear);
    outbox.wake();
  }

  function halt(): void {
    running = false;
    live?.close();
    tabs?.close();
    live = tabs = undefined;
    loadPause.wake();
    for (const milliseconds in timers) {
      clearTimeout(timers[milliseconds]);
      delete timers[milliseconds];
    }
  }

  function tell(kind: 'event' | 'state', data: unknown): void {
    tabs?.post({ kind, from: me, number: ++posted, data });
  }

  function lead(): void {
    live = openLive(http, {
      cursor: () => cursor,
      status(status, error) {
        const isBack = status !== standing && (status === 'live' || status === 'polling');
        show(status, error);
        tell('state', { status });
        if (isBack) wakeAll();
      },
      event(happening) {
        happened(happening);
        tell('event', happening);
      },
    }, times);
    tell('state', { status: standing });
  }

  function wakeAll(): void {
    outbox.wake();
    loadPause.wake();
  }

  /** From another tab. */
  function hear(message: Message): void {
    if (live) {
      // The others are leaders that are just going.
      if (message.kind === 'hello') tell('state', { status: standing, counts: total, isKnown: !isStale() });
      return;
    }
    if (message.kind === 'hello') return;
    const { kind, from, number, data } = message as { kind: string; from: number; number: number; data: any };
    // We slept through something, or the leader cannot tell.
    if ((from === heardFrom && number !== heardNumber + 1) || data.isKnown === false) load('refresh');
    heardFrom = from;
    heardNumber = number;
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
    void begin();
    wake(0);
  }

  function wake(doubt: number): void {
    live?.wake(doubt);
    wakeAll();
    if (tabs && !live) tabs.post({ kind: 'hello' });
  }

  function woken({ type }: Event): void {
    if (type === 'pagehide') {
      // Another tab takes over now; and a page that holds a lock could not be kept for the way back.
      if (shares) halt();
    } else if (type === 'pageshow') {
      if (standing !== 'signed-out') void begin();
    } else if (type === 'online' || document.visibilityState === 'visible') {
      // As much silence is worth a new connection: more than one heartbeat is missing.
      wake(type === 'online' ? 0 : 20_000);
    }
  }

  function close(): void {
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
