import { Repeater } from 'graphql-yoga';
import type { Counts } from './contract.js';
import { subjectOf } from './credentials.js';
import type { Caller } from './caller.js';
import { unauthenticated, unavailable } from './errors.js';
import type { FeedEvent, Subscriber } from './feed.js';
import { pause } from './pause.js';
import { BoundedQueue } from './queue.js';

/** An event of a subscription, or why it ends: the field's resolver throws that, so that it arrives as an error of GraphQL. */
export type Told<T> = { readonly value: T } | { readonly failure: unknown };

/** Turns what happened before and what comes into what one subscription tells. */
export type Teller<T> = (given: { caller: Caller; before: Counts; live: AsyncIterable<FeedEvent>; signal: AbortSignal }) => AsyncIterable<T>;

const longestTimerMs = 2 ** 31 - 1;

/**
 * Joins the user's shared stream. `before` is the state at a moment before the joining, and `live` holds everything that happens after it
 * – perhaps a little of what came earlier, too, which tellers drop by id and version.
 */
export async function follow<T>(caller: Caller, tell: Teller<T>): Promise<AsyncIterable<Told<T>>> {
  const { upstream, feeds, queuePerSubscriber, upstreamTimeoutMs } = caller.gateway;
  const authorization = caller.authorization();
  const before = await upstream.counts(authorization); // also proves the token: until here its claims are only claims
  const { key, expiresAt } = subjectOf(authorization);

  return new Repeater<Told<T>>(async (push, stop) => {
    const ended = new AbortController();
    const queue = new BoundedQueue<FeedEvent>(queuePerSubscriber, () => {
      caller.cutOff();
      stop();
    });
    const subscriber: Subscriber = { authorization, queue };
    const feed = feeds.join(key, subscriber);
    const expiry = expiresAt === null ? undefined : setTimeout(() => queue.fail(unauthenticated('The token has expired.')), Math.min(Math.max(0, expiresAt - Date.now()), longestTimerMs));
    void stop.then(() => {
      ended.abort();
      queue.end();
      clearTimeout(expiry);
      feed.detach(subscriber);
    });
    try {
      await Promise.race([feed.opened, refused(upstreamTimeoutMs, ended.signal)]);
      for await (const value of tell({ caller, before, live: queue, signal: ended.signal })) {
        await push({ value });
        if (ended.signal.aborted) return;
      }
    } catch (failure) {
      if (!ended.signal.aborted) await push({ failure: explain(failure) });
    } finally {
      stop();
    }
  });
}

async function refused(afterMs: number, signal: AbortSignal): Promise<void> {
  await pause(afterMs, signal);
  if (!signal.aborted) throw unavailable();
}

/** A replay that broke in the middle: the client comes back with its cursor. */
function explain(failure: unknown): unknown {
  return failure instanceof Error && 'extensions' in failure ? failure : unavailable();
}
