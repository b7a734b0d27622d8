import { compareIds, type Choice, type Item } from '@orleans-inbox/client';
import type { InboxElement } from './element.js';
import { more } from './more.js';
import { isArchived, isUnread, type Verb } from './row.js';
import type { Row } from './rows.js';
import type { openToast } from './toast.js';

const idsOf = (items: readonly Item[]) => items.map(({ id }) => id);

/** What a person does to rows of a list; the last of it can be taken back for a while. */
export function openActions(list: InboxElement, toast: ReturnType<typeof openToast>) {
  /** Deleted here or, as a group, archived, and not yet at the server. */
  let gone: readonly ((item: Item) => boolean)[] = [];

  /** Moves what the row shows, now; taken back, it moves the same again. */
  function move(members: readonly Item[], isBack: boolean): void {
    const { store, _text: text } = list, ids = idsOf(members.filter(({ archived }) => archived === isBack));
    const to = (archived: boolean) => void (archived ? store!.archive(ids) : store!.unarchive(ids));
    to(!isBack);
    toast._offer({ _words: isBack ? text.didUnarchive : text.didArchive, _back: () => to(isBack) });
  }

  /** Hides what the row stands for, and tells the server once it can no longer be taken back. @param group all of it, also what is not loaded */
  function hide(verb: 'archive' | 'remove', members: readonly Item[], group?: string): void {
    const store = list.store!, { head } = list._snapshot.counts, ids = idsOf(members);
    const isLater = ({ id }: Item) => !head || compareIds(id, head) > 0;
    const hides = (item: Item) => group ? item.group === group && !isLater(item) : ids.includes(item.id);
    const show = () => { gone = gone.filter(one => one !== hides); list._changed(); };
    toast._offer({
      _words: verb === 'archive' ? list._text.didArchive : list._text.didRemove,
      _back: show,
      _commit: () => {
        const { items } = store.getSnapshot();
        // One that came to the group meanwhile is left out.
        const target = !group ? ids : items.some(item => item.group === group && isLater(item)) ? idsOf(items.filter(hides)) : { group };
        void (verb === 'archive' ? store.archive(target) : store.remove(target)).then(show); // hidden until the server has said so
      },
    });
    gone = [...gone, hides];
  }

  return {
    _readAll(): void {
      const store = list.store!;
      // Before the mark: what was held back until now is sent here, and the newest is what is taken back.
      toast._offer({ _words: list._text.didReadAll, _isNewest: true, _back: () => void store.undo().then(isBack => isBack || list._refused()) });
      void store.markRead({ all: true });
    },
    /** Another object after each change. */
    _gone: () => gone,
    _isGone: (item: Item): boolean => gone.some(hides => hides(item)),
    _act(verb: Verb, row: Row, event?: MouseEvent, choice?: Choice): void {
      const { store, _snapshot: { filter: { status = 'inbox', type, q } } } = list, { item, members } = row;
      if (!store) return;
      // What is loaded of a group may be a part of it: the server knows all. Not where the list shows some of its members and not the others.
      const groupIf = (isWhole: boolean) => isWhole && members.length > 1 && !type && !q ? item.group : undefined;
      const group = groupIf(status === 'inbox'), unread = groupIf(status === 'inbox' || status === 'unread');
      const read = () => {
        toast._marked();
        void store.markRead(unread ? { group: unread } : idsOf(members.filter(({ read }) => !read)));
      };
      if (verb === 'open') {
        if (event && event.button > 1) return; // a menu
        // The middle button opens another tab, which no router is to prevent.
        if (event?.type !== 'auxclick' && !list._opens(item)) event?.preventDefault();
        if (isUnread(row)) read();
      } else if (choice) {
        toast._marked();
        void store.act(item.id, choice.id);
        if (choice.url) list._follow({ ...item, url: choice.url });
      } else if (verb === 'read') {
        if (isUnread(row)) read();
        else {
          toast._marked();
          void store.markUnread(idsOf(members));
        }
      } else if (verb === 'snooze') more().then(it => it._snooze(list, toast, row), () => toast._say(list._text.missing));
      else if (verb === 'archive' && !group) move(members, isArchived(row));
      else hide(verb as 'archive' | 'remove', members, group);
    },
  };
}
