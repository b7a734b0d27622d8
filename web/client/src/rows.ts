import { compareIds } from './ids.js';
import { marked, type Mark } from './marks.js';
import type { Counts, Filter, Item } from './types.js';

/** An item, and the inbox's version that its flags are known to be of. */
export interface Row {
  readonly item: Item;
  readonly version: number;
}

/** As the server answers a list. */
export interface Page {
  items: Item[];
  next: string | null;
  counts: Counts;
}

/** What the server told, newest first: the window that was loaded, and what came since; marks of this side are laid over it by `view`. */
export class Rows {
  constructor(public all: Row[] = []) {}

  has(id: string): boolean {
    return this.all[this.#place(id)]?.item.id === id;
  }

  insert(row: Row): void {
    if (!this.has(row.item.id)) this.all.splice(this.#place(row.item.id), 0, row);
  }

  append({ items, counts: { version } }: Page): void {
    for (const item of items) this.insert({ item, version });
  }

  /** A change of that version; rows that are newer know it already. */
  apply(mark: Mark, version: number): void {
    const touch = (row: Row): Row | undefined => {
      if (mark.action !== 'remove' && row.version >= version) return row;
      const item = marked(row.item, mark);
      return item && (item === row.item ? row : { item, version });
    };
    if (!mark.ids) this.all = this.all.map(row => touch(row)!);
    else for (const id of mark.ids) {
      const place = this.#place(id);
      if (this.all[place]?.item.id !== id) continue;
      const row = touch(this.all[place]);
      if (row) this.all[place] = row;
      else this.all.splice(place, 1);
    }
  }

  /** Where the id stands or would stand. */
  #place(id: string): number {
    let low = 0, high = this.all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareIds(this.all[middle]!.item.id, id) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether its content is asked for, which never changes. */
export function isOf(item: Item, { type, group }: Filter): boolean {
  return (type === undefined || (typeof type === 'string' ? type.split(',') : type).includes(item.type)) && (group === undefined || item.group === group);
}

/** Whether its flags are asked for. */
export function hasStatus({ read, archived }: Item, { status = 'inbox' }: Filter): boolean {
  return status === 'all' || (status === 'archived' ? archived : !archived && (status === 'inbox' || read === (status === 'read')));
}

/** Whether a mark can bring something into the list that it did not show. */
export function letsIn(action: string, { status = 'inbox' }: Filter): boolean {
  return status !== 'all' && (status === 'archived' ? action === 'archive' : action === 'unarchive' || (status !== 'inbox' && action === (status === 'unread' ? 'unread' : 'read')));
}

const isUnread = (item?: Item) => item && !item.read && !item.archived ? 1 : 0;
const isUnseen = (item?: Item) => item && !item.seen && !item.archived ? 1 : 0;

/** Items with marks laid over them, kept so that the same change is the same object in every view. */
const overlaid = new WeakMap<Item, Item>();

function overlay(item: Item, marks: readonly Mark[]): Item | undefined {
  let now: Item | undefined = item;
  for (const mark of marks) {
    now = marked(now, mark);
    if (!now) return undefined;
  }
  if (now.read === item.read && now.seen === item.seen && now.archived === item.archived) return item;
  const known = overlaid.get(item);
  if (known && now.read === known.read && now.seen === known.seen && now.archived === known.archived) return known;
  overlaid.set(item, now);
  return now;
}

/** What is shown: the rows and counts as told, with the marks on their way. Counts of a mark that reaches below what is loaded are exact only once it is answered. */
export function view(rows: readonly Row[], counts: Counts, marks: readonly Mark[], filter: Filter): { items: Item[]; counts: Counts } {
  let { unread, unseen, total } = counts;
  let knownUnread = 0, knownUnseen = 0;
  const items: Item[] = [];
  for (const { item } of rows) {
    const now = overlay(item, marks);
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
  for (const { whole, action } of marks) {
    if (whole && (action === 'read' || action === 'archive')) unread = knownUnread;
    if (whole && (action === 'seen' || action === 'archive')) unseen = knownUnseen;
  }
  return { items, counts: marks.length ? { ...counts, unread: Math.max(0, unread), unseen: Math.max(0, unseen), total: Math.max(0, total) } : counts };
}
