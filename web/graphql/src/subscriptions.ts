import type { Caller } from './caller.js';
import type { Counts, Item, LiveEvent, Page } from './contract.js';
import { cursorAt, isNewer, parseCursor, type Cursor } from './cursor.js';
import { reload, unavailable } from './errors.js';
import type { FeedEvent } from './feed.js';
import type { EventGenerator } from './subscribe.js';

export interface NotificationAdded { readonly notification: Item; readonly replaces: string | null; readonly silent: boolean; readonly unreadCount: number; readonly unseenCount: number; readonly cursor: string }
export interface NotificationRead { readonly ids: readonly string[]; readonly upTo: string | null; readonly resync: boolean; readonly unreadCount: number; readonly cursor: string }
export interface NotificationRemoved { readonly ids: readonly string[]; readonly kept: readonly string[] | null; readonly unreadCount: number; readonly cursor: string }
export interface NotificationActed { readonly id: string; readonly action: string; readonly at: string; readonly cursor: string }
export interface UnreadCountChanged { readonly unreadCount: number; readonly unseenCount: number; readonly cursor: string }

const nothing = '0-0';
/** Pages of 100 that a resync reads at most; by default an inbox keeps 600 notifications. */
const maxPages = 50;

/** Missed notifications come from a separate stream, which is closed once it has caught up. The shared stream was joined before that, so nothing falls between the two. */
export function addedEvents(resumeFrom: string | null): EventGenerator<NotificationAdded> {
  const cursor = parseResumeFrom(resumeFrom);
  const toEvent = ({ item: notification, replaces, silent, counts: { unread, unseen, version } }: Extract<LiveEvent, { kind: 'added' }>): NotificationAdded =>
    ({ notification, replaces, silent, unreadCount: unread, unseenCount: unseen, cursor: `${notification.id}~${version}` });
  return async function* ({ caller, before, live, signal }) {
    let last = cursor?.id ?? before.head ?? nothing;
    if (cursor) {
      let caughtUp = false; // the inbox may also end the stream before `ready`: when the token expires, or when it stops
      for await (const event of caller.gateway.upstream.stream(caller.authorization(), cursor.id, signal)) {
        if (event.kind === 'added') {
          last = event.item.id;
          yield toEvent(event);
        } else if (event.kind === 'ready') {
          if (!event.resumed) throw reload();
          if (isNewer(event.head, last)) last = event.head;
          caughtUp = true;
          break;
        }
      }
      if (!caughtUp) throw unavailable('The replay was interrupted; subscribe again from the last cursor.');
    }
    for await (const event of live) {
      if (event.kind !== 'added' || !isNewer(event.item.id, last)) continue;
      last = event.item.id;
      yield toEvent(event);
    }
  };
}

export function readEvents(resumeFrom: string | null): EventGenerator<NotificationRead> {
  return markEvents<NotificationRead>(
    resumeFrom,
    (event) => event.kind === 'marked' && event.action === 'read'
      ? { ids: event.ids, upTo: event.upTo, resync: false, unreadCount: event.counts.unread, cursor: cursorAt(event.counts.head, event.counts) }
      : null,
    (items, counts) => [{ ids: items.filter((item) => item.read).map((item) => item.id), upTo: null, resync: true, unreadCount: counts.unread, cursor: cursorAt(counts.head, counts) }],
  );
}

export function removedEvents(resumeFrom: string | null): EventGenerator<NotificationRemoved> {
  return markEvents<NotificationRemoved>(
    resumeFrom,
    (event) => event.kind === 'removed' ? { ids: event.ids, kept: null, unreadCount: event.counts.unread, cursor: cursorAt(event.counts.head, event.counts) } : null,
    (items, counts) => [{ ids: [], kept: items.map((item) => item.id), unreadCount: counts.unread, cursor: cursorAt(counts.head, counts) }],
  );
}

export function actedEvents(resumeFrom: string | null): EventGenerator<NotificationActed> {
  return markEvents<NotificationActed>(
    resumeFrom,
    (event) => event.kind === 'acted' ? { id: event.id, ...event.acted, cursor: cursorAt(event.counts.head, event.counts) } : null,
    // Whoever resumes from within these events gets all of them again: only the last one's cursor has a version.
    (items, counts) => items.flatMap(({ id, acted }) => (acted ? [{ id, ...acted }] : [])).reverse()
      .map((event, at, { length }) => ({ ...event, cursor: at === length - 1 ? cursorAt(counts.head, counts) : counts.head ?? nothing })),
  );
}

export function unreadCountEvents(resumeFrom: string | null): EventGenerator<UnreadCountChanged> {
  const cursor = parseResumeFrom(resumeFrom);
  const toEvent = (counts: Counts): UnreadCountChanged => ({ unreadCount: counts.unread, unseenCount: counts.unseen, cursor: cursorAt(counts.head, counts) });
  return async function* ({ caller, before, live }) {
    let last = before;
    if (cursor) {
      last = await caller.gateway.upstream.counts(caller.authorization());
      if (cursor.version !== last.version || cursor.id !== (last.head ?? nothing)) yield toEvent(last);
    }
    for await (const { counts } of live) {
      // This event is older than the counts that we started from.
      if (counts.version < last.version || isNewer(last.head ?? nothing, counts.head ?? nothing)) continue;
      const changed = counts.unread !== last.unread || counts.unseen !== last.unseen;
      last = counts;
      if (changed) yield toEvent(counts);
    }
  };
}

/**
 * The API replays notifications after an id, but not mark changes after a version. When the versions differ, the subscriber gets the
 * current state once (a resync: one event, or several), then every change.
 */
function markEvents<T>(resumeFrom: string | null, toEvent: (event: FeedEvent) => T | null, resync: (items: Item[], counts: Counts) => T[]): EventGenerator<T> {
  const cursor = parseResumeFrom(resumeFrom);
  return async function* ({ caller, before, live }) {
    /** Of the state that the subscriber has. Not that of the last event: changes that the inbox stored together carry one version. */
    let { version } = before;
    const state = async (): Promise<T[]> => {
      const { items, counts } = await loadAll(caller);
      version = counts.version;
      return resync(items, counts);
    };
    if (cursor) {
      const now = await caller.gateway.upstream.counts(caller.authorization());
      if (now.version === cursor.version) version = now.version;
      else yield* await state();
    }
    for await (const event of live) {
      if (event.kind === 'added' || event.counts.version <= version) continue;
      if (event.kind === 'gap') {
        yield* await state();
        continue;
      }
      const value = toEvent(event);
      if (value !== null) yield value;
    }
  };
}

/** All that the inbox keeps, with the counts of a moment before the first page was read: a change meanwhile may be repeated, but is never lost. */
async function loadAll({ gateway, authorization }: Caller): Promise<{ items: Item[]; counts: Counts }> {
  const items: Item[] = [];
  let first: Page | null = null;
  let next: string | null = null;
  for (let pages = 0; first === null || next !== null; pages++) {
    if (pages === maxPages) throw reload();
    const page: Page = await gateway.upstream.list(authorization(), { limit: 100, status: 'all', before: next });
    items.push(...page.items);
    first ??= page;
    next = page.next;
  }
  return { items, counts: first.counts };
}

function parseResumeFrom(resumeFrom: string | null): Cursor | null {
  return resumeFrom === null ? null : parseCursor(resumeFrom);
}
