/** What a finger that moves a row sideways stands for, by how far: toward the line's end, toward its start, and a long way toward its start. */
export type Swipe = 'read' | 'archive' | 'remove';

const enough = 64;

/**
 * Follows a finger on one row at a time; up and down stays the page's scrolling (`touch-action: pan-y`).
 * @param hint what is shown under the row as it moves
 */
export function followSwipes(done: (row: HTMLElement, swipe: Swipe) => void, hint: (row: HTMLElement, swipe: Swipe) => string) {
  let row: HTMLElement | null = null, x = 0, y = 0, moved = 0;

  function show(row: HTMLElement, by: number): void {
    const forward = getComputedStyle(row).direction === 'rtl' ? -by : by;
    const swipe: Swipe | '' = forward > enough ? 'read' : -forward > row.offsetWidth * 0.6 ? 'remove' : -forward > enough ? 'archive' : '';
    row.toggleAttribute('data-moving', by !== 0);
    if (swipe) Object.assign(row.dataset, { swipe, hint: hint(row, swipe) });
    else delete row.dataset.swipe;
    (row.firstElementChild as HTMLElement).style.transform = by ? `translateX(${by}px)` : '';
  }

  return {
    /** True right after a swipe: the click that browsers send then is not meant. */
    _swiped: () => Math.abs(moved) > 8,
    /** For all events of the pointer. */
    _handle({ type, target, pointerType, pointerId, isPrimary, clientX, clientY }: PointerEvent): void {
      if (type === 'pointerdown') {
        moved = 0;
        if (pointerType !== 'touch' || !isPrimary) return;
        row = (target as Element).closest<HTMLElement>('.item');
        x = clientX;
        y = clientY;
      } else if (row && type === 'pointermove') {
        const by = clientX - x;
        if (!moved) {
          if (Math.abs(by) < 10 || Math.abs(clientY - y) > Math.abs(by)) return;
          row.setPointerCapture(pointerId);
        }
        show(row, moved = by || 1);
      } else if (row) {
        const released = row, swipe = type === 'pointerup' && row.dataset.swipe as Swipe | undefined;
        row = null;
        show(released, 0);
        if (swipe) done(released, swipe);
      }
    },
  };
}
