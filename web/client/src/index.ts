import { openInbox } from './inbox.js';
import type { Inbox, InboxOptions } from './types.js';

export * from './types.js';
export { compareIds } from './ids.js';

/** Opens an inbox; it connects at once. */
export function createInbox(options: InboxOptions): Inbox {
  return openInbox(options);
}
