import type { Timings } from './live.js';

/** What one tab tells the others; those that ask are from 0. */
interface Message {
  /** A tab wants to know where the inbox stands; whether there is one that leads; that one is there; it goes; what it has to tell. */
  readonly kind: 'hello' | 'ping' | 'here' | 'bye' | 'event' | 'state';
  readonly from: number;
  readonly number: number;
  readonly data?: any;
}

export interface TabsHost {
  /** From now on this tab holds the connection … */
  _lead(): void;
  /** … until another one does. */
  _follow(): void;
  /** Another tab wants to know where the inbox stands. */
  _hello(): void;
  /** @param missed something that was told before did not arrive */
  _hear(kind: Message['kind'], data: any, missed: boolean): void;
}

/**
 * Tabs of one origin and user, in every kind of context: one of them leads. Only an answer shows that it still does: one that says nothing, because it
 * is gone, frozen or busy, is asked, and its place is taken. Of two that lead, the later one stays.
 */
export interface Tabs {
  /** To those that follow. */
  _tell(kind: 'event' | 'state', data: unknown): void;
  /** Where does the inbox stand, and does somebody lead? */
  _ask(): void;
  _close(): void;
}

export const canShare = () => !!globalThis.BroadcastChannel;

export function openTabs(name: string, times: Timings, host: TabsHost): Tabs {
  const channel = new BroadcastChannel(`${name} 2`); // tabs that are open since before an update may speak the first protocol
  /** Since when this tab leads, 0 while it follows; and the same of the one that was heard last. */
  let mine = 0, theirs = 0, told = 0, heard = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const post = (kind: Message['kind'], data?: unknown) => channel.postMessage({ kind, from: mine, number: mine && ++told, data });
  function within(milliseconds: number, run: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  }
  function ask(kind: 'hello' | 'ping', patience: number): void {
    if (mine) return;
    post(kind);
    within(patience, take);
  }
  function take(): void {
    mine = Math.max(Date.now(), theirs + 1) + Math.random();
    host._lead();
  }

  channel.onmessage = ({ data: { kind, from, number, data } }: MessageEvent<Message>) => {
    if (from < Math.max(mine, theirs)) {
      if (mine && kind === 'hello') host._hello();
      else if (mine && kind !== 'bye') post('here');
    } else if (kind === 'bye') {
      if (!mine) within(100 * Math.random(), take);
    } else if (from) {
      const isOther = from !== theirs && theirs + mine > 0, missed = from === theirs && number !== heard + 1;
      if (mine) {
        mine = 0;
        host._follow();
      }
      if (isOther) post('hello'); // what was told between the two
      theirs = from;
      heard = number;
      within(times._quiet, () => ask('ping', times._answer));
      host._hear(kind, data, missed);
    }
  };
  ask('hello', times._answer / 20);

  return {
    _tell: post,
    _ask: () => ask('hello', times._answer),
    _close() {
      clearTimeout(timer);
      if (mine) post('bye');
      channel.close();
    },
  };
}
