import type { Http } from './http.js';
import { backoff, makePause } from './pause.js';
import { parseEvents } from './sse.js';
import { InboxError, type Counts, type Status } from './types.js';

/** All in milliseconds. */
export const timings = {
  /** A stream says something within this, or something on the way swallows it. */
  _firstBytes: 6_000,
  /** The server writes every 15 s; nothing for this long, and the connection is only half there. */
  _silence: 35_000,
  /** How long a long poll waits. */
  wait: 25_000,
  /** Until streams are tried again; doubles up to 30 times as long. */
  _climb: 10_000,
  /** How long other calls may take. */
  call: 15_000,
  /** The first pause after a failure; doubles up to `_mostRetry`, which is also the pause between polls when the server does not say. */
  retry: 1_000,
  _mostRetry: 30_000,
  /** The tab that leads is asked whether it still does when it said nothing for `_quiet`, and has `_answer` to say so; a twentieth of that when a page opens. */
  _quiet: 10_000,
  _answer: 3_000,
};
export type Timings = typeof timings;

/** A server's event, its data parsed. */
export interface Happening {
  event: string;
  data: any;
}

export interface LiveHost {
  /** Where a stream resumes. */
  _cursor(): string | null;
  /** Whether nobody looks: then it only polls, and holds no connection in between. */
  _isHidden(): boolean;
  _status(status: Status, error?: InboxError): void;
  /** Of a stream; what a poll finds comes as a `ready`. */
  _event(happening: Happening): void;
}

const enum Way { Stream, LongPoll, Poll }

/** Something on the way lets no stream through. */
const swallowed = new InboxError('No stream.', 0);

/** Keeps one connection: a stream; where streams do not get through, a long poll; where those do not either, a poll. And back up. */
export interface Live {
  /** Connects at once; a stream that was silent for longer than `doubt` is opened anew. */
  _wake(doubt: number): void;
  _close(): void;
}

export function openLive(http: Http, host: LiveHost, times: Timings): Live {
  let closed = false, isLive = false;
  let abort: AbortController | undefined;
  const pause = makePause();
  let best: Way = Way.Stream, failures = 0;
  /** Streams that ended before they began, one after the other. */
  let empty = 0;
  let climbs = 0, climbAt = 0, lastHeard = 0;
  let etag: string | undefined, head: string | null = null;
  /** Whether the server answers at all, where streams do not get through. */
  let isReached = false;

  function wake(doubt: number): void {
    climbAt = 0;
    if (isLive && Date.now() - lastHeard > doubt) {
      lastHeard = 0; // no pause then
      abort!.abort();
    }
    pause._wake();
  }

  function close(): void {
    closed = true;
    abort?.abort();
    pause._wake();
  }

  async function run(): Promise<void> {
    while (!closed) {
      const way = host._isHidden() ? Way.Poll : Date.now() < climbAt ? best : Way.Stream;
      abort = new AbortController();
      try {
        await (way === Way.Stream ? stream(abort) : way === Way.LongPoll ? longPoll(abort) : pause._wait(await check(abort)));
      } catch (failure) {
        if (!closed) await failed(way, failure as InboxError);
      }
    }
  }

  async function failed(way: Way, error: InboxError): Promise<void> {
    if (way === Way.Stream && (best !== Way.Stream || error === swallowed)) {
      // The better of the ways that are left; whether it works is seen first.
      isReached = best !== Way.Stream;
      best = Way.LongPoll;
      climbAt = Date.now() + backoff(climbs++, times._climb, times._climb * 30);
    } else if (way === Way.LongPoll && isReached && !error.retryAfter) best = Way.Poll;
    else {
      if (!error.retryAfter) best = Way.Stream, climbAt = 0;
      host._status('offline', error);
      await pause._wait(error.retryAfter ?? backoff(failures++, times.retry, times._mostRetry));
    }
  }

  async function stream(mine: AbortController): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const within = (milliseconds: number) => { clearTimeout(timer); timer = setTimeout(() => mine.abort(), milliseconds); };
    let heard = false, retry: number | undefined;
    try {
      const cursor = host._cursor();
      const response = await http._open('/stream', { headers: cursor ? { 'Last-Event-ID': cursor } : {}, abort: mine, timeout: times._firstBytes });
      within(times._firstBytes);
      for await (const { event, data, retry: pause } of parseEvents(response.body!)) {
        if (closed) return;
        heard = true;
        lastHeard = Date.now();
        within(times._silence);
        retry = pause;
        if (!event) continue;
        if (event === 'ready') {
          isLive = true;
          best = Way.Stream;
          climbAt = failures = empty = climbs = 0;
        }
        host._event({ event, data: JSON.parse(data) });
        if (event === 'ready') host._status('live');
        if (isLive && host._isHidden()) return;
      }
    } catch (failure) {
      if (mine.signal.aborted && (!heard || failure instanceof InboxError)) throw swallowed;
      if (failure instanceof InboxError) throw failure;
    } finally {
      clearTimeout(timer);
      mine.abort();
      if (!isLive) empty++;
    }
    // It ended. One that never began, again and again, is one that something on the way ends.
    if (!isLive && (empty > 1 || best !== Way.Stream)) throw swallowed;
    const pauses = isLive ? lastHeard && (retry ?? times.retry * Math.random()) : backoff(0, times.retry);
    isLive = false;
    if (closed) return;
    host._status('connecting');
    await pause._wait(pauses);
  }

  async function longPoll(abort: AbortController): Promise<void> {
    if (!isReached) {
      await check(abort);
      isReached = true;
      return;
    }
    const began = Date.now();
    const { data } = await http._json<{ counts: Counts }>(
      `/notifications?status=all&limit=1&after=${head ?? '0-0'}&wait=${Math.ceil(times.wait / 1000)}`, { abort, timeout: times.wait + times.call });
    found(data!.counts);
    if (Date.now() - began < 500) await pause._wait(500);
  }

  /** @returns how long to wait for the next one */
  async function check(abort: AbortController): Promise<number> {
    const { data, headers } = await http._json<Counts>('/counts', { headers: etag ? { 'If-None-Match': etag } : {}, abort });
    if (data) {
      etag = headers.get('ETag') ?? undefined;
      found(data);
    }
    return +headers.get('X-Poll-Interval')! * 1000 || times._mostRetry;
  }

  function found(counts: Counts): void {
    if (closed) return;
    head = counts.head;
    host._status('polling');
    host._event({ event: 'ready', data: { counts, resumed: true } });
  }

  void run();
  return { _wake: wake, _close: close };
}
