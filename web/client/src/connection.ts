import { whose, type Http } from './http.js';
import { openLive, type Happening, type Live, type Timings } from './live.js';
import { canShare, openTabs, type Message, type Tabs } from './tabs.js';
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
  /** Whatever pauses may try again. */
  _wake(): void;
}

/** One connection for all tabs of an origin and user: this tab's, or what the tab that leads tells. */
export function openConnection(name: string, http: Http, share: boolean, times: Timings, store: Store, served: Served) {
  let isRunning = false, status: Status = 'connecting';
  let lost: InboxError | null = null;
  let live: Live | undefined, tabs: Tabs | undefined;
  const shares = share && canShare(), me = Math.random();
  let posted = 0, heardFrom = 0, heardNumber = 0;

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
    else tabs = openTabs(`${name} ${who}`, lead, hear);
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
    tabs?._post({ kind, from: me, number: ++posted, data });
  }

  function lead(): void {
    live = openLive(http, {
      _cursor: served._cursor,
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

  /** From another tab. */
  function hear(message: Message): void {
    if (live) {
      // The others are leaders that are just going.
      if (message.kind === 'hello') tell('state', { status, ...served._standing() });
      return;
    }
    if (message.kind === 'hello') return;
    const { kind, from, number, data } = message as { kind: string; from: number; number: number; data: any };
    // We slept through something, or the leader cannot tell.
    if ((from === heardFrom && number !== heardNumber + 1) || data.isKnown === false) served._missed();
    heardFrom = from;
    heardNumber = number;
    if (kind === 'state') {
      show(data.status);
      if (data.isKnown) served._happened({ event: 'ready', data: { counts: data.counts, resumed: true } });
    } else served._happened(data);
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
    if (tabs && !live) tabs._post({ kind: 'hello' });
  }

  function woken({ type }: Event): void {
    if (type === 'pagehide') {
      // Another tab takes over now; and a page that holds a lock could not be kept for the way back.
      if (shares) halt();
    } else if (type === 'pageshow') {
      if (status !== 'signed-out') void begin();
    } else if (type === 'online' || !document.hidden) {
      // As much _silence is worth a new connection: more than one heartbeat is missing.
      wake(type === 'online' ? 0 : 20_000);
    }
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
