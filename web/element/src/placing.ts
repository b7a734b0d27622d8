import { render } from 'lit/html.js';
import { isUnread, rowTemplate, type Look } from './row.js';
import type { Row } from './rows.js';
import type { openViewport } from './viewport.js';

/** What the rows need to know of the list they stand in. */
export interface Setting extends Look {
  /** Where the row is that has, or had, the focus; -1 when there is none. */
  readonly _active: number;
  /** How many rows there are; -1 when that is not known. */
  readonly _size: number;
  readonly _isFresh: (row: Row) => boolean;
}

/** Makes the rows that are to be seen. Each keeps its element, with the focus and the finger on it, while others come and go. */
export function placeRows(list: HTMLElement, rows: readonly Row[], view: ReturnType<typeof openViewport>, setting: Setting): void {
  const { _active: active } = setting, [from, to] = view._range();
  const places = Array.from({ length: to - from }, (_, at) => from + at);
  // The row with the focus is kept wherever it is: the focus must not fall back to the page's top.
  if (active >= 0 && active < from) places.unshift(active);
  else if (active >= to) places.push(active);
  const left = new Map(Array.from(list.children as Iterable<Element> as Iterable<HTMLElement>, element => [element.dataset.key, element]));
  let next = list.firstElementChild;
  for (const at of places) {
    const row = rows[at]!, { key, item } = row, isNew = isUnread(row);
    const element = left.get(key) ?? document.createElement('article');
    left.delete(key);
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
    Object.assign(element, {
      part: 'row', className: `item${isNew ? ' unread-item' : ''}${row.inside ? ' inside' : ''}${setting._isFresh(row) ? ' fresh' : ''}`, tabIndex: at === active ? 0 : -1,
      ariaPosInSet: at + 1, ariaSetSize: setting._size, ariaLabel: isNew ? `${setting._text.unread}: ${item.title}` : item.title,
    });
    element.style.top = `${view._heights._top(at)}px`;
    element.dataset.key = key;
    render(rowTemplate(row, setting, at === active), element);
  }
  for (const element of left.values()) element.remove();
  list.style.height = `${view._heights._total()}px`;
}
