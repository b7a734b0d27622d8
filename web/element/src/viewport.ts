import { openHeights } from './heights.js';

/** How far above and below the screen rows exist. */
const overscan = 400;

/** Which rows are on the screen, and how they stay there while others come, go or turn out to be of another height. */
export function openViewport() {
  const heights = openHeights(76);
  let keys: readonly string[] = [], top = 0, height = 600, width = 0;
  /** Where the list is to be scrolled to once it is laid out. */
  let target: number | undefined;
  /** The rows on the screen, and how far from its upper edge: the first that is left stays where it is. */
  let anchors: [key: string, offset: number][] = [];

  const isAtTop = (): boolean => top < 4;
  const scrollTo = (to: number): void => { target = top = Math.max(0, to); };
  const keepPlace = (): void => {
    const anchor = anchors.find(([key]) => heights._indexOf(key) >= 0);
    if (anchor && !isAtTop()) scrollTo(heights._top(heights._indexOf(anchor[0])) - anchor[1]);
  };

  return {
    _heights: heights,
    _isAtTop: isAtTop,
    /** Older rows will soon be wanted. */
    _isAtEnd: () => height > 0 && top + height + 2 * overscan > heights._total(),
    /** Before anything changes: where things are now. */
    _look(scroll: HTMLElement | null): void {
      if (scroll && target === undefined) top = scroll.scrollTop; // newer than its last event
      const first = heights._at(top), last = heights._at(top + height);
      anchors = keys.slice(first, last + 1).map((key, at) => [key, heights._top(first + at) - top]);
    },
    _lay(rows: readonly string[]): void {
      heights._lay(keys = rows);
      keepPlace();
    },
    /** What was measured; true when that moved something. */
    _learn(rows: Iterable<HTMLElement>): boolean {
      const moved = heights._learn(Array.from(rows, row => [row.dataset.key!, row.offsetHeight]));
      if (moved) keepPlace();
      return moved;
    },
    _scroll(scroll: HTMLElement): void {
      if (target === undefined) return;
      scroll.scrollTop = target;
      top = scroll.scrollTop;
      target = undefined;
    },
    _resize({ clientWidth, clientHeight }: HTMLElement): void {
      if (clientWidth !== width) heights._forget();
      width = clientWidth;
      height = clientHeight;
    },
    /** The rows that are to exist. */
    _range: (): [from: number, to: number] => keys.length ? [heights._at(top - overscan), heights._at(top + height + overscan) + 1] : [0, 0],
    _home(): void {
      anchors = [];
      scrollTo(0);
    },
    /** Scrolls no further than is needed to see the row. */
    _reveal(at: number): void {
      const upper = heights._top(at), lower = heights._top(at + 1);
      if (upper < top) scrollTo(upper);
      else if (lower > top + height) scrollTo(lower - height);
      anchors = [];
    },
  };
}
