import { vi } from 'vitest';
import { openInbox } from '../src/inbox.js';
import type { Timings } from '../src/live.js';
import type { Counts, Inbox, InboxOptions, Item } from '../src/types.js';

export const counts = (head: number, version = 0, more: Partial<Counts> = {}): Counts => ({ unread: head, unseen: head, total: head, head: head ? `1000-${head}` : null, version, ...more });
export const item = (seq: number, more: Partial<Item> = {}): Item =>
  ({ id: `1000-${seq}`, createdAt: '2026-01-01T00:00:00Z', type: 'test', title: `No. ${seq}`, read: false, seen: false, archived: false, ...more });

/** One open stream, as the server sees it. */
export class Stream {
  readonly body: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  isOver = false;

  constructor(readonly request: Request, signal: AbortSignal) {
    this.body = new ReadableStream({ start: controller => { this.#controller = controller; }, cancel: () => { this.isOver = true; } });
    signal.addEventListener('abort', () => this.fail());
  }

  raw(text: string): void { if (!this.isOver) this.#controller.enqueue(new TextEncoder().encode(text)); }
  send(event: string, data: object, id?: string): void { this.raw(`event: ${event}\n${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`); }
  ready(now: Counts, resumed = true): void { this.send('ready', { counts: now, resumed }, now.head ?? '0-0'); }
  added(one: Item, now: Counts): void { this.send('added', { item: one, counts: now }, one.id); }
  end(): void { if (!this.isOver) { this.isOver = true; this.#controller.close(); } }
  fail(): void { if (!this.isOver) { this.isOver = true; this.#controller.error(new Error('cut')); } }
}

export interface Seen { method: string; path: string; query: URLSearchParams; headers: Headers; body: any; signal: AbortSignal; keepalive: boolean }
type Answer = Response | 'hang' | 'unreachable';
export const json = (data: unknown, status = 200, headers: Record<string, string> = {}) => new Response(status === 204 || status === 304 ? null : JSON.stringify(data), { status, headers });

/** A server that does what the test says. Without instructions it holds what `items` and `now` say, and streams. */
export class Scripted {
  items: Item[] = [];
  now: Counts = counts(0);
  readonly seen: Seen[] = [];
  readonly streams: Stream[] = [];
  /** Asked first; undefined leaves it to the server. */
  rule: (call: Seen) => Answer | undefined | Promise<Answer | undefined> = () => undefined;
  /** Whether a stream says `ready` by itself. */
  greets = true;

  get stream(): Stream { return this.streams.at(-1)!; }
  calls(path: string, method = 'GET'): Seen[] { return this.seen.filter(call => call.path === path && call.method === method); }

  fetch = (async (url: string, init: RequestInit) => {
    const { pathname, searchParams } = new URL(url, 'http://inbox');
    const signal = init.signal!;
    const call: Seen = { method: init.method!, path: pathname.replace(/^.*\/users\/[^/]*/, ''), query: searchParams, headers: new Headers(init.headers), body: init.body ? JSON.parse(init.body as string) : undefined, signal, keepalive: !!init.keepalive };
    this.seen.push(call);
    const ruled = await this.rule(call);
    if (signal.aborted) throw new DOMException('aborted', 'AbortError');
    if (ruled === 'unreachable') throw new TypeError('fetch failed');
    if (ruled === 'hang') return new Promise<never>((_, fail) => signal.addEventListener('abort', () => fail(new DOMException('aborted', 'AbortError'))));
    return ruled ?? this.#answer(call);
  }) as unknown as typeof fetch;

  #answer(call: Seen): Response {
    if (call.path === '/stream') {
      const stream = new Stream(call as unknown as Request, call.signal);
      this.streams.push(stream);
      if (this.greets) stream.ready(this.now);
      return new Response(stream.body, { headers: { 'Content-Type': 'text/event-stream' } });
    }
    if (call.path === '/counts') return json(this.now, 200, { ETag: `"${this.now.head}.${this.now.version}"` });
    if (call.method === 'DELETE') return json(null, 204);
    if (call.method === 'POST') return json(this.now);
    const { query } = call;
    const seq = (id: string) => +id.split('-')[1]!;
    let found = this.items.filter(one => (!query.has('before') || seq(one.id) < seq(query.get('before')!)) && (!query.has('after') || seq(one.id) > seq(query.get('after')!)));
    const limit = +(query.get('limit') ?? 20);
    const next = found.length > limit ? found[limit - 1]!.id : null;
    found = found.slice(0, limit);
    return json({ items: found, next, counts: this.now });
  }

  /** So many notifications, all unread. */
  holds(many: number, version = 0): this {
    this.items = Array.from({ length: many }, (_, i) => item(many - i));
    this.now = counts(many, version);
    return this;
  }

  open(options: Partial<InboxOptions> = {}, times: Partial<Timings> = {}): Inbox {
    const inbox = openInbox({ url: 'http://inbox', token: 'secret', fetch: this.fetch, share: false, ...options }, times);
    opened.push(inbox);
    return inbox;
  }
}

const opened: Inbox[] = [];
export function closeAll(): void {
  for (const inbox of opened.splice(0)) inbox.close();
}

/** Lets everything happen that happens without time. */
export const settle = () => vi.advanceTimersByTimeAsync(0);
export const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
export const seqs = (inbox: Inbox) => inbox.getSnapshot().items.map(({ id }) => +id.split('-')[1]!);
