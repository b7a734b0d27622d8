import { openConnection } from './connection.js';
import { openCounting } from './counting.js';
import { openHttp } from './http.js';
import { isAfter } from './ids.js';
import { timings, type Happening, type Timings } from './live.js';
import { makeMarks, sendMark } from './marking.js';
import { openOutbox, type Mark } from './marks.js';
import { backoff, makePause, openTimers } from './pause.js';
import { exchangePreferences } from './preferences.js';
import { apply, fetchPage, fetchPart, has, insert, isOf, letsIn, typesOf, view, type Row } from './rows.js';
import { openStore } from './store.js';
import { InboxError, type Action, type Counts, type Filter, type Inbox, type InboxOptions, type Item, type Page, type Snapshot, type Target } from './types.js';

const none: Counts = { unread: 0, unseen: 0, total: 0, head: null, version: 0 };

/**
 * One inbox. A closure and not a class: private members of a class keep their `this.` in the bundle, which is a tenth of all that there is.
 * @param timing for tests
 */
export function openInbox({ url, user = 'me', token, getToken, filter = {}, pageSize = 20, share, fetch: call }: InboxOptions, timing: Partial<Timings> = {}): Inbox {
  const times = { ...timings, ...timing };
  const who = encodeURIComponent(user), base = `${url.replace(/\/+$/, '')}/v1/users/${who}`;
  const http = openHttp(base, getToken ?? (refused => refused === undefined ? token : null), call ?? ((...args) => fetch(...args)), error => connection._signOut(error), times.call);
  const outbox = openOutbox(mark => sendMark(http, mark, () => load('refresh')), wasTaken, wasRefused);
  let current = filter, closed = false;

  // What the server told. The rows and counts are of that version, and everything up to the cursor is in them, unless a refresh is due.
  let known: Row[] = [], total = none, version = -1;
  let cursor: string | null = null;
  /** The page cursor for older ones; null when there are none. */
  let bottom: string | null = null;
  /** The newest that there was an `added` for. */
  let announced: string | null = null;
  /** Came while nothing told of it: `arrived` once their marks are known. By id, whether it is silent: a list that is fetched does not say so. */
  const missed = new Map<string, boolean | undefined>();

  // What there is to load, one after the other.
  let due: 'refresh' | 'reset' | undefined, asked = 0, isLoading = false;
  const wanted: ((more: boolean) => void)[] = [], waiters: (() => void)[] = [];
  const loadPause = makePause();
  const { _within: within, _stop: stopTimers } = openTimers(() => load('refresh'));
  /** What came while something was loading; null when nothing is. */
  let meanwhile: Happening[] | null = null;

  // What is shown.
  let loaded = false, failed: InboxError | null = null, shown: readonly Item[] = [];
  const store = openStore(look), { subscribe, getSnapshot, on, _emit: emit, _changed: changed } = store;
  const counting = openCounting(http, () => typesOf(current.type), times._mostRetry, changed, () => connection._isRunning());

  // Who holds the connection.
  const connection = openConnection(`orleans-inbox ${base}`, http, share ?? !!globalThis.document, times, store, {
    _cursor: () => cursor,
    _standing: () => ({ counts: total, isKnown: !isStale() }),
    _happened: happened,
    _began() {
      failed = null;
      load('refresh');
    },
    _missed: () => load('refresh'),
    _halted() {
      loadPause._wake();
      stopTimers();
      counting._stop();
    },
    _left: outbox._leave,
    _wake() {
      outbox._wake();
      loadPause._wake();
    },
  });

  function look(): Snapshot {
    const { items, counts } = view(known, counting._of(total), outbox._marks(), current);
    if (items.length !== shown.length || items.some((item, i) => item !== shown[i])) shown = items;
    return {
      items: shown, counts, status: connection._status(), hasMore: bottom !== null, loaded,
      loading: !loaded || due === 'reset' || wanted.length > 0, error: failed ?? connection._lost(), pending: outbox._pending(), filter: current,
    };
  }

  // --- Marks

  async function add(marks: Mark[]): Promise<boolean> {
    if (closed) return false;
    const taken = marks.map(outbox._add);
    changed();
    return (await Promise.all(taken)).every(Boolean);
  }

  async function makeMark(action: Action, target: Target, until?: Date | string): Promise<boolean> {
    const _tokens = 'seen remove unsnooze'.includes(action) ? undefined : [];
    return add(makeMarks(action, target, total.head, current, getSnapshot().items).map(mark => ({ ...mark, _tokens, until })));
  }

  function undo(): Promise<boolean> {
    const taken = outbox._undo();
    changed();
    return taken;
  }

  /** A mark is laid over the list until the list itself has it: by the stream's event, or by a refresh where there is no stream. */
  function wasTaken(): void {
    settle();
    if (connection._status() !== 'live' && outbox._marks().length) within(200);
  }

  function wasRefused(failure: InboxError, { action, ids }: Mark): void {
    changed();
    emit('error', Object.assign(failure, { action }, ids && { ids }));
    // Another choice was made before, and is not here yet.
    if (action === 'act') load('refresh');
  }

  function settle(): void {
    outbox._settle(version, id => known.some(({ item }) => item.id === id && !item.acted));
    changed();
    // Marks may empty what is shown although there is more below.
    if (loaded && !isLoading && bottom !== null && getSnapshot().items.length < pageSize) void loadMore();
  }

  // --- Loading

  async function loadMore(): Promise<boolean> {
    if (closed || (loaded && bottom === null && !due)) return false;
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

  async function reloaded(what: 'refresh' | 'reset'): Promise<void> {
    if (!closed) return new Promise(resolve => {
      waiters.push(resolve);
      load(what);
      changed();
    });
  }

  function load(what?: 'refresh' | 'reset'): void {
    if (what) {
      asked++;
      if (due !== 'reset') due = what;
    }
    if (!isLoading && connection._isRunning()) void work();
    else if (what) loadPause._wake();
  }

  async function work(): Promise<void> {
    isLoading = true;
    for (let failures = 0; connection._isRunning() && (due || wanted.length);) {
      meanwhile = [];
      try {
        if (due) await refresh();
        else await older();
        failures = 0;
        if (failed) { failed = null; changed(); }
      } catch (thrown) {
        if (!connection._isRunning()) break;
        const failure = thrown as InboxError;
        meanwhile = null;
        failed = failure;
        for (const resolve of wanted.splice(0)) resolve(false);
        changed();
        emit('error', failure);
        if (failure.status >= 400 && failure.status < 429) { due = undefined; break; } // Asking again would not help.
        await loadPause._wait(failure.retryAfter ?? backoff(failures++, times.retry, times._mostRetry));
      }
    }
    meanwhile = null;
    isLoading = false;
    if (connection._isRunning() && !due) {
      for (const resolve of waiters.splice(0)) resolve();
      settle();
    }
  }

  /** The window anew, as deep as it was, and put in place at once. */
  async function refresh(): Promise<void> {
    const as = current, ticket = asked, fresh: Row[] = [];
    const lowest = due === 'reset' || !loaded ? null : bottom ?? known.at(-1)?.item.id ?? null;
    const limit = lowest === null ? pageSize : Math.min(100, Math.max(pageSize, known.length + 10));
    let first: Counts | undefined, before: string | null = null;
    do {
      const page: Page = await fetchPage(http, as, limit, before);
      if (!connection._isRunning() || as !== current) return;
      first ??= page.counts;
      insert(fresh, page.counts.version, page.items);
      before = page.next;
    } while (lowest !== null && isAfter(before, lowest));
    await counting._fetch();
    if (!connection._isRunning() || as !== current) return;
    // What was asked for meanwhile is still due.
    if (ticket === asked) due = undefined;
    put(fresh, first, before);
  }

  function put(fresh: Row[], first: Counts, next: string | null): void {
    const arrived = loaded ? fresh.filter(({ item }) => isAfter(item.id, announced)).reverse() : [];
    known = fresh;
    bottom = next;
    total = first;
    version = first.version;
    if (isAfter(first.head, cursor)) cursor = first.head;
    if (isAfter(first.head, announced)) announced = first.head;
    loaded = true;
    repeat();
    settle();
    for (const { item } of arrived) {
      emit('added', item);
      missed.set(item.id, item.silent);
    }
    tellMissed();
  }

  function tellMissed(): void {
    const items = known.map(({ item }) => missed.get(item.id) ? { ...item, silent: true } : item).filter(({ id, read, archived }) => missed.has(id) && !read && !archived);
    missed.clear();
    if (items.length) emit('arrived', items);
  }

  /** What came while something was loading, applied to what was loaded. */
  function repeat(): void {
    for (const happening of meanwhile!) happened(happening, true);
  }

  async function older(): Promise<void> {
    const many = wanted.length, as = current;
    if (bottom !== null) {
      const page = await fetchPage(http, as, pageSize, bottom);
      if (!connection._isRunning()) return;
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
      const before = current.type === undefined ? known : [...known];
      if (event === 'added') arrive(data.silent ? { ...data.item, silent: true } : data.item, counts, again);
      else if (event === 'marked') applyMark(data, counts);
      else if (event === 'removed') applyMark({ ...data, action: 'remove' }, counts);
      else if (event === 'acted') applyMark({ action: 'act', ids: [data.id], _acted: data.acted }, counts);
      if (counts.version >= version && !isAfter(total.head, counts.head)) total = counts;
      if (!again) counting._moved(before, known);
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
    if (!isStale()) tellMissed();
  }

  function arrive(item: Item, counts: Counts, again: boolean): void {
    if (!again) {
      if (!isAfter(item.id, cursor)) return;
      cursor = item.id;
      drift(counts, 0);
    }
    if (!isOf(item, current)) return;
    insert(known, counts.version, [item]);
    if (!isAfter(item.id, announced)) return;
    announced = item.id;
    emit('added', item);
    // A stream replays what it missed before it is live again.
    if (connection._status() === 'live') emit('arrived', [item]);
    else missed.set(item.id, item.silent);
  }

  function applyMark(mark: Mark, counts: Counts): void {
    drift(counts, 1);
    // What is unread again may be unseen again; only the server knows.
    if (mark.action === 'unread' && counts.version > version) within(100);
    if (letsIn(mark.action, current) && counts.version > version
      && (!mark.ids || mark.ids.some(id => !has(known, id) && (bottom === null || isAfter(id, bottom))))) within(100);
    known = apply(known, mark, counts.version);
  }

  function isStale(): boolean { return !loaded || !!due; }

  /** A version that is further than the event explains: a mark was missed, or, which is less urgent, retention dropped something. A replay is told of after that. */
  function drift(counts: Counts, step: number): void {
    if (isStale() || counts.version <= version + step) return;
    if (connection._status() !== 'live') load('refresh');
    else within(step || counts.total > total.total ? 100 : times._mostRetry / 6);
  }

  /** For what is no part of the snapshot. */
  async function unlessClosed<T>(ask: () => Promise<T>): Promise<T> {
    if (closed) throw new InboxError('Closed.', 0);
    return ask();
  }

  function close(): void {
    closed = true;
    connection._close();
    outbox._close();
    for (const resolve of wanted.splice(0)) resolve(false);
    for (const resolve of waiters.splice(0)) resolve();
    store._mute();
  }

  void connection._begin();

  const marking = (action: Action) => (target: Target) => makeMark(action, target);
  return {
    subscribe, getSnapshot, on, loadMore, setFilter, reload: () => reloaded('refresh'), close,
    markRead: marking('read'), markUnread: marking('unread'), archive: marking('archive'), unarchive: marking('unarchive'), remove: marking('remove'), undo,
    reconnect: () => { if (!closed) connection._reconnect(); },
    act: (id, action) => add([{ action: 'act', ids: [id], _acted: { action, at: new Date().toISOString() } }]),
    markSeen: upTo => makeMark('seen', upTo === undefined ? { all: true } : { upTo }),
    snooze: (ids, until) => makeMark('snooze', ids, until),
    unsnooze: marking('unsnooze'),
    snoozed: (after, limit) => unlessClosed(() => fetchPart(http, 'snoozed', { after, limit })),
    preferences: () => unlessClosed(() => exchangePreferences(http)),
    savePreferences: (value, etag) => unlessClosed(() => exchangePreferences(http, value, etag)),
    // Below the user's path as all calls are: `fetch` resolves the dots (WHATWG URL, 4.4).
    request: async (path, call) => (await unlessClosed(() => http._json<any>('/../..' + path.replace('{user}', who), call))).data,
    get isLeader() { return connection._isLeader(); },
  };
}
