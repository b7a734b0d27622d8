import type { Caller } from './caller.js';
import { toPageInfo, type PageInfo } from './connection.js';
import type { Announced, Announcement, Job, StartedJob, Topic, TopicSubscription } from './contract.js';
import { codeOfStatus } from './errors.js';
import { Many, type Replayed } from './many.js';

interface Published { readonly notification: object; readonly idempotencyKey?: string | null }
interface Users { readonly topic: string; readonly users: readonly string[] }
interface JobPayload { readonly id: string; readonly of: number; readonly replayed: boolean }

interface PublishManyResult {
  readonly user: string;
  readonly id?: string;
  readonly scheduled?: string;
  readonly muted?: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly replayed: boolean;
}

const many = (caller: Caller): Many => new Many(caller.gateway.upstream, caller.authorization());

const toPayload = ({ job, of, replayed }: Replayed<StartedJob>): JobPayload => ({ id: job, of, replayed });

/** Batches, topics, jobs and announcements. */
export const manyResolvers = {
  JobState: { RUNNING: 'running', DONE: 'done' },

  Query: {
    topic: async (_: unknown, { name }: { name: string }, caller: Caller): Promise<Topic & { name: string }> => ({ name, ...(await many(caller).topic(name)) }),
    topicSubscribers: async (_: unknown, { topic, first, after }: { topic: string; first?: number | null; after?: string | null }, caller: Caller): Promise<{ users: readonly string[]; pageInfo: PageInfo }> => {
      const { users, next } = await many(caller).subscribers(topic, { limit: first, after });
      return { users, pageInfo: toPageInfo(next, after) };
    },
    topicSubscription: (_: unknown, { topic, user }: { topic: string; user?: string | null }, caller: Caller): Promise<TopicSubscription> =>
      many(caller).subscription(topic, user ?? 'me'),
    topics: async (_: unknown, { user }: { user?: string | null }, caller: Caller): Promise<{ names: readonly string[] }> => ({ names: await many(caller).topics(user ?? 'me') }),
    job: async (_: unknown, { id }: { id: string }, caller: Caller): Promise<Job & { id: string }> => ({ id, ...(await many(caller).job(id)) }),
    announcements: (_: unknown, __: unknown, caller: Caller): Promise<readonly Announcement[]> => many(caller).announcements(),
    announcement: (_: unknown, { id }: { id: string }, caller: Caller): Promise<Announcement> => many(caller).announcement(id),
  },

  Mutation: {
    publishMany: async (_: unknown, { users, notification, idempotencyKey }: Published & { users: readonly string[] }, caller: Caller): Promise<PublishManyResult[]> =>
      (await many(caller).publish(users, notification, idempotencyKey)).map(({ problem, replayed = false, ...result }) => ({
        ...result, replayed, problem: problem ? { code: codeOfStatus(problem.status), message: problem.detail ?? problem.title } : null,
      })),
    publishToTopic: async (_: unknown, { topic, notification, except, idempotencyKey }: Published & { topic: string; except?: readonly string[] | null }, caller: Caller): Promise<JobPayload> =>
      toPayload(await many(caller).publishToTopic(topic, notification, except, idempotencyKey)),
    retractFromTopic: async (_: unknown, { topic, key, idempotencyKey }: { topic: string; key: string; idempotencyKey?: string | null }, caller: Caller): Promise<JobPayload> =>
      toPayload(await many(caller).retractFromTopic(topic, key, idempotencyKey)),
    subscribe: (_: unknown, { topic, users }: Users, caller: Caller): Promise<true> => many(caller).changeSubscribers(topic, { add: users }),
    unsubscribe: (_: unknown, { topic, users }: Users, caller: Caller): Promise<true> => many(caller).changeSubscribers(topic, { remove: users }),
    follow: (_: unknown, { topic }: { topic: string }, caller: Caller): Promise<true> => many(caller).follow(topic),
    unfollow: (_: unknown, { topic }: { topic: string }, caller: Caller): Promise<true> => many(caller).unfollow(topic),
    openTopic: (_: unknown, { topic, open }: { topic: string; open: boolean }, caller: Caller): Promise<true> => many(caller).open(topic, open),
    announce: (_: unknown, { notification, expiresAt, newcomers, idempotencyKey }: Published & { expiresAt: string; newcomers: boolean }, caller: Caller): Promise<Replayed<Announced>> =>
      many(caller).announce(notification, expiresAt, newcomers, idempotencyKey),
    retractAnnouncement: (_: unknown, { id }: { id: string }, caller: Caller): Promise<true> => many(caller).retractAnnouncement(id),
  },
};
