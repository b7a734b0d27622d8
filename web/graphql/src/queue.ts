/** What waits for one subscriber, up to a bound. One consumer; `end` and `fail` drop nothing that was taken before, `overflow` does. */
export class BoundedQueue<T> implements AsyncIterable<T> {
  private readonly waiting: T[] = [];
  private over = false;
  private failure: unknown;
  private wake: (() => void) | null = null;

  /** @param overflowed called once, when one more had to wait than may. Nothing is delivered after it. */
  constructor(
    private readonly capacity: number,
    private readonly overflowed: () => void,
  ) {}

  push(item: T): void {
    if (this.over) return;
    if (this.waiting.length >= this.capacity) {
      this.waiting.length = 0;
      this.end();
      this.overflowed();
      return;
    }
    this.waiting.push(item);
    this.signal();
  }

  end(): void {
    this.over = true;
    this.signal();
  }

  /** The consumer gets what waits, and then the failure. */
  fail(failure: unknown): void {
    if (this.over) return;
    this.failure = failure;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      if (this.waiting.length > 0) yield this.waiting.shift()!;
      else if (this.failure !== undefined) throw this.failure;
      else if (this.over) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private signal(): void {
    this.wake?.();
    this.wake = null;
  }
}
