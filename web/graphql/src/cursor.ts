import { problem } from './errors.js';
import type { Counts } from './contract.js';

/**
 * A place in an inbox's history: the newest notification that was known, and, after a `~`, the version of its marks.
 * The id of a notification is a cursor too, of which the marks are not known.
 */
export interface Cursor {
  readonly id: string;
  readonly version: number | null;
}

const shape = /^(\d{1,19}-\d{1,19})(?:~(\d{1,16}))?$/;
export const isId = (text: string): boolean => /^\d{1,19}-\d{1,19}$/.test(text);

const nothingYet = '0-0';

export function parseCursor(text: string): Cursor {
  const found = shape.exec(text);
  if (!found) throw problem('BAD_USER_INPUT', 'resumeFrom is not a cursor.', { errors: { resumeFrom: ['Must be a cursor or a notification\'s id.'] } });
  return { id: found[1]!, version: found[2] === undefined ? null : Number(found[2]) };
}

export function cursorAt(id: string | null, counts: Counts): string {
  return `${id ?? nothingYet}~${counts.version}`;
}

/** Ids of one inbox only ever grow: `<epoch>-<seq>`, compared by number. */
export function isNewer(id: string, than: string): boolean {
  const [epoch, seq] = id.split('-').map(BigInt) as [bigint, bigint];
  const [otherEpoch, otherSeq] = than.split('-').map(BigInt) as [bigint, bigint];
  return epoch !== otherEpoch ? epoch > otherEpoch : seq > otherSeq;
}
