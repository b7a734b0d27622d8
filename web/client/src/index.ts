import { openInbox } from './inbox.js';
import type { Inbox, InboxOptions } from './types.js';

export * from './types.js';
export type { Preferences, StoredPreferences } from './preferences.js';
export { compareIds } from './ids.js';
export { whose } from './http.js';

/** Opens an inbox; it connects at once. */
export const createInbox: (options: InboxOptions) => Inbox = openInbox;
