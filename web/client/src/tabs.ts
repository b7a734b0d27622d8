/** What one tab tells the others. */
export type Message =
  /** A tab is there and wants to know where the inbox stands. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'event' | 'state'; /** Chosen at random by each tab. */ readonly from: number; readonly number: number; readonly data: unknown };

/** Tabs of one origin and user: one of them leads, and the next one when it goes. */
export interface Tabs {
  _post(message: Message): void;
  _close(): void;
}

export const canShare = () => globalThis.BroadcastChannel && globalThis.navigator?.locks;

export function openTabs(name: string, lead: () => void, receive: (message: Message) => void): Tabs {
  const channel = new BroadcastChannel(name);
  const abort = new AbortController(), { signal } = abort;
  const post = (message: Message) => channel.postMessage(message);
  let release: (() => void) | undefined;
  channel.onmessage = ({ data }) => { if (!signal.aborted) receive(data); };
  // The lock is held until the tab closes it or is gone: the browser sees to both.
  navigator.locks.request(name, { signal }, () => new Promise<void>(resolve => {
    if (signal.aborted) return resolve();
    release = resolve;
    lead();
  })).catch(() => {});
  post({ kind: 'hello' });
  return {
    _post: post,
    _close() {
      abort.abort();
      release?.();
      channel.close();
    },
  };
}
