/** A wait that can be cut short. */
export class Pause {
  #end: (() => void) | undefined;

  /** Over after so many milliseconds, or when woken. */
  for(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      // Longer than a timer can be: until woken.
      const timer = milliseconds < 2 ** 31 ? setTimeout(() => this.wake(), milliseconds) : undefined;
      this.#end = () => { clearTimeout(timer); resolve(); };
    });
  }

  wake(): void {
    const end = this.#end;
    this.#end = undefined;
    end?.();
  }
}

/** Exponential, and different from client to client, so that they do not all come at once. */
export const backoff = (failures: number, first = 1000, most = 30_000) => Math.min(most, first * 2 ** failures) * (0.5 + Math.random() / 2);
