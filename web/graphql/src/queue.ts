import { unavailable } from './errors.js';

/** Bounded queue with one consumer. `end` and `fail` still deliver what is queued; an overflow drops it, and fails. */
export class BoundedQueue<T> implements AsyncIterable<T> {
  /** Resolves when nothing is taken anymore. */
  readonly ended: Promise<void>;
  private resolveEnded!: () => void;
  private readonly waiting: T[] = [];
  private over = false;
  private failure: unknown;
  private wake: (() => void) | null = null;

  /** @param onOverflow called once, when an item does not fit. Nothing is delivered after it. */
  constructor(
    private readonly capacity: number,
    private readonly onOverflow: () => void,
  ) {
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
  }

  push(item: T): void {
    if (this.over) return;
    if (this.waiting.length >= this.capacity) {
      this.waiting.length = 0;
      this.fail(unavailable('The subscriber reads too slowly.'));
      this.onOverflow();
      return;
    }
    this.waiting.push(item);
    this.signal();
  }

  end(): void {
    this.over = true;
    this.resolveEnded();
    this.signal();
  }

  /** The consumer gets what is queued, then the failure. */
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
