import { compareIds } from './ids.js';
import { backoff, Pause } from './pause.js';
import type { Action, InboxError, Item } from './types.js';

/** What a mark is about; exactly one of the three is there. */
export interface Mark {
  readonly action: Action;
  ids?: string[];
  upTo?: string;
  readonly group?: string;
  /** Everything that was there when it was made. */
  whole?: boolean;
}

/** The item after the mark, the same object when nothing changes; undefined when it is removed. */
export function marked(item: Item, { action, ids, upTo, group }: Mark): Item | undefined {
  if (ids ? !ids.includes(item.id) : upTo !== undefined ? compareIds(item.id, upTo) > 0 : item.group !== group) return item;
  if (action === 'remove') return undefined;
  const flag = action === 'seen' ? 'seen' : action.endsWith('read') ? 'read' : 'archived';
  const value = !action.startsWith('un');
  return item[flag] === value ? item : { ...item, [flag]: value };
}

interface Entry extends Mark {
  state: 'waiting' | 'sending' | 'taken';
  /** Of the inbox after it was taken. */
  version: number;
  done: ((taken: boolean) => void)[];
}

/** The most ids that one mark may have. */
const maxIds = 1000;
const family = (action: Action) => action.replace('un', '');

/**
 * Marks on their way, in order. One is sent at a time and leaves only by being taken or refused: what is added during any await stays. Those that
 * wait are merged; the one in flight is not touched.
 */
export class Outbox {
  #entries: Entry[] = [];
  #busy = false;
  #failures = 0;
  #pause = new Pause();
  #closed = false;

  /**
   * @param send answers the inbox's version after it
   * @param taken called after one was taken
   * @param refused called after one was rolled back
   */
  constructor(readonly send: (mark: Mark) => Promise<number>, readonly taken: () => void, readonly refused: (error: InboxError, mark: Mark) => void) {}

  /** In order, also those that were taken and that the list does not show yet. */
  get marks(): readonly Mark[] { return this.#entries; }
  get pending(): number { return this.#entries.filter(entry => entry.state !== 'taken').length; }

  add(mark: Mark): Promise<boolean> {
    return new Promise(done => {
      const entry: Entry = { ...mark, state: 'waiting', version: 0, done: [done] };
      if (entry.ids) this.#supersede(entry);
      const last = this.#entries.at(-1);
      if (last?.state === 'waiting' && last.action === entry.action && merge(last, entry)) last.done.push(...entry.done);
      else this.#entries.push(entry);
      void this.#pump();
    });
  }

  /** The last word on an id counts: what waits to say the same or the opposite of it need not be sent. */
  #supersede(entry: Entry): void {
    this.#entries = this.#entries.filter(earlier => {
      if (earlier.state !== 'waiting' || !earlier.ids || family(earlier.action) !== family(entry.action) || earlier.action === entry.action) return true;
      earlier.ids = earlier.ids.filter(id => !entry.ids!.includes(id));
      if (earlier.ids.length) return true;
      entry.done.push(...earlier.done);
      return false;
    });
  }

  /** Tries now instead of after the pause. */
  wake(): void {
    this.#pause.wake();
  }

  /** Forgets what was taken and is shown by the list itself. */
  settle(version: number, has: (id: string) => boolean): void {
    this.#entries = this.#entries.filter(entry =>
      entry.state !== 'taken' || (entry.action === 'remove' ? entry.ids!.some(has) : entry.version > version));
  }

  get unsettled(): boolean { return this.#entries.some(entry => entry.state === 'taken'); }

  close(): void {
    this.#closed = true;
    for (const entry of this.#entries) if (entry.state !== 'taken') entry.done.forEach(done => done(false));
    this.#entries = [];
    this.wake();
  }

  async #pump(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let entry; !this.#closed && (entry = this.#entries.find(one => one.state === 'waiting'));) {
      entry.state = 'sending';
      try {
        entry.version = await this.send(entry);
        if (this.#closed) break;
        entry.state = 'taken';
        this.#failures = 0;
        entry.done.forEach(done => done(true));
        this.taken();
      } catch (failure) {
        if (this.#closed) break;
        const { status, retryAfter } = failure as InboxError;
        if (status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status)) {
          this.#entries = this.#entries.filter(one => one !== entry);
          entry.done.forEach(done => done(false));
          this.refused(failure as InboxError, entry);
        } else {
          // Whether it was stored is not known; marks can be sent twice.
          entry.state = 'waiting';
          await this.#pause.for(status === 401 ? Infinity : retryAfter ?? backoff(this.#failures++));
        }
      }
    }
    this.#busy = false;
  }
}

function merge(into: Mark, mark: Mark): boolean {
  if (into.ids && mark.ids) {
    const ids = [...new Set([...into.ids, ...mark.ids])];
    if (ids.length > maxIds) return false;
    into.ids = ids;
    return true;
  }
  if (into.upTo === undefined || mark.upTo === undefined) return false;
  if (compareIds(mark.upTo, into.upTo) > 0) into.upTo = mark.upTo;
  into.whole ||= !!mark.whole;
  return true;
}
