import { whose, type Http } from './http.js';
import { openLive, type Happening, type Live, type Timings } from './live.js';
import { canShare, openTabs, type Tabs } from './tabs.js';
import type { Store } from './store.js';
import type { Counts, InboxError, Status } from './types.js';

/** `visibilitychange` bubbles up from the document. */
const wakers = ['online', 'pagehide', 'pageshow', 'visibilitychange'];

/** The inbox that a connection serves. */
export interface Served {
  /** Where a stream resumes. */
  _cursor(): string | null;
  /** What other tabs may take over; `isKnown` unless something is still to be loaded. */
  _standing(): { counts: Counts; isKnown: boolean };
  _happened(happening: Happening): void;
  /** From now on it may load and send. */
  _began(): void;
  /** Something may have been missed: everything has to be looked at. */
  _missed(): void;
  /** It ended, for now. */
  _halted(): void;
  /** The page is left; it may come back. */
  _left(): void;
  /** Whatever pauses may try again. */
  _wake(): void;
}

/** One connection for all tabs of an origin and user: this tab's, or what the tab that leads tells. */
export function openConnection(name: string, http: Http, share: boolean, times: Timings, store: Store, served: Served) {
  let isRunning = false, status: Status = 'connecting';
  let lost: InboxError | null = null;
  let live: Live | undefined, tabs: Tabs | undefined;
  const shares = share && canShare();

  async function begin(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    lost = null;
    show('connecting');
    served._began();
    const who = shares ? await http._token().then(whose, () => undefined) : undefined;
    if (!isRunning || tabs || live) return;
    // Without knowing whose it is nothing is shared: two users may be at one browser.
    if (who === undefined) lead();
    else tabs = openTabs(`${name} ${who}`, times, {
      _lead: lead,
      _follow() {
        live?._close();
        live = undefined;
      },
      _hello: () => tell('state', { status, ...served._standing() }),
      _hear: hear,
    });
    served._wake();
  }

  function halt(): void {
    isRunning = false;
    live?._close();
    tabs?._close();
    live = tabs = undefined;
    served._halted();
  }

  function tell(kind: 'event' | 'state', data: unknown): void {
    tabs?._tell(kind, data);
  }

  function lead(): void {
    show('connecting');
    live = openLive(http, {
      _cursor: served._cursor,
      // A stream that serves other tabs too is kept.
      _isHidden: () => !tabs && !!globalThis.document?.hidden,
      _status(now, error) {
        const isBack = now !== status && (now === 'live' || now === 'polling');
        show(now, error);
        tell('state', { status: now });
        if (isBack) served._wake();
      },
      _event(happening) {
        served._happened(happening);
        tell('event', happening);
      },
    }, times);
    tell('state', { status });
  }

  /** From the tab that leads. */
  function hear(kind: string, data: any, missed: boolean): void {
    // We slept through something, or the leader cannot tell.
    if (missed || data?.isKnown === false) served._missed();
    if (kind === 'state') {
      show(data.status);
      if (data.isKnown) served._happened({ event: 'ready', data: { counts: data.counts, resumed: true } });
    } else if (kind === 'event') served._happened(data);
  }

  function show(now: Status, error: InboxError | null = null): void {
    if (status === now && !error) return;
    if (error && !lost) store._emit('error', error);
    status = now;
    if (now !== 'connecting') lost = error;
    store._changed();
  }

  function wake(doubt: number): void {
    live?._wake(doubt);
    served._wake();
    tabs?._ask();
  }

  function woken({ type }: Event): void {
    if (type === 'pagehide') {
      served._left();
      // Another tab takes over now.
      if (shares) halt();
    } else if (type === 'pageshow') {
      if (status !== 'signed-out') void begin();
      served._wake();
    } else if (type === 'online' || !document.hidden) {
      // As much _silence is worth a new connection: more than one heartbeat is missing.
      wake(type === 'online' ? 0 : 20_000);
    } else if (!tabs) live?._wake(-1); // hidden: browsers have few connections for one host
  }

  for (const name of wakers) globalThis.addEventListener?.(name, woken);

  return {
    _begin: begin,
    _reconnect(): void {
      void begin();
      wake(0);
    },
    /** No token is taken, or none that may see this inbox. */
    _signOut(error: InboxError): void {
      if (!isRunning) return;
      halt();
      show('signed-out', error);
    },
    _close(): void {
      for (const name of wakers) globalThis.removeEventListener?.(name, woken);
      halt();
    },
    _status: () => status,
    _lost: () => lost,
    _isRunning: () => isRunning,
    _isLeader: () => !!live,
  };
}
