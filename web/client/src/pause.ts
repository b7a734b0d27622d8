/** A wait that can be cut short. */
export interface Pause {
  /** Over after so many milliseconds, or when woken. */
  _wait(milliseconds: number): Promise<void>;
  _wake(): void;
}

export function makePause(): Pause {
  let end: (() => void) | undefined;
  const wake = () => { end?.(); };
  const wait = (milliseconds: number) => new Promise<void>(resolve => {
    // Longer than a timer can be: until woken.
    const timer = milliseconds < 2 ** 31 ? setTimeout(wake, milliseconds) : undefined;
    end = () => { clearTimeout(timer); resolve(); };
  });
  return { _wait: wait, _wake: wake };
}

/** Exponential, and different from client to client, so that they do not all come at once. */
export const backoff = (failures: number, first = 1000, most = 30_000) => Math.min(most, first * 2 ** failures) * (0.5 + Math.random() / 2);

/** What is to be done within a time, once, however often it is asked for. */
export function openTimers(run: () => void) {
  /** By how long they take. */
  let timers: Record<number, ReturnType<typeof setTimeout>> = {};
  return {
    _within(milliseconds: number): void {
      timers[milliseconds] ??= setTimeout(() => {
        delete timers[milliseconds];
        run();
      }, milliseconds);
    },
    _stop(): void {
      Object.values(timers).forEach(clearTimeout);
      timers = {};
    },
  };
}
