import type { Http } from './http.js';
import { compareIds } from './ids.js';
import { marked, type Mark } from './marks.js';
import type { Counts, Filter, Item, Page } from './types.js';

/** An item, and the inbox's version that its flags are known to be of. */
export interface Row {
  readonly item: Item;
  readonly version: number;
}

/** As the server takes them. */
export const typesOf = (type: Filter['type']): string | undefined => type === undefined ? undefined : `${type}`;

/** A part of a list. */
export async function fetchPart<T>(http: Http, path: string, parameters: object): Promise<T> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value != null) search.set(name, value);
  return (await http._json<T>(`/${path}?${search}`)).data!;
}

export const fetchPage = (http: Http, { status, type, group, q }: Filter, limit: number, before: string | null): Promise<Page> =>
  fetchPart(http, 'notifications', { status, type, group, q, limit, before });

/** Where the id stands, or would stand, newest first. */
function placeOf(rows: Row[], id: string): number {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareIds(rows[middle]!.item.id, id) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const has = (rows: Row[], id: string) => rows[placeOf(rows, id)]?.item.id === id;

export function insert(rows: Row[], version: number, items: readonly Item[]): void {
  for (const item of items) if (!has(rows, item.id)) rows.splice(placeOf(rows, item.id), 0, { item, version });
}

/** The rows after a change of that version; those that are newer know it already. A choice stays, and may have the version of the mark before it. */
export function apply(rows: Row[], mark: Mark, version: number): Row[] {
  return rows.flatMap(row => {
    if (row.version >= version && mark.action !== 'remove' && mark.action !== 'act') return row;
    const item = marked(row.item, mark, true);
    return item === row.item ? row : item ? { item, version: Math.max(row.version, version) } : [];
  });
}

/** Whether its content is asked for, which never changes. */
export function isOf(item: Item, { type, group, q = '' }: Filter): boolean {
  return (type === undefined || [type].flat().includes(item.type)) && (group === undefined || item.group === group)
    && [item.title, item.body, item.actor?.name].some(text => text?.toLowerCase().includes(q.toLowerCase()));
}

/** Whether its flags are asked for. */
export function hasStatus({ read, archived }: Item, { status = 'inbox' }: Filter): boolean {
  return status === 'all' || (status === 'archived' ? archived : !archived && (status === 'inbox' || read === (status === 'read')));
}

/** Whether a mark can bring something into the list that it did not show. */
export function letsIn(action: string, { status = 'inbox' }: Filter): boolean {
  return status !== 'all' && (action[0] === 'u' || status === 'archived' || status === 'read');
}

const isUnread = (item?: Item) => item && !item.read && !item.archived ? 1 : 0;
const isUnseen = (item?: Item) => item && !item.seen && !item.archived ? 1 : 0;

/** How many are unread and unseen. */
export function tally(rows: readonly Row[]): Pick<Counts, 'unread' | 'unseen'> {
  let unread = 0, unseen = 0;
  for (const { item } of rows) {
    unread += isUnread(item);
    unseen += isUnseen(item);
  }
  return { unread, unseen };
}

/** Items with marks laid over them, kept so that the same change is the same object in every view. */
const overlaid = new WeakMap<Item, Item>();

function overlay(item: Item, marks: readonly Mark[]): Item | undefined {
  let now: Item | undefined = item;
  for (const mark of marks) {
    now = marked(now, mark);
    if (!now) return undefined;
  }
  const known = overlaid.get(item);
  for (const same of [item, known]) if (same && now.read === same.read && now.seen === same.seen && now.archived === same.archived && now.acted === same.acted) return same;
  overlaid.set(item, now);
  return now;
}

/** What is shown: the rows and counts as told, with the marks on their way. Counts of a mark that reaches below what is loaded are exact only once it is answered. */
export function view(rows: readonly Row[], counts: Counts, marks: readonly Mark[], filter: Filter): { items: Item[]; counts: Counts } {
  let { unread, unseen, total } = counts;
  let knownUnread = 0, knownUnseen = 0;
  const items: Item[] = [];
  for (const { item } of rows) {
    const now = marks.length ? overlay(item, marks) : item;
    knownUnread += isUnread(now);
    knownUnseen += isUnseen(now);
    if (now !== item) {
      unread += isUnread(now) - isUnread(item);
      unseen += isUnseen(now) - isUnseen(item);
      if (!now) total--;
    }
    if (now && hasStatus(now, filter)) items.push(now);
  }
  // What is not loaded is marked too then.
  for (const { _whole, action } of marks) {
    if (_whole && 'read archive'.includes(action)) unread = knownUnread;
    if (_whole && 'read seen archive'.includes(action)) unseen = knownUnseen;
  }
  return { items, counts: { ...counts, unread: Math.max(0, unread), unseen: Math.max(0, unseen), total: Math.max(0, total) } };
}
