import type { Item } from '@orleans-inbox/client';

/** One line of the list: a notification, or the newest of a group with all that it stands for. */
export interface Row {
  readonly key: string;
  readonly item: Item;
  /** Of a folded or opened group: all that are known of it, newest first. Otherwise the item alone. */
  readonly members: readonly Item[];
  /** Shown under the newest of its group. */
  readonly inside: boolean;
}

/** Groups fold into their newest notification; those in `open` are followed by their older ones. */
export function toRows(items: readonly Item[], open: ReadonlySet<string>, flat = false): Row[] {
  const groups = new Map<string, Item[]>();
  const rows: Row[] = [];
  for (const item of items) {
    const group = flat ? undefined : item.group;
    const known = group && groups.get(group);
    if (known) known.push(item);
    else {
      const members = [item];
      if (group) groups.set(group, members);
      rows.push({ key: item.id, item, members, inside: false });
    }
  }
  return open.size
    ? rows.flatMap(row => row.members.length > 1 && open.has(row.item.group!)
      ? [row, ...row.members.slice(1).map(item => ({ key: item.id, item, members: [item], inside: true }))]
      : row)
    : rows;
}
