/** What a finger that moves a row sideways stands for, by how far: toward the line's end, toward its start, and a long way toward its start. */
export type Swipe = 'read' | 'archive' | 'remove';

const enough = 64;

/** Follows a finger on one row at a time; up and down stays the page's scrolling (`touch-action: pan-y`). */
export class Swiping {
  #row: HTMLElement | undefined;
  #x = 0;
  #moved = 0;
  #y = 0;

  /** @param hint what is shown under the row as it moves */
  constructor(readonly done: (row: HTMLElement, swipe: Swipe) => void, readonly hint: (row: HTMLElement, swipe: Swipe) => string) {}

  /** True right after a swipe: the click that browsers send then is not meant. */
  get swiped(): boolean { return Math.abs(this.#moved) > 8; }

  handle = (event: PointerEvent): void => {
    const row = this.#row;
    if (event.type === 'pointerdown') {
      this.#moved = 0;
      if (event.pointerType !== 'touch' || !event.isPrimary) return;
      this.#row = (event.target as Element).closest<HTMLElement>('.item') ?? undefined;
      [this.#x, this.#y] = [event.clientX, event.clientY];
      return;
    }
    if (!row) return;
    if (event.type === 'pointermove') {
      const moved = event.clientX - this.#x;
      if (!this.#moved && (Math.abs(moved) < 10 || Math.abs(event.clientY - this.#y) > Math.abs(moved))) return;
      if (!this.#moved) row.setPointerCapture(event.pointerId);
      this.#show(row, this.#moved = moved || 1);
      return;
    }
    this.#row = undefined;
    const swipe = event.type === 'pointerup' && row.dataset.swipe as Swipe | undefined;
    this.#show(row, 0);
    if (swipe) this.done(row, swipe);
  };

  #show(row: HTMLElement, moved: number): void {
    const forward = getComputedStyle(row).direction === 'rtl' ? -moved : moved;
    const swipe: Swipe | '' = forward > enough ? 'read' : -forward > row.offsetWidth * 0.6 ? 'remove' : -forward > enough ? 'archive' : '';
    row.toggleAttribute('data-moving', moved !== 0);
    if (swipe) Object.assign(row.dataset, { swipe, hint: this.hint(row, swipe) });
    else delete row.dataset.swipe;
    (row.firstElementChild as HTMLElement).style.transform = moved ? `translateX(${moved}px)` : '';
  }
}
