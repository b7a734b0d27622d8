import type { Http } from './http.js';
import { backoff, Pause } from './pause.js';
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
export class Live {
  #closed = false;
  #abort: AbortController | undefined;
  #pause = new Pause();
  #way = Way.Stream;
  #failures = 0;
  /** Streams that ended with nothing in them, one after the other. */
  #empty = 0;
  #climb: number;
  #climbAt = 0;
  #heard = 0;
  #isLive = false;
  #etag: string | undefined;
  #head: string | null = null;
  /** Whether the server answers at all, where streams do not get through. */
  #isReached = false;

  constructor(readonly http: Http, readonly host: LiveHost, readonly times: Timings) {
    this.#climb = times.climb;
    void this.#run();
  }

  /** Connects at once; a stream that was silent for longer than `doubt` is opened anew. */
  wake(doubt: number): void {
    this.#climbAt = 0;
    if (this.#isLive && Date.now() - this.#heard > doubt) this.#abort?.abort();
    this.#pause.wake();
  }

  close(): void {
    this.#closed = true;
    this.#abort?.abort();
    this.#pause.wake();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const way = this.#way === Way.Stream || Date.now() >= this.#climbAt ? Way.Stream : this.#way;
      try {
        await (way === Way.Stream ? this.#stream() : way === Way.LongPoll ? this.#longPoll() : this.#poll());
        this.#failures = 0;
      } catch (failure) {
        if (!this.#closed) await this.#failed(way, failure);
      }
    }
  }

  async #failed(way: Way, failure: unknown): Promise<void> {
    const error = failure instanceof InboxError ? failure : new InboxError(`${failure}`, 0);
    if (error.status === 401 || error.status === 403) return this.host.signedOut(error);
    if (this.#way !== Way.Stream && way === Way.Stream) {
      // Not yet; the better of the ways that are left goes on.
      this.#way = Way.LongPoll;
      this.#later();
    } else if (failure === swallowed) {
      this.#way = Way.LongPoll;
      this.#isReached = false;
      this.#later();
    } else if (way === Way.LongPoll && this.#isReached && !error.retryAfter) this.#way = Way.Poll;
    else {
      if (!error.retryAfter) this.#way = Way.Stream;
      this.host.offline(error);
      await this.#pause.for(error.retryAfter ?? backoff(this.#failures++, this.times.retry, this.times.mostRetry));
    }
  }

  #later(): void {
    this.#climbAt = Date.now() + this.#climb * (0.75 + Math.random() / 2);
    this.#climb = Math.min(this.#climb * 2, this.times.mostClimb);
  }

  async #stream(): Promise<void> {
    const abort = this.#abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const within = (milliseconds: number) => { clearTimeout(timer); timer = setTimeout(() => abort.abort(), milliseconds); };
    let heard = false, ready = false, retry: number | undefined;
    try {
      const cursor = this.host.cursor();
      const before = Date.now();
      await this.http.token();
      within(this.times.firstBytes);
      const response = await this.http.open('/stream', {
        headers: { Accept: 'text/event-stream', ...(cursor ? { 'Last-Event-ID': cursor } : {}) }, signal: abort.signal, timeout: this.times.firstBytes,
      });
      if (!response.headers.get('Content-Type')?.startsWith('text/event-stream') || !response.body) throw swallowed;
      this.#heard = before;
      for await (const event of parseEvents(response.body)) {
        if (this.#closed) return;
        heard = true;
        this.#heard = Date.now();
        within(this.times.silence);
        retry = event.retry;
        if (event.event === 'ready') {
          ready = this.#isLive = true;
          this.#way = Way.Stream;
          this.#failures = this.#empty = 0;
          this.#climb = this.times.climb;
        }
        if (event.event) this.host.event(event);
        if (event.event === 'ready') this.host.live();
      }
      if (!ready && !heard && ++this.#empty > 1) throw swallowed;
    } catch (failure) {
      if (this.#closed) return;
      if (!heard && abort.signal.aborted) throw swallowed;
      if (failure instanceof InboxError && !ready) throw failure;
    } finally {
      clearTimeout(timer);
      abort.abort();
      this.#isLive = false;
    }
    if (this.#closed) return;
    if (!ready && this.#way !== Way.Stream) throw swallowed;
    // A connection that worked is soon made again; one that did not is a failure like others.
    this.host.connecting();
    await this.#pause.for(ready ? retry ?? backoff(0, this.times.retry / 2) : backoff(this.#failures + this.#empty, this.times.retry, this.times.mostRetry));
  }

  async #longPoll(): Promise<void> {
    if (!this.#isReached) {
      await this.#check();
      this.#isReached = true;
      return;
    }
    const began = Date.now();
    const abort = this.#abort = new AbortController();
    const wait = Math.ceil(this.times.wait / 1000);
    const { data } = await this.http.json<{ items: Item[]; counts: Counts }>(
      `/notifications?status=all&limit=1&after=${this.#head ?? '0-0'}&wait=${wait}`, { signal: abort.signal, timeout: this.times.wait + this.times.call });
    if (this.#closed) return;
    this.#found(data!.counts);
    if (Date.now() - began < 500) await this.#pause.for(500);
  }

  async #poll(): Promise<void> {
    await this.#pause.for(await this.#check());
  }

  /** @returns how long to wait for the next one */
  async #check(): Promise<number> {
    const abort = this.#abort = new AbortController();
    const { data, headers } = await this.http.json<Counts>('/counts', {
      headers: this.#etag ? { 'If-None-Match': this.#etag } : {}, signal: abort.signal, timeout: this.times.call,
    });
    if (data && !this.#closed) {
      this.#etag = headers.get('ETag') ?? undefined;
      this.#found(data);
    }
    return +(headers.get('X-Poll-Interval') ?? 0) * 1000 || this.times.poll;
  }

  #found(counts: Counts): void {
    this.#head = counts.head;
    this.host.polled(counts);
  }
}
