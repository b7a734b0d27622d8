import type { Counts, LiveEvent } from './contract.js';
import type { Authorization } from './credentials.js';
import { codeOf, reload, retryAfterOf } from './errors.js';
import { pause } from './pause.js';
import type { BoundedQueue } from './queue.js';
import type { Upstream } from './upstream.js';

/** `gap`: the stream was interrupted and marks changed meanwhile. Notifications are never missed: they are replayed. */
export type FeedEvent = Extract<LiveEvent, { kind: 'added' | 'marked' | 'removed' | 'acted' }> | { readonly kind: 'gap'; readonly counts: Counts };

export interface Subscriber {
  readonly authorization: Authorization;
  readonly queue: BoundedQueue<FeedEvent>;
}

const longestPauseMs = 10_000;

/**
 * One user's upstream stream, shared by all of the user's subscribers in this gateway, and opened with the credentials of one of them.
 * It resumes after the last id, so that each notification is delivered once and in order, however often the stream breaks.
 */
export class Feed {
  /** Resolves when the stream is first connected: what is published after that is delivered. */
  readonly opened: Promise<void>;
  private markOpened!: () => void;
  private readonly subscribers = new Set<Subscriber>();
  private readonly stopped = new AbortController();
  private head: string | null = null;
  private version = 0;
  private attempt = 0;
  private serverRetryMs = 0;

  constructor(
    private readonly upstream: Upstream,
    private readonly onEmpty: (feed: Feed) => void,
    private readonly log: (message: string) => void,
  ) {
    this.opened = new Promise((resolve) => (this.markOpened = resolve));
  }

  attach(subscriber: Subscriber): void {
    this.subscribers.add(subscriber);
    if (this.subscribers.size === 1) void this.run();
  }

  detach(subscriber: Subscriber): void {
    if (!this.subscribers.delete(subscriber) || this.subscribers.size > 0) return;
    this.stopped.abort();
    this.onEmpty(this);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      // The token of the newest subscriber is usually the one that expires last.
      const { authorization } = [...this.subscribers].at(-1)!;
      let retryAfterMs = 0;
      try {
        const versionBefore = this.version;
        for await (const event of this.upstream.stream(authorization, this.head, signal)) this.handle(event, versionBefore);
      } catch (failure) {
        if (signal.aborted) return;
        const code = codeOf(failure);
        if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') {
          this.endWith(authorization, failure);
          continue;
        }
        retryAfterMs = (retryAfterOf(failure) ?? 0) * 1000;
        if (this.attempt === 0) this.log('A stream of the inbox broke; reconnecting until it is back.');
      }
      await pause(Math.max(retryAfterMs, this.serverRetryMs, this.backoffMs()), signal);
      this.serverRetryMs = 0;
    }
  }

  private handle(event: LiveEvent, versionBefore: number): void {
    switch (event.kind) {
      case 'retry':
        this.serverRetryMs = Math.min(event.milliseconds, longestPauseMs);
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
    if (first) this.markOpened();
    else if (event.counts.version !== versionBefore)
      for (const { queue } of this.subscribers) queue.push({ kind: 'gap', counts: event.counts });
  }

  private endWith(authorization: Authorization, failure: unknown): void {
    for (const subscriber of [...this.subscribers])
      if (subscriber.authorization === authorization) this.end(subscriber, failure);
  }

  endAll(failure: unknown): void {
    for (const subscriber of [...this.subscribers]) this.end(subscriber, failure);
  }

  private end(subscriber: Subscriber, failure: unknown): void {
    subscriber.queue.fail(failure);
    this.detach(subscriber);
  }

  /** Exponential, with jitter, so that feeds do not all reconnect at the same time. */
  private backoffMs(): number {
    return Math.min(longestPauseMs, 250 * 2 ** this.attempt++) * (0.5 + Math.random() / 2);
  }
}
