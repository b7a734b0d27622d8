import type { Item } from '@orleans-inbox/client';

/** One line of the list: a notification, or the newest of a group with what it stands for. */
export interface Row {
  readonly key: string;
  readonly item: Item;
  /** What the row shows the state of and what is done to when it is acted on: all known members of a folded group, newest first; else the item alone. */
  readonly members: readonly Item[];
  /** How many older ones of its group fold under it. */
  readonly older: number;
  /** Shown under the newest of its group. */
  readonly inside: boolean;
}

/** Groups fold into their newest notification; those in `open` are followed by their older ones, and each then stands for itself. */
export function toRows(items: readonly Item[], open: ReadonlySet<string>, flat = false): Row[] {
  const groups = new Map<unknown, Item[]>();
  for (const item of items) {
    const group = flat || !item.group ? item : item.group, members = groups.get(group);
    if (members) members.push(item);
    else groups.set(group, [item]);
  }
  return [...groups.values()].flatMap(members => {
    const older = members.length - 1, isOpen = older && open.has(members[0]!.group!);
    return (isOpen ? members : members.slice(0, 1)).map((item, at) => ({
      key: item.id, item, members: isOpen ? [item] : members, older: at ? 0 : older, inside: at > 0,
    }));
  });
}

/** Whether the older ones of its group stand under it. */
export const isOpened = ({ older, members }: Row): boolean => older > 0 && members.length === 1;
