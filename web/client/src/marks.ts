import { compareIds } from './ids.js';
import { mostIds } from './marking.js';
import { backoff, makePause } from './pause.js';
import type { Acted, Action, InboxError, Item } from './types.js';

/** What a mark is about; exactly one of `ids`, `upTo`, `group` and `_undoes` is there. */
export interface Mark {
  readonly action: Action;
  ids?: string[];
  upTo?: string;
  readonly group?: string;
  /** Beside `upTo`: of these types alone, separated by commas. */
  readonly type?: string | undefined;
  /** Of a snooze. */
  readonly until?: Date | string | undefined;
  /** Everything that was there when it was made. */
  _whole?: boolean;
  /** Of a mark that can be taken back: where the server's tokens for that are put, one array for all requests of one call. */
  readonly _tokens?: string[] | undefined;
  /** Of an undo: the `_tokens` of the mark that it takes back. */
  readonly _undoes?: readonly string[];
  /** What is chosen of the one notification in `ids`. */
  readonly _acted?: Acted;
}

/**
 * The item after the mark, the same object when nothing changes; undefined when it is removed. What is read is seen. What is unread again stays so
 * only below the server's cursor, which is not told: it is taken to be, until the list is fetched. What is chosen is read, and the first choice stays.
 * @param isTold by the server, whose cursor of what was seen is at `upTo` then: an undo moves it back; and which tells by another event what a choice read
 */
export function marked(item: Item, { action, ids, upTo, group, type, _acted: acted }: Mark, isTold?: boolean): Item | undefined {
  // What an undo restores, the server knows; what was snoozed comes back as another one.
  if (action === 'undo' || action === 'unsnooze' || (type && !type.split(',').includes(item.type))) return item;
  const isOther = ids ? !ids.includes(item.id) : upTo !== undefined ? compareIds(item.id, upTo) > 0 : item.group !== group;
  if (isOther && !(isTold && action === 'seen' && !item.read)) return item;
  if (action === 'remove' || action === 'snooze') return undefined;
  if (acted && !item.acted) item = { ...item, acted };
  if (acted && isTold) return item;
  const flag = action === 'seen' ? 'seen' : acted || action.endsWith('read') ? 'read' : 'archived';
  const value = !isOther && !action.startsWith('un');
  return item[flag] === value ? item : { ...item, seen: item.seen || flag === 'read', [flag]: value };
}

const enum State { Waiting, Sending, Taken }

interface Entry extends Mark {
  _state: State;
  /** Of the inbox after it was taken. */
  version: number;
  _done: ((taken: boolean) => void)[];
}

/**
 * Marks on their way, in order. One is sent at a time and leaves only by being taken or refused: what is added during any await stays. Those that
 * wait are merged; the one in flight is not touched.
 */
export interface Outbox {
  _add(mark: Mark): Promise<boolean>;
  /** Takes back the newest mark that has `_tokens`, after it in order; called again, the one before. */
  _undo(): Promise<boolean>;
  /** In order, also those that were taken and that the list does not show yet. */
  _marks(): readonly Mark[];
  /** How many the server has not taken. */
  _pending(): number;
  /**
   * Forgets what was taken and is shown by the list itself.
   * @param lacksChoice whether the list has the notification without what was chosen of it: the answer to a choice tells no version
   */
  _settle(version: number, lacksChoice: (id: string) => boolean): void;
  /** Tries now instead of after the pause. */
  _wake(): void;
  /** The page is left: no answer may come any more, and what waits, or is added from now on, is sent without waiting for one. */
  _leave(): void;
  _close(): void;
}

/**
 * @param send answers the inbox's version after it
 * @param taken called after one was taken
 * @param refused called after one was rolled back
 */
export function openOutbox(send: (mark: Mark) => Promise<number>, taken: () => void, refused: (error: InboxError, mark: Mark) => void): Outbox {
  let entries: Entry[] = [], isBusy = false, isLeaving = false, failures = 0, closed = false;
  /** The `_tokens` of the marks that can be taken back, newest last. */
  let undoable: string[][] = [];
  const { _wait: wait, _wake: wake } = makePause();
  function finish({ _done: done, _tokens: tokens }: Entry, isTaken: boolean): void {
    // What was refused is not there to be taken back.
    if (!tokens?.length) undoable = undoable.filter(one => one !== tokens);
    done.forEach(tell => tell(isTaken));
  }

  /** @returns how long to wait when it is to be sent again */
  async function deliver(entry: Entry): Promise<number> {
    entry._state = State.Sending;
    try {
      entry.version = await send(entry);
      if (closed) return 0;
      entry._state = State.Taken;
      failures = 0;
      finish(entry, true);
      taken();
    } catch (failure) {
      if (closed) return 0;
      const { status, retryAfter } = failure as InboxError;
      if (status < 400 || status >= 500 || [401, 408, 429].includes(status)) {
        // Whether it was stored is not known; marks can be sent twice.
        entry._state = State.Waiting;
        return status === 401 ? Infinity : retryAfter ?? backoff(failures++);
      }
      entries = entries.filter(one => one !== entry);
      finish(entry, false);
      refused(failure as InboxError, entry);
    }
    return 0;
  }

  const waiting = () => entries.filter(entry => entry._state === State.Waiting);

  // An undo whose mark has no answer yet has nothing to send.
  const flush = () => waiting().forEach(entry => { if (entry._undoes?.length !== 0) void deliver(entry); });

  async function pump(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    for (let entry: Entry | undefined; ([entry] = waiting(), entry);) {
      const pause = await deliver(entry);
      if (pause) await wait(pause);
    }
    isBusy = false;
  }

  const add = (mark: Mark) => new Promise<boolean>(tell => {
    const entry: Entry = { ...mark, _state: State.Waiting, version: 0, _done: [tell] }, tokens = mark._tokens;
    const last = entries.at(-1);
    if (last?._state === State.Waiting && last.action === entry.action && merge(last, entry)) last._done.push(...entry._done);
    else {
      entries.push(entry);
      if (tokens) undoable = [...undoable.filter(one => one !== tokens), tokens].slice(-10);
    }
    if (isLeaving) flush();
    else void pump();
  });

  return {
    _add: add,
    async _undo() {
      const tokens = undoable.pop();
      // None after it was sent: the mark itself was refused.
      return !!tokens && await add({ action: 'undo', _undoes: tokens }) && tokens.length > 0;
    },
    _marks: () => entries,
    _pending: () => entries.filter(entry => entry._state !== State.Taken).length,
    _settle(version, lacksChoice) {
      entries = entries.filter(entry => entry._state !== State.Taken || (entry._acted ? lacksChoice(entry.ids![0]!) : entry.version > version));
    },
    _wake() {
      isLeaving = false;
      wake();
      void pump();
    },
    _leave() {
      isLeaving = true;
      flush();
    },
    _close() {
      closed = true;
      undoable = [];
      for (const entry of entries.splice(0)) if (entry._state !== State.Taken) finish(entry, false);
      wake();
    },
  };
}

function merge(into: Mark, mark: Mark): boolean {
  if (into._acted || into.until !== mark.until) return false;
  if (into.ids && mark.ids) {
    const ids = [...new Set([...into.ids, ...mark.ids])];
    if (ids.length > mostIds(into.action)) return false;
    into.ids = ids;
    return true;
  }
  if (into.upTo === undefined || mark.upTo === undefined || into.type !== mark.type) return false;
  if (compareIds(mark.upTo, into.upTo) > 0) into.upTo = mark.upTo;
  into._whole ||= !!mark._whole;
  return true;
}
