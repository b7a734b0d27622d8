import { GraphQLScalarType } from 'graphql';
import type { Caller } from './caller.js';
import { toConnection, toNodes, type Connection, type ConnectionArguments, type WaitingNodes } from './connection.js';
import type { Counts, Item, MarkAction, MarkTarget, Published } from './contract.js';
import { cursorAt } from './cursor.js';
import { subscribe, type EventGenerator, type SubscriptionEvent } from './subscribe.js';
import { manyResolvers } from './manyResolvers.js';
import { jsonScalar } from './json.js';
import { fromPreferences, toPreferences, type PreferencesInput, type PreferencesView } from './preferences.js';
import { actedEvents, addedEvents, readEvents, removedEvents, unreadCountEvents } from './subscriptions.js';

/** Counts are requested at most once per answer, and only when a field needs them; a mark returns them, and its own `undo`. */
interface Inbox { counts?: Promise<Counts>; undo?: string | undefined }

interface PublishArguments { user: string; notification: { data?: unknown; priority?: string }; idempotencyKey?: string | null }

type PageArguments = Pick<ConnectionArguments, 'first' | 'after'>;

interface SavePreferencesArguments { preferences: PreferencesInput; ifMatch?: string | null; user?: string | null }

const countsOf = (inbox: Inbox, caller: Caller): Promise<Counts> => (inbox.counts ??= caller.gateway.upstream.counts(caller.authorization()));

const inboxAfter = async (change: Promise<Counts>): Promise<Inbox> => ({ counts: Promise.resolve(await change) });

/** `priority` is left out by the API when it is the default. */
const content = { priority: (item: { priority?: string }): string => item.priority ?? 'normal' };

const mark = (action: MarkAction) => async (_: unknown, target: MarkTarget, caller: Caller): Promise<Inbox> => {
  const counts = await caller.gateway.upstream.mark(caller.authorization(), action, target);
  return { counts: Promise.resolve(counts), undo: counts.undo };
};

function subscription<T>(events: (resumeFrom: string | null) => EventGenerator<T>) {
  return {
    subscribe: (_: unknown, { resumeFrom }: { resumeFrom?: string | null }, caller: Caller) => subscribe(caller, events(resumeFrom ?? null)),
    resolve: (event: SubscriptionEvent<T>): T => {
      if ('failure' in event) throw event.failure;
      return event.value;
    },
  };
}

export const resolvers = {
  DateTime: new GraphQLScalarType({ name: 'DateTime' }),
  JSON: jsonScalar,
  NotificationStatus: { INBOX: 'inbox', UNREAD: 'unread', READ: 'read', ARCHIVED: 'archived', ALL: 'all' },
  Priority: { LOW: 'low', NORMAL: 'normal', HIGH: 'high' },
  FallbackUnless: { SEEN: 'seen', READ: 'read' },
  JobState: manyResolvers.JobState,

  Query: {
    ...manyResolvers.Query,
    inbox: (_: unknown, __: unknown, caller: Caller): Inbox => {
      caller.authorization();
      return {};
    },
    notification: (_: unknown, { id }: { id: string }, caller: Caller): Promise<Item> =>
      caller.gateway.upstream.notification(caller.authorization(), id),
    scheduled: async (_: unknown, { user, first, after }: PageArguments & { user: string }, caller: Caller): Promise<WaitingNodes> =>
      toNodes(await caller.gateway.upstream.scheduled(caller.authorization(), user, { limit: first, after }), after),
    preferences: async (_: unknown, { user }: { user?: string | null }, caller: Caller): Promise<PreferencesView> =>
      fromPreferences(await caller.gateway.upstream.preferences(caller.authorization(), user ?? 'me')),
  },

  Inbox: {
    notifications: async (_: Inbox, { first, after, status, type, group, search }: ConnectionArguments, caller: Caller): Promise<Connection> =>
      toConnection(await caller.gateway.upstream.list(caller.authorization(), { limit: first ?? 20, before: after, status, type: type?.join(','), group, q: search }), after),
    snoozed: async (_: Inbox, { first, after }: PageArguments, caller: Caller): Promise<WaitingNodes> =>
      toNodes(await caller.gateway.upstream.snoozed(caller.authorization(), { limit: first, after }), after),
    unreadCount: async (inbox: Inbox, _: unknown, caller: Caller): Promise<number> => (await countsOf(inbox, caller)).unread,
    unseenCount: async (inbox: Inbox, _: unknown, caller: Caller): Promise<number> => (await countsOf(inbox, caller)).unseen,
    totalCount: async (inbox: Inbox, _: unknown, caller: Caller): Promise<number> => (await countsOf(inbox, caller)).total,
    cursor: async (inbox: Inbox, _: unknown, caller: Caller): Promise<string> => {
      const counts = await countsOf(inbox, caller);
      return cursorAt(counts.head, counts);
    },
  },

  Notification: content,
  SnoozedNotification: content,
  ScheduledNotification: content,
  AnnouncedNotification: content,

  Mutation: {
    ...manyResolvers.Mutation,
    publish: (_: unknown, { user, notification, idempotencyKey }: PublishArguments, caller: Caller): Promise<Published> =>
      caller.gateway.upstream.publish(caller.authorization(), user, notification, idempotencyKey),
    markRead: mark('read'),
    markUnread: mark('unread'),
    archive: mark('archive'),
    unarchive: mark('unarchive'),
    markSeen: mark('seen'),
    undo: (_: unknown, { token }: { token: string }, caller: Caller): Promise<Inbox> => inboxAfter(caller.gateway.upstream.undo(caller.authorization(), token)),
    snooze: (_: unknown, { ids, until }: { ids: string[]; until: string }, caller: Caller): Promise<Inbox> =>
      inboxAfter(caller.gateway.upstream.snooze(caller.authorization(), ids, until)),
    unsnooze: (_: unknown, { ids }: { ids: string[] }, caller: Caller): Promise<Inbox> => inboxAfter(caller.gateway.upstream.unsnooze(caller.authorization(), ids)),
    cancel: async (_: unknown, { scheduled, user }: { scheduled: string; user: string }, caller: Caller): Promise<{ cancelled: boolean; id: string | null }> => {
      const id = await caller.gateway.upstream.cancel(caller.authorization(), user, scheduled);
      return { cancelled: id === null, id };
    },
    savePreferences: async (_: unknown, { preferences, ifMatch, user }: SavePreferencesArguments, caller: Caller): Promise<PreferencesView> =>
      fromPreferences(await caller.gateway.upstream.savePreferences(caller.authorization(), user ?? 'me', toPreferences(preferences), ifMatch)),
    act: (_: unknown, { id, action }: { id: string; action: string }, caller: Caller): Promise<Item> =>
      caller.gateway.upstream.act(caller.authorization(), id, action),
    retract: async (_: unknown, { key, user }: { key: string; user?: string | null }, caller: Caller): Promise<boolean> => {
      await caller.gateway.upstream.retract(caller.authorization(), user ?? 'me', key);
      return true;
    },
    delete: async (_: unknown, { id }: { id: string }, caller: Caller): Promise<Inbox> => {
      await caller.gateway.upstream.remove(caller.authorization(), id);
      return {};
    },
  },

  Subscription: {
    notificationAdded: subscription(addedEvents),
    notificationRead: subscription(readEvents),
    notificationRemoved: subscription(removedEvents),
    notificationActed: subscription(actedEvents),
    unreadCountChanged: subscription(unreadCountEvents),
  },
};
