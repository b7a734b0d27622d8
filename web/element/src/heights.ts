/** Where the rows of a long list are: measured heights where a row was on the screen, a guess for the others. */
export class Heights {
  #known = new Map<string, number>();
  #index = new Map<string, number>();
  #keys: readonly string[] = [];
  #tops = new Float64Array(1);

  constructor(readonly guess: number) {}

  get total(): number { return this.#tops[this.#keys.length]!; }

  /** The rows in their order. */
  lay(keys: readonly string[]): void {
    this.#keys = keys;
    this.#index = new Map(keys.map((key, at) => [key, at]));
    this.#tops = new Float64Array(keys.length + 1);
    this.#sum(0);
  }

  #sum(from: number): void {
    const tops = this.#tops;
    for (let at = from; at < this.#keys.length; at++) tops[at + 1] = tops[at]! + (this.#known.get(this.#keys[at]!) ?? this.guess);
  }

  /** What was measured; true when that moved something. */
  learn(measured: Iterable<readonly [string, number]>): boolean {
    let first = Infinity;
    for (const [key, height] of measured) {
      if (!height || (this.#known.get(key) ?? this.guess) === height) continue;
      this.#known.set(key, height);
      first = Math.min(first, this.indexOf(key));
    }
    this.#sum(Math.max(first, 0));
    return first < Infinity;
  }

  /** The width changed: every height is a guess again. */
  forget(): void {
    this.#known.clear();
    this.#sum(0);
  }

  top(at: number): number { return this.#tops[at] ?? this.total; }

  indexOf(key: string): number { return this.#index.get(key) ?? -1; }

  /** The row that covers the height; the last one for what is below. */
  at(height: number): number {
    let low = 0, high = this.#keys.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#tops[middle]! <= height) low = middle; else high = middle - 1;
    }
    return low;
  }
}
