/** The shapes of the HTTP contract that the gateway works with; see the project's API description for what they promise. */
export interface Counts {
  readonly unread: number;
  readonly unseen: number;
  readonly total: number;
  readonly head: string | null;
  readonly version: number;
}

export interface Item {
  readonly id: string;
  readonly createdAt: string;
  readonly type: string;
  readonly title: string;
  readonly body?: string;
  readonly url?: string;
  readonly actor?: { readonly id?: string; readonly name?: string; readonly avatarUrl?: string };
  readonly group?: string;
  readonly data?: unknown;
  readonly priority?: string;
  readonly expiresAt?: string;
  readonly read: boolean;
  readonly seen: boolean;
  readonly archived: boolean;
}

export interface Page {
  readonly items: readonly Item[];
  readonly next: string | null;
  readonly counts: Counts;
}

export interface Published {
  readonly id: string;
  readonly createdAt: string;
  readonly replayed: boolean;
}

export type MarkAction = 'read' | 'unread' | 'archive' | 'unarchive' | 'seen';

/** Exactly one of the members; the API refuses anything else. */
export interface MarkTarget {
  readonly upTo?: string | null;
  readonly ids?: readonly string[] | null;
  readonly all?: boolean | null;
  readonly group?: string | null;
}

export type LiveEvent =
  | { readonly kind: 'ready'; readonly head: string; readonly counts: Counts; readonly resumed: boolean }
  | { readonly kind: 'added'; readonly item: Item; readonly counts: Counts }
  | { readonly kind: 'marked'; readonly action: MarkAction; readonly ids: readonly string[]; readonly upTo: string | null; readonly counts: Counts }
  | { readonly kind: 'removed'; readonly ids: readonly string[]; readonly counts: Counts }
  | { readonly kind: 'reset' }
  /** How long to stay away after the end, which comes next. */
  | { readonly kind: 'retry'; readonly milliseconds: number };
