import type { Preferences, StoredPreferences } from './preferences.js';

/** Where the inbox stands with the server. */
export type Status =
  /** The first connection, or the next one after a loss, is being made. */
  | 'connecting'
  /** What happens is shown within milliseconds. */
  | 'live'
  /** Something on the way swallows streams: what happens is asked for. */
  | 'polling'
  /** The server cannot be reached; it is tried again. */
  | 'offline'
  /** `getToken` gives no token that the server takes. */
  | 'signed-out';

/** What a notification can be listed by. */
export type ListStatus = 'inbox' | 'unread' | 'read' | 'archived' | 'all';

export interface Filter {
  /** Default `inbox`: everything that is not archived. */
  readonly status?: ListStatus | undefined;
  /** One or more types; any when not given. */
  readonly type?: string | readonly string[] | undefined;
  readonly group?: string | undefined;
  /** In title, body or the actor's name, in whatever case; 2 to 64 characters. */
  readonly q?: string | undefined;
}

export interface Actor {
  readonly id?: string;
  readonly name?: string;
  readonly avatarUrl?: string;
}

/** One of what a notification asks to choose from: a button. */
export interface Choice {
  readonly id: string;
  readonly label: string;
  /** What it opens, beside being chosen. */
  readonly url?: string;
}

/** What was chosen of a notification, on whatever device. */
export interface Acted {
  /** The `id` of one of its `actions`. */
  readonly action: string;
  readonly at: string;
}

/** A notification. Immutable: a change makes another object. */
export interface Item {
  /** Opaque; ids of one inbox only ever grow. */
  readonly id: string;
  readonly createdAt: string;
  readonly type: string;
  readonly title: string;
  readonly body?: string;
  readonly url?: string;
  readonly actor?: Actor;
  readonly group?: string;
  /** What it is about: the inbox has no other of this key. */
  readonly key?: string;
  /** What there is to choose from: 1 to 3. */
  readonly actions?: readonly Choice[];
  /** What was chosen, once something was: the first choice stays. */
  readonly acted?: Acted;
  readonly data?: unknown;
  readonly priority?: 'low' | 'normal' | 'high';
  readonly expiresAt?: string;
  readonly read: boolean;
  readonly seen: boolean;
  readonly archived: boolean;
  /** It was snoozed and has come back: the id that it had. */
  readonly snoozedFrom?: string;
  /** It came just now and within the person's quiet hours: no sound and no notice of the desktop. A list that is fetched does not say so. */
  readonly silent?: boolean;
}

/** What was published, as long as it is snoozed: without the flags that it will come back without. */
export interface SnoozedItem extends Omit<Item, 'read' | 'seen' | 'archived' | 'acted' | 'silent'> {
  /** When it comes back. */
  readonly until: string;
}

/** A part of what is snoozed, soonest first. */
export interface SnoozedPage {
  readonly items: readonly SnoozedItem[];
  /** Handed back as `after`, it gives the next page; null when there is none. */
  readonly next: string | null;
}

/** Exact, never capped; marks that the server has not confirmed yet are counted in. */
export interface Counts {
  readonly unread: number;
  readonly unseen: number;
  /** What is kept, archived included. */
  readonly total: number;
  readonly head: string | null;
  readonly version: number;
}

/** A part of the list, as the server answers it. */
export interface Page {
  readonly items: readonly Item[];
  /** Where older ones begin; null when there are none. */
  readonly next: string | null;
  readonly counts: Counts;
}

/** One view of the inbox. Immutable, and the same object until something changes: made for `useSyncExternalStore`. */
export interface Snapshot {
  /** Newest first. */
  readonly items: readonly Item[];
  readonly counts: Counts;
  readonly status: Status;
  /** Older ones can be had with `loadMore()`. */
  readonly hasMore: boolean;
  /** False until the first page is here (show a skeleton), and again never. */
  readonly loaded: boolean;
  /** A first page, an older page or another filter is being fetched. */
  readonly loading: boolean;
  /** What went wrong last with loading or connecting; null again once it works. */
  readonly error: InboxError | null;
  /** Marks that the server has not confirmed yet. */
  readonly pending: number;
  readonly filter: Filter;
}

/** A request that the server refused, or that did not reach it (`status` 0). */
export class InboxError extends Error {
  /** The HTTP status; 0 when there was no answer. */
  declare readonly status: number;
  /** The problem document (RFC 9457), when there was one. */
  declare readonly problem?: unknown;
  /** From `Retry-After`, in milliseconds. */
  declare readonly retryAfter?: number | undefined;
  /** Of status 400: what is wrong, by field (`quiet.zone`). */
  declare readonly errors?: Readonly<Record<string, readonly string[]>> | undefined;

  constructor(message: string, status: number, problem?: { errors?: unknown }, retryAfter?: number) {
    super(message);
    Object.assign(this, { status, problem, retryAfter, errors: problem?.errors });
  }
}

/** What a mark does; `act`, `snooze` and `unsnooze` are methods of the inbox, and no marks. */
export type Action = 'read' | 'unread' | 'archive' | 'unarchive' | 'seen' | 'remove' | 'undo' | 'act' | 'snooze' | 'unsnooze';

/** An id, ids, everything up to an id, everything that is there now, or (to read, archive and remove) a group. */
export type Target = string | readonly string[] | { readonly upTo: string } | { readonly all: true } | { readonly group: string };

