import type { Events, Snapshot } from './types.js';

/** Who listens, and a snapshot that stays the same object until something changes. */
export function openStore(look: () => Snapshot) {
  const listeners = new Set<() => void>();
  const handlers: { [K in keyof Events]?: Set<(event: Events[K]) => void> } = {};
  let snapshot: Snapshot | undefined, isTelling = false;

  return {
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
    getSnapshot: (): Snapshot => snapshot ??= look(),
    on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void {
      const set = (handlers[name] ??= new Set() as never) as Set<typeof listener>;
      set.add(listener);
      return () => { set.delete(listener); };
    },
    _emit<K extends keyof Events>(name: K, event: Events[K]): void {
      // Each on its own: a page's mistake must not stop the inbox.
      handlers[name]?.forEach(handler => queueMicrotask(() => handler(event)));
    },
    _changed(): void {
      snapshot = undefined;
      if (isTelling) return;
      isTelling = true;
      queueMicrotask(() => {
        isTelling = false;
        listeners.forEach(listener => queueMicrotask(listener));
      });
    },
    /** Nobody is told of changes any more. */
    _mute(): void { listeners.clear(); },
  };
}

export type Store = ReturnType<typeof openStore>;
