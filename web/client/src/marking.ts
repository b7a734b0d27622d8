import type { Http } from './http.js';
import { isAfter } from './ids.js';
import type { Mark } from './marks.js';
import { typesOf } from './rows.js';
import type { Action, Counts, Filter, InboxError, Item, Target } from './types.js';

/** The most ids that one request may have. */
export const mostIds = (action: Action) => action.endsWith('snooze') ? 100 : 1000;

/** @param head the newest there is now: what comes until a mark is sent is not marked
 * @param shown what is listed: a mark of all, or of all up to an id, is of that alone */
export function makeMarks(action: Action, target: Target, head: string | null, { type, group, q }: Filter, shown: readonly Item[]): Mark[] {
  if (typeof target === 'string') return [{ action, ids: [target] }];
  const most = mostIds(action);
  if (Array.isArray(target)) return target.length ? [{ action, ids: target.slice(0, most) }, ...makeMarks(action, target.slice(most), head, {}, [])] : [];
  if ('group' in target) return [{ action, group: target.group }];
  // All that is there, as the user sees it.
  const upTo = 'upTo' in target ? target.upTo : head;
  if (upTo === null) return [];
  // What was seen is one cursor of the inbox.
  const isSeen = action === 'seen';
  if ((group !== undefined || q !== undefined) && !isSeen) {
    return 'all' in target && group !== undefined && type === undefined && q === undefined && /^(read|archive)$/.test(action) ? [{ action, group }]
      : makeMarks(action, shown.map(({ id }) => id).filter(id => !isAfter(id, upTo)), head, {}, []);
  }
  return [{ action, upTo, type: isSeen ? undefined : typesOf(type), _whole: !isAfter(head, upTo) }];
}

/**
 * @param erased called when the mark is up to an id from before the inbox was erased: nothing is left that it could mark
 * @returns the inbox's version after it; of a choice it is not told
 */
export async function sendMark(http: Http, { action, ids, upTo, group, type, until, _tokens: tokens, _undoes: undoes, _acted: acted }: Mark, erased: () => void): Promise<number> {
  let version = 0;
  try {
    const to = action === 'unsnooze' ? action : 'notifications/' + (acted ? `${ids}/actions/${encodeURIComponent(acted.action)}` : action === 'remove' ? 'delete' : action);
    for (const body of undoes?.map(undo => ({ undo })) ?? [acted ? undefined : { ids, upTo, group, type, until }]) {
      const { data } = await http._json<Counts & { undo?: string }>(`/${to}`, { method: 'POST', body });
      version = data!.version;
      if (data!.undo) tokens?.push(data!.undo);
    }
  } catch (failure) {
    // A well-formed id that the server refuses is of another epoch.
    const { status, problem } = failure as InboxError & { problem?: any };
    if (status !== 400 || !/^\d+-\d+$/.test(upTo!) || !problem?.errors?.upTo) throw failure;
    erased();
  }
  return version;
}
