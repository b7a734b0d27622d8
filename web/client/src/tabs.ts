/** What one tab tells the others. */
export type Message =
  /** A tab is there and wants to know where the inbox stands. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'event' | 'state'; readonly from: string; readonly number: number; readonly data: unknown };

/** Tabs of one origin and user: one of them leads, and the next one when it goes. */
export class Tabs {
  readonly #channel: BroadcastChannel;
  readonly #abort = new AbortController();
  #release: (() => void) | undefined;

  static get arePossible(): boolean {
    return typeof BroadcastChannel === 'function' && !!globalThis.navigator?.locks;
  }

  constructor(name: string, lead: () => void, receive: (message: Message) => void) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => { if (!this.#abort.signal.aborted) receive(data); };
    // The lock is held until the tab closes it or is gone: the browser sees to both.
    navigator.locks.request(name, { signal: this.#abort.signal }, () => new Promise<void>(resolve => {
      if (this.#abort.signal.aborted) return resolve();
      this.#release = resolve;
      lead();
    })).catch(() => {});
    this.post({ kind: 'hello' });
  }

  post(message: Message): void {
    this.#channel.postMessage(message);
  }

  close(): void {
    this.#abort.abort();
    this.#release?.();
    this.#channel.close();
  }
}
