import type { Counts, LiveEvent } from './contract.js';
import type { Authorization } from './credentials.js';
import { codeOf, reload, retryAfterOf } from './errors.js';
import { pause } from './pause.js';
import type { BoundedQueue } from './queue.js';
import type { Upstream } from './upstream.js';

/** What subscribers hear. `gap`: the stream was away, and marks may have changed meanwhile; notifications are never missed. */
export type FeedEvent = Extract<LiveEvent, { kind: 'added' | 'marked' | 'removed' }> | { readonly kind: 'gap'; readonly counts: Counts };

export interface Subscriber {
  readonly authorization: Authorization;
  readonly queue: BoundedQueue<FeedEvent>;
}

const longestPauseMs = 10_000;

/**
 * One user's upstream stream, shared by all of the user's subscribers here, and kept open by the credentials of any of them.
 * It resumes by the last id, so each notification comes by once and in order, however often the stream breaks.
 */
export class Feed {
  /** When the stream first stands: whatever is published from then on comes by. */
  readonly opened: Promise<void>;
  private open!: () => void;
  private readonly subscribers = new Set<Subscriber>();
  private readonly stopped = new AbortController();
  private head: string | null = null;
  private version = 0;
  private attempt = 0;
  private askedPauseMs = 0;

  constructor(
    private readonly upstream: Upstream,
    private readonly emptied: (feed: Feed) => void,
    private readonly log: (message: string) => void,
  ) {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }

  attach(subscriber: Subscriber): void {
    this.subscribers.add(subscriber);
    if (this.subscribers.size === 1) void this.run();
  }

  detach(subscriber: Subscriber): void {
    if (!this.subscribers.delete(subscriber) || this.subscribers.size > 0) return;
    this.stopped.abort();
    this.emptied(this);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      // The newest has most of its life before it.
      const { authorization } = [...this.subscribers].at(-1)!;
      let retryAfterMs = 0;
      try {
        const versionBefore = this.version;
        for await (const event of this.upstream.stream(authorization, this.head, signal)) this.take(event, versionBefore);
      } catch (failure) {
        if (signal.aborted) return;
        const code = codeOf(failure);
        if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') {
          this.refuse(authorization, failure);
          continue;
        }
        retryAfterMs = (retryAfterOf(failure) ?? 0) * 1000;
        if (this.attempt === 0) this.log('A stream of the inbox is away; it is tried again until it is back.');
      }
      await pause(Math.max(retryAfterMs, this.askedPauseMs, this.backoffMs()), signal);
      this.askedPauseMs = 0;
    }
  }

  private take(event: LiveEvent, versionBefore: number): void {
    switch (event.kind) {
      case 'retry':
        this.askedPauseMs = Math.min(event.milliseconds, longestPauseMs);
        return;
      case 'reset':
        return this.endAll(reload());
      case 'ready':
        return this.ready(event, versionBefore);
      case 'added':
        this.head = event.item.id;
    }
    this.version = event.counts.version;
    for (const { queue } of this.subscribers) queue.push(event);
  }

  private ready(event: Extract<LiveEvent, { kind: 'ready' }>, versionBefore: number): void {
    this.attempt = 0;
    const first = this.head === null;
    if (!event.resumed) return this.endAll(reload());
    this.head = event.head;
    this.version = event.counts.version;
    if (first) this.open();
    else if (event.counts.version !== versionBefore)
      for (const { queue } of this.subscribers) queue.push({ kind: 'gap', counts: event.counts });
  }

  private refuse(authorization: Authorization, failure: unknown): void {
    for (const subscriber of [...this.subscribers])
      if (subscriber.authorization === authorization) this.end(subscriber, failure);
  }

  private endAll(failure: unknown): void {
    for (const subscriber of [...this.subscribers]) this.end(subscriber, failure);
  }

  private end(subscriber: Subscriber, failure: unknown): void {
    subscriber.queue.fail(failure);
    this.detach(subscriber);
  }

  /** Longer from time to time, and different in each gateway and for each user, so that they do not all come at once. */
  private backoffMs(): number {
    return Math.min(longestPauseMs, 250 * 2 ** this.attempt++) * (0.5 + Math.random() / 2);
  }
}
