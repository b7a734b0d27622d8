import { Repeater } from 'graphql-yoga';
import type { Counts } from './contract.js';
import { subjectOf } from './credentials.js';
import type { Caller } from './caller.js';
import { rateLimited, unauthenticated, unavailable } from './errors.js';
import { onExpiry } from './expiry.js';
import type { FeedEvent, Subscriber } from './feed.js';
import { pause } from './pause.js';
import { BoundedQueue } from './queue.js';

/** An event, or the reason for the end: the field's resolver throws it, so that it arrives as a GraphQL error. */
export type SubscriptionEvent<T> = { readonly value: T } | { readonly failure: unknown };

/** Generates the events of one subscription: first what was missed, then what is live. */
export type EventGenerator<T> = (given: { caller: Caller; before: Counts; live: AsyncIterable<FeedEvent>; signal: AbortSignal }) => AsyncIterable<T>;

/**
 * Joins the user's shared stream. `before` is the state just before joining; `live` has every event after that, and may repeat
 * earlier ones, which the generators drop by id and version.
 */
export async function subscribe<T>(caller: Caller, events: EventGenerator<T>): Promise<AsyncIterable<SubscriptionEvent<T>>> {
  const { upstream, feeds, subscriptions, queuePerSubscriber, upstreamTimeoutMs } = caller.gateway;
  const authorization = caller.authorization();
  const before = await upstream.counts(authorization); // also verifies the token: `subjectOf` does not
  const { key, expiresAt } = subjectOf(authorization);

  return new Repeater<SubscriptionEvent<T>>(async (push, stop) => {
    const release = subscriptions.acquire(key);
    if (release === null) {
      await push({ failure: rateLimited(`At most ${subscriptions.max} subscriptions of a user at a time.`, 1) });
      return stop();
    }
    const ended = new AbortController();
    const queue = new BoundedQueue<FeedEvent>(queuePerSubscriber, () => {
      feed.detach(subscriber);
      caller.cutOff();
    });
    const subscriber: Subscriber = { authorization, queue };
    const feed = feeds.join(key, subscriber);
    const cancelExpiry = onExpiry(expiresAt, () => queue.fail(unauthenticated('The token has expired.')));
    void stop.then(() => {
      ended.abort();
      release();
      queue.end();
      cancelExpiry();
      feed.detach(subscriber);
    });
    try {
      await Promise.race([feed.opened, queue.ended, failAfter(upstreamTimeoutMs, ended.signal)]);
      for await (const value of events({ caller, before, live: queue, signal: ended.signal })) {
        await push({ value });
        if (ended.signal.aborted) return;
      }
    } catch (failure) {
      if (!ended.signal.aborted) await push({ failure: toGraphQLError(failure) });
    } finally {
      stop();
    }
  });
}

async function failAfter(milliseconds: number, signal: AbortSignal): Promise<void> {
  await pause(milliseconds, signal);
  if (!signal.aborted) throw unavailable();
}

/** A replay that broke in the middle is UNAVAILABLE: the client resumes from its cursor. */
function toGraphQLError(failure: unknown): unknown {
  return failure instanceof Error && 'extensions' in failure ? failure : unavailable();
}
