import type { Caller } from './caller.js';
import type { Counts, Item, Page } from './contract.js';
import { cursorAt, isNewer, parseCursor, type Cursor } from './cursor.js';
import { reload } from './errors.js';
import type { FeedEvent } from './feed.js';
import type { Teller } from './following.js';

export interface NotificationAdded { readonly notification: Item; readonly unreadCount: number; readonly unseenCount: number; readonly cursor: string }
export interface NotificationRead { readonly ids: readonly string[]; readonly upTo: string | null; readonly resync: boolean; readonly unreadCount: number; readonly cursor: string }
export interface NotificationRemoved { readonly ids: readonly string[]; readonly kept: readonly string[] | null; readonly unreadCount: number; readonly cursor: string }
export interface UnreadCountChanged { readonly unreadCount: number; readonly unseenCount: number; readonly cursor: string }

const nothing = '0-0';
/** Pages of 100 that a resync walks; an inbox keeps 600 notifications unless it is told otherwise. */
const mostPages = 50;

/** What was missed comes from a stream of the subscriber's own, which ends when it has caught up; the shared stream was joined before, and goes on from there. */
export function tellAdded(resumeFrom: string | null): Teller<NotificationAdded> {
  const cursor = cursorOf(resumeFrom);
  const told = (notification: Item, { unread, unseen, version }: Counts): NotificationAdded =>
    ({ notification, unreadCount: unread, unseenCount: unseen, cursor: `${notification.id}~${version}` });
  return async function* ({ caller, before, live, signal }) {
    let last = cursor?.id ?? before.head ?? nothing;
    if (cursor) {
      for await (const event of caller.gateway.upstream.stream(caller.authorization(), cursor.id, signal)) {
        if (event.kind === 'added') {
          last = event.item.id;
          yield told(event.item, event.counts);
        } else if (event.kind === 'ready') {
          if (!event.resumed) throw reload();
          if (isNewer(event.head, last)) last = event.head;
          break;
        }
      }
    }
    for await (const event of live) {
      if (event.kind !== 'added' || !isNewer(event.item.id, last)) continue;
      last = event.item.id;
      yield told(event.item, event.counts);
    }
  };
}

export function tellRead(resumeFrom: string | null): Teller<NotificationRead> {
  return tellMarks<NotificationRead>(
    resumeFrom,
    (event) => event.kind === 'marked' && event.action === 'read'
      ? { ids: event.ids, upTo: event.upTo, resync: false, unreadCount: event.counts.unread, cursor: cursorAt(event.counts.head, event.counts) }
      : null,
    (items, counts) => ({ ids: items.filter((item) => item.read).map((item) => item.id), upTo: null, resync: true, unreadCount: counts.unread, cursor: cursorAt(counts.head, counts) }),
  );
}

export function tellRemoved(resumeFrom: string | null): Teller<NotificationRemoved> {
  return tellMarks<NotificationRemoved>(
    resumeFrom,
    (event) => event.kind === 'removed' ? { ids: event.ids, kept: null, unreadCount: event.counts.unread, cursor: cursorAt(event.counts.head, event.counts) } : null,
    (items, counts) => ({ ids: [], kept: items.map((item) => item.id), unreadCount: counts.unread, cursor: cursorAt(counts.head, counts) }),
  );
}

export function tellUnreadCount(resumeFrom: string | null): Teller<UnreadCountChanged> {
  const cursor = cursorOf(resumeFrom);
  const told = (counts: Counts): UnreadCountChanged => ({ unreadCount: counts.unread, unseenCount: counts.unseen, cursor: cursorAt(counts.head, counts) });
  return async function* ({ caller, before, live }) {
    let last = before;
    if (cursor) {
      last = await caller.gateway.upstream.counts(caller.authorization());
      if (cursor.version !== last.version || cursor.id !== (last.head ?? nothing)) yield told(last);
    }
    for await (const { counts } of live) {
      // An event from before the counts that we began with.
      if (counts.version < last.version || isNewer(last.head ?? nothing, counts.head ?? nothing)) continue;
      const changed = counts.unread !== last.unread || counts.unseen !== last.unseen;
      last = counts;
      if (changed) yield told(counts);
    }
  };
}

/**
 * The API tells what came since an id, but not which marks changed since a version. So whoever missed marks – the versions differ – is told
 * the whole state once, as it is now, and every change from there on.
 */
function tellMarks<T>(resumeFrom: string | null, told: (event: FeedEvent) => T | null, resync: (items: Item[], counts: Counts) => T): Teller<T> {
  const cursor = cursorOf(resumeFrom);
  return async function* ({ caller, before, live }) {
    let { version } = before;
    const state = async (): Promise<T> => {
      const { items, counts } = await everything(caller);
      version = counts.version;
      return resync(items, counts);
    };
    if (cursor) {
      const now = await caller.gateway.upstream.counts(caller.authorization());
      if (now.version === cursor.version) version = now.version;
      else yield await state();
    }
    for await (const event of live) {
      if (event.kind === 'added' || event.counts.version <= version) continue;
      if (event.kind === 'gap') {
        yield await state();
        continue;
      }
      version = event.counts.version;
      const value = told(event);
      if (value !== null) yield value;
    }
  };
}

/** All that the inbox keeps, with the counts of a moment before the first page was read: a change meanwhile is told again rather than lost. */
async function everything({ gateway, authorization }: Caller): Promise<{ items: Item[]; counts: Counts }> {
  const items: Item[] = [];
  let first: Page | null = null;
  let next: string | null = null;
  for (let pages = 0; first === null || next !== null; pages++) {
    if (pages === mostPages) throw reload();
    const page: Page = await gateway.upstream.list(authorization(), { limit: 100, status: 'all', before: next });
    items.push(...page.items);
    first ??= page;
    next = page.next;
  }
  return { items, counts: first.counts };
}

function cursorOf(resumeFrom: string | null): Cursor | null {
  return resumeFrom === null ? null : parseCursor(resumeFrom);
}
