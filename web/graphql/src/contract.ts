import type { Acted, Action, Counts, Item, Page } from '@orleans-inbox/client';

/** The HTTP contract's types are those of the client package. Types only: the gateway does not depend on it at run time. */
export type { Acted, Counts, Item, Page };

export interface Published {
  readonly id: string;
  readonly createdAt: string;
  readonly replayed: boolean;
}

export type MarkAction = Exclude<Action, 'remove' | 'undo' | 'act'>;

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
  | { readonly kind: 'added'; readonly item: Item; readonly replaces: string | null; readonly counts: Counts }
  | { readonly kind: 'marked'; readonly action: MarkAction; readonly ids: readonly string[]; readonly upTo: string | null; readonly counts: Counts }
  | { readonly kind: 'removed'; readonly ids: readonly string[]; readonly counts: Counts }
  | { readonly kind: 'acted'; readonly id: string; readonly acted: Acted; readonly counts: Counts }
  | { readonly kind: 'reset' }
  /** Reconnection time, sent by the server before it ends the stream. */
  | { readonly kind: 'retry'; readonly milliseconds: number };
