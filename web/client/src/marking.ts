import type { Http } from './http.js';
import { isAfter } from './ids.js';
import type { Mark } from './marks.js';
import type { Action, Counts, Target } from './types.js';

/** The most ids that one mark may have. */
export const maxIds = 1000;

/** @param head the newest there is now: what comes until a mark is sent is not marked */
export function makeMarks(action: Action, target: Target, head: string | null): Mark[] {
  if (typeof target === 'string') return [{ action, ids: [target] }];
  if (Array.isArray(target)) return target.length ? [{ action, ids: target.slice(0, maxIds) }, ...makeMarks(action, target.slice(maxIds), head)] : [];
  if ('group' in target) return [{ action, group: target.group }];
  // All that is there, as the user sees it.
  const upTo = 'upTo' in target ? target.upTo : head;
  return upTo === null ? [] : [{ action, upTo, _whole: !isAfter(head, upTo) }];
}

/** @returns the inbox's version after it */
export async function sendMark(http: Http, { action, ids, upTo, group }: Mark): Promise<number> {
  return (await http._json<Counts>(`/notifications/${action === 'remove' ? 'delete' : action}`, { method: 'POST', body: { ids, upTo, group } })).data!.version;
}
