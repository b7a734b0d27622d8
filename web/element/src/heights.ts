/** Where the rows of a long list are: measured heights where a row was on the screen, a guess for the others. */
export function openHeights(guess: number) {
  const known = new Map<string, number>();
  let index = new Map<string, number>(), keys: readonly string[] = [], tops = new Float64Array(1);

  const heightOf = (key: string): number => known.get(key) ?? guess;
  const indexOf = (key: string): number => index.get(key) ?? -1;
  const total = (): number => tops[keys.length]!;
  function sum(from: number): void {
    for (let at = from; at < keys.length; at++) tops[at + 1] = tops[at]! + heightOf(keys[at]!);
  }

  return {
    _total: total,
    _indexOf: indexOf,
    _top: (at: number): number => tops[at] ?? total(),
    /** The row that covers the height; the last one for what is below. */
    _at(height: number): number {
      let low = 0, high = keys.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (tops[middle]! <= height) low = middle; else high = middle - 1;
      }
      return low;
    },
    /** The rows in their order. */
    _lay(rows: readonly string[]): void {
      keys = rows;
      index = new Map(keys.map((key, at) => [key, at]));
      tops = new Float64Array(keys.length + 1);
      sum(0);
    },
    /** What was measured; true when that moved something. */
    _learn(measured: Iterable<readonly [key: string, height: number]>): boolean {
      let first = Infinity;
      for (const [key, height] of measured) {
        if (!height || heightOf(key) === height) continue;
        known.set(key, height);
        first = Math.min(first, indexOf(key));
      }
      sum(Math.max(first, 0));
      return first < Infinity;
    },
    /** The width changed: every height is a guess again. */
    _forget(): void {
      known.clear();
      sum(0);
    },
  };
}
