import type { Http } from './http.js';
import { backoff, makePause } from './pause.js';
import { parseEvents, type ServerEvent } from './sse.js';
import { InboxError, type Counts, type Item } from './types.js';

/** All in milliseconds. */
export const timings = {
  /** A stream says something within this, or something on the way swallows it. */
  firstBytes: 6_000,
  /** The server writes every 15 s; nothing for this long, and the connection is only half there. */
  silence: 35_000,
  /** After becoming visible: as much silence is worth a new connection. */
  doubt: 20_000,
  /** How long a long poll waits. */
  wait: 25_000,
  /** Between two polls when the server does not say. */
  poll: 30_000,
  /** Until streams are tried again; doubles up to `mostClimb`. */
  climb: 10_000,
  mostClimb: 300_000,
  /** How long other calls may take. */
  call: 15_000,
  /** The first pause after a failure; doubles up to `mostRetry`. */
  retry: 1_000,
  mostRetry: 30_000,
  /** After retention dropped something, until the list follows. */
  trim: 3_000,
};
export type Timings = typeof timings;

export interface LiveHost {
  /** Where a stream resumes. */
  cursor(): string | null;
  connecting(): void;
  live(): void;
  event(event: ServerEvent): void;
  /** What a poll found. */
  polled(counts: Counts): void;
  offline(error: InboxError): void;
  signedOut(error: InboxError): void;
}

const enum Way { Stream, LongPoll, Poll }

/** Something on the way lets no stream through. */
const swallowed = new InboxError('No stream gets through.', 0);

/** Keeps one connection: a stream; where streams do not get through, a long poll; where those do not either, a poll. And back up. */
export interface Live {
  /** Connects at once; a stream that was silent for longer than `doubt` is opened anew. */
  wake(doubt: number): void;
  close(): void;
}

export function openLive(http: Http, host: LiveHost, times: Timings): Live {
  let closed = false, isLive = false;
  let abort: AbortController | undefined;
  const pause = makePause();
  let best = Way.Stream, failures = 0;
  /** Streams that ended with nothing in them, one after the other. */
  let empty = 0;
  let climb = times.climb, climbAt = 0, lastHeard = 0;
  let etag: string | undefined, head: string | null = null;
  /** Whether the server answers at all, where streams do not get through. */
  let isReached = false;

  function wake(doubt: number): void {
    climbAt = 0;
    if (isLive && Date.now() - lastHeard > doubt) abort?.abort();
    pause.wake();
  }

  function close(): void {
    closed = true;
    abort?.abort();
    pause.wake();
  }

  async function run(): Promise<void> {
    while (!closed) {
      const way = best === Way.Stream || Date.now() >= climbAt ? Way.Stream : best;
      try {
        await (way === Way.Stream ? stream() : way === Way.LongPoll ? longPoll() : poll());
        failures = 0;
      } catch (failure) {
        if (!closed) await failed(way, failure);
      }
    }
  }

  async function failed(way: Way, failure: unknown): Promise<void> {
    const error = failure instanceof InboxError ? failure : new InboxError(`${failure}`, 0);
    if (error.status === 401 || error.status === 403) return host.signedOut(error);
    if (best !== Way.Stream && way === Way.Stream) {
      // Not yet; the better of the ways that are left goes on.
      best = Way.LongPoll;
      later();
    } else if (failure === swallowed) {
      best = Way.LongPoll;
      isReached = false;
      later();
    } else if (way === Way.LongPoll && isReached && !error.retryAfter) best = Way.Poll;
    else {
      if (!error.retryAfter) best = Way.Stream;
      host.offline(error);
      await pause.wait(error.retryAfter ?? backoff(failures++, times.retry, times.mostRetry));
    }
  }

  function later(): void {
    climbAt = Date.now() + climb * (0.75 + Math.random() / 2);
    climb = Math.min(climb * 2, times.mostClimb);
  }

  async function stream(): Promise<void> {
    const mine = abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const within = (milliseconds: number) => { clearTimeout(timer); timer = setTimeout(() => mine.abort(), milliseconds); };
    let heard = false, ready = false, retry: number | undefined;
    try {
      const cursor = host.cursor();
      const before = Date.now();
      await http.token();
      within(times.firstBytes);
      const response = await http.open('/stream', {
        headers: { Accept: 'text/event-stream', ...(cursor ? { 'Last-Event-ID': cursor } : {}) }, signal: mine.signal, timeout: times.firstBytes,
      });
      if (!response.headers.get('Content-Type')?.startsWith('text/event-stream') || !response.body) throw swallowed;
      lastHeard = before;
      for await (const event of parseEvents(response.body)) {
        if (closed) return;
        heard = true;
        lastHeard = Date.now();
        within(times.silence);
        retry = event.retry;
        if (event.event === 'ready') {
          ready = isLive = true;
          best = Way.Stream;
          failures = empty = 0;
          climb = times.climb;
        }
        if (event.event) host.event(event);
        if (event.event === 'ready') host.live();
      }
      if (!ready && !heard && ++empty > 1) throw swallowed;
    } catch (failure) {
      if (closed) return;
      if (!heard && mine.signal.aborted) throw swallowed;
      if (failure instanceof InboxError && !ready) throw failure;
    } finally {
      clearTimeout(timer);
      mine.abort();
      isLive = false;
    }
    if (closed) return;
    if (!ready && best !== Way.Stream) throw swallowed;
    // A connection that worked is soon made again; one that did not is a failure like others.
    host.connecting();
    await pause.wait(ready ? retry ?? backoff(0, times.retry / 2) : backoff(failures + empty, times.retry, times.mostRetry));
  }

  async function longPoll(): Promise<void> {
    if (!isReached) {
      await check();
      isReached = true;
      return;
    }
    const began = Date.now();
    const mine = abort = new AbortController();
    const wait = Math.ceil(times.wait / 1000);
    const { data } = await http.json<{ items: Item[]; counts: Counts }>(
      `/notifications?status=all&limit=1&after=${head ?? '0-0'}&wait=${wait}`, { signal: mine.signal, timeout: times.wait + times.call });
    if (closed) return;
    found(data!.counts);
    if (Date.now() - began < 500) await pause.wait(500);
  }

  async function poll(): Promise<void> {
    await pause.wait(await check());
  }

  /** @returns how long to wait for the next one */
  async function check(): Promise<number> {
    const mine = abort = new AbortController();
    const { data, headers } = await http.json<Counts>('/counts', {
      headers: etag ? { 'If-None-Match': etag } : {}, signal: mine.signal, timeout: times.call,
    });
    if (data && !closed) {
      etag = headers.get('ETag') ?? undefined;
      found(data);
    }
    return +(headers.get('X-Poll-Interval') ?? 0) * 1000 || times.poll;
  }

  function found(counts: Counts): void {
    head = counts.head;
    host.polled(counts);
  }

  void run();
  return { wake, close };
}