export interface Events {
  /** A notification came, or was found to have come while there was no connection: each once and in order. In every tab. */
  added: Item;
  /**
   * What a person may be told of, in every tab: one that came just now; or, together, those that came while there was no connection, once their marks
   * are known. What was read, archived or deleted meanwhile is not among them. Newest first, and never empty.
   */
  arrived: readonly Item[];
  /** Something was refused. A refused mark is rolled back already; `action` and `ids` say which. */
  error: InboxError & { readonly action?: Action; readonly ids?: readonly string[] };
}

export interface InboxOptions {
  /** Where the server is: `https://inbox.example.org`, or a path, or `''` for the page's own origin. */
  readonly url: string;
  /** Default `me`: whoever the token is for. */
  readonly user?: string;
  /** A token; when it can run out, give `getToken`. */
  readonly token?: string;
  /**
   * Asked for a token first and then only when one was refused (`refused` is that one). Nothing (null, undefined, '') means signed out; an error
   * means try again later.
   */
  readonly getToken?: (refused?: string) => string | null | undefined | Promise<string | null | undefined>;
  readonly filter?: Filter;
  /** How many notifications a page has: 1 to 100, default 20. */
  readonly pageSize?: number;
  /**
   * Tabs of one origin and user share one connection, where BroadcastChannel exists. Default true in pages and false elsewhere.
   */
  readonly share?: boolean;
  readonly fetch?: typeof fetch;
}

/**
 * An inbox as an observable store. Every method can be called at any time, and none of them throws or rejects because of the network, but for those that ask
 * for what is no part of the snapshot: `snoozed`, `preferences`, `savePreferences` and `request` reject with an `InboxError`.
 */
export interface Inbox {
  /** Calls back after every change; the answer unsubscribes. Bound, so that it can be handed to `useSyncExternalStore`. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Bound too. */
  readonly getSnapshot: () => Snapshot;
  /** The answer removes the listener. */
  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void;
  /** Older notifications; true when there are more after that. */
  loadMore(): Promise<boolean>;
  /** Shows another part of the inbox. What is known of it is shown at once. */
  setFilter(filter: Filter): Promise<void>;
  /** Fetches what is shown anew. */
  reload(): Promise<void>;
  /** All marks: shown at once, sent in order. The answer is true once the server took it, and false when it refused. */
  markRead(target: Target): Promise<boolean>;
  markUnread(target: Target): Promise<boolean>;
  archive(target: Target): Promise<boolean>;
  unarchive(target: Target): Promise<boolean>;
  /** The badge was looked at: up to the id, or all that is there now. */
  markSeen(upTo?: string): Promise<boolean>;
  remove(target: string | readonly string[] | { readonly group: string }): Promise<boolean>;
  /**
   * Takes back the newest mark that was made here (not `markSeen` or `remove`): the flags that it changed and that nobody changed since. Called again it
   * goes further back, ten marks at most; those that were sent as one are one. False when there is nothing to take back, or when it is too late, 10 minutes
   * or 10 marks later. The list shows it once the server took it.
   */
  undo(): Promise<boolean>;
  /**
   * Chooses one of a notification's `actions`, by its id. Shown at once, as chosen and read, and sent in order with the marks, again when the network fails.
   * True once the server took it. False when it refused: with status 409 when another one was chosen before, which the list then shows. Choosing the same
   * again is true. It is not taken back by `undo`.
   */
  act(id: string, action: string): Promise<boolean>;
  /**
   * Puts notifications away until then, a minute to a year ahead. They leave the list at once and come back when it is refused; sent in order with the
   * marks. At that time each comes as a new notification, unread, with `snoozedFrom`. `undo` does not take it back, `unsnooze` does.
   */
  snooze(ids: string | readonly string[], until: Date | string): Promise<boolean>;
  /** Ends it now, by the ids that they were snoozed with. They are back, with new ids, once the server took it. */
  unsnooze(ids: string | readonly string[]): Promise<boolean>;
  /** What is snoozed. @param after the `next` of the page before @param limit 1 to 100, default 20 */
  snoozed(after?: string | null, limit?: number): Promise<SnoozedPage>;
  /** What was never set is empty. */
  preferences(): Promise<StoredPreferences>;
  /**
   * Stores the whole document; answers it as it is stored. It rejects with status 412 when the `etag` is not that of what is stored, because it was changed
   * elsewhere, and with 400 and `errors` when something in it is wrong. Without an `etag` it overwrites whatever there is.
   */
  savePreferences(value: Preferences, etag?: string): Promise<StoredPreferences>;
  /**
   * Anything else of the API, with the token of this inbox: `request('/users/{user}/topics')`. It is sent once. @param path below `/v1`; `{user}` is whose
   * inbox it is @returns the body, undefined when there is none
   */
  request<T = unknown>(path: string, call?: { method?: string; body?: unknown; headers?: Record<string, string> }): Promise<T>;
  /** Connects at once instead of after the next pause; also after `signed-out`. */
  reconnect(): void;
  /** Whether this tab holds the connection, which says nothing of who looks at it; always true where nothing is shared. */
  readonly isLeader: boolean;
  /** Ends it for good: nothing is sent or shown any more. */
  close(): void;
}
