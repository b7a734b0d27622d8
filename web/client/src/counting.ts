import type { Http } from './http.js';
import { openTimers } from './pause.js';
import { tally, type Row } from './rows.js';
import type { Counts } from './types.js';

const none = { unread: 0, unseen: 0, total: 0 };

/** The counts of the types that are asked for: what the server tells with its lists and events counts all types. */
export interface Counting {
  /** The inbox's own where all types are asked for. */
  _of(all: Counts): Counts;
  /** Asks the server; when that fails, again after a while. */
  _fetch(): Promise<void>;
  /** Rows changed: counted at once as far as is known here; the server's own numbers follow. */
  _moved(before: readonly Row[], after: readonly Row[]): void;
  _stop(): void;
}

/** @param types what is asked for now, as the server takes it; undefined for all */
export function openCounting(http: Http, types: () => string | undefined, again: number, changed: () => void, isRunning: () => boolean): Counting {
  /** Of these types. */
  let known: string | undefined, counts: typeof none = none;
  const { _within: within, _stop: stop } = openTimers(() => void fetch());

  async function fetch(): Promise<void> {
    const type = types();
    if (type === undefined) return;
    try {
      const { data } = await http._json<Counts>(`/counts?${new URLSearchParams({ type })}`);
      [known, counts] = [type, data!];
      changed();
    } catch {
      if (isRunning()) within(again);
    }
  }

  return {
    _of(all) {
      if (types() === undefined) return all;
      const { unread, unseen, total } = known === types() ? counts : none;
      return { ...all, unread, unseen, total };
    },
    _fetch: fetch,
    _moved(before, after) {
      if (types() === undefined) return;
      const was = tally(before), is = tally(after);
      counts = { unread: counts.unread + is.unread - was.unread, unseen: counts.unseen + is.unseen - was.unseen, total: counts.total };
      within(100);
    },
    _stop: stop,
  };
}
