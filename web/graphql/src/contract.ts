import type { Acted, Action, Counts, Item, Page, Preferences, SnoozedItem } from '@orleans-inbox/client';

/** The HTTP contract's types are those of the client package. Types only: the gateway does not depend on it at run time. */
export type { Acted, Counts, Item, Page, Preferences };

/** One of `id`, `scheduled` and `muted` is not null. */
export interface Published {
  readonly id: string | null;
  readonly createdAt: string | null;
  /** Its name until it comes. */
  readonly scheduled: string | null;
  /** The list of the user's `mute` that kept it out. */
  readonly muted: string | null;
  readonly replayed: boolean;
}

/** What is scheduled: the fields of the publish. `createdAt` is when it was handed over. */
export interface ScheduledItem extends Omit<SnoozedItem, 'id' | 'until' | 'snoozedFrom'> { readonly scheduled: string; readonly deliverAt: string }

/** Soonest first. `next` is where the next page begins. */
export interface WaitingPage { readonly items: readonly (SnoozedItem | ScheduledItem)[]; readonly next: string | null }

export interface StoredPreferences { readonly stored: Preferences; readonly etag: string }

/** Of one user of a batch: one of `id`, `scheduled`, `muted` and `problem` is there. */
export interface BatchResult {
  readonly user: string;
  readonly id?: string;
  readonly scheduled?: string;
  readonly muted?: string;
  readonly problem?: { readonly status: number; readonly title: string; readonly detail?: string };
  readonly replayed?: boolean;
}

export interface Topic { readonly open: boolean; readonly subscribers: number }
export interface TopicSubscription { readonly subscribed: boolean; readonly open: boolean }
export interface Subscribers { readonly users: readonly string[]; readonly next: string | null }
export interface StartedJob { readonly job: string; readonly of: number }
export interface Job { readonly state: 'running' | 'done'; readonly reached: number; readonly muted: number; readonly failed: number; readonly of: number }
export interface Announced { readonly id: string; readonly createdAt: string }

export interface Announcement extends Announced {
  readonly expiresAt: string;
  readonly newcomers: boolean;
  readonly notification: object;
  readonly delivered: number;
  readonly seen: number;
  readonly read: number;
}

export type MarkAction = Extract<Action, 'read' | 'unread' | 'archive' | 'unarchive' | 'seen'>;

/** What a mark returns: the counts, and the token that takes it back. */
export interface Marked extends Counts { readonly undo?: string }

/** Exactly one member is set; the API refuses anything else. */
export interface MarkTarget {
  readonly upTo?: string | null;
  readonly ids?: readonly string[] | null;
  readonly all?: boolean | null;
  readonly group?: string | null;
  readonly key?: string | null;
}

export type LiveEvent =
  | { readonly kind: 'ready'; readonly head: string; readonly counts: Counts; readonly resumed: boolean }
  | { readonly kind: 'added'; readonly item: Item; readonly replaces: string | null; readonly silent: boolean; readonly counts: Counts }
  | { readonly kind: 'marked'; readonly action: MarkAction; readonly ids: readonly string[]; readonly upTo: string | null; readonly counts: Counts }
  | { readonly kind: 'removed'; readonly ids: readonly string[]; readonly counts: Counts }
  | { readonly kind: 'acted'; readonly id: string; readonly acted: Acted; readonly counts: Counts }
  | { readonly kind: 'reset' }
  /** Reconnection time, sent by the server before it ends the stream. */
  | { readonly kind: 'retry'; readonly milliseconds: number };
