import { problem } from './errors.js';
import type { Counts } from './contract.js';

/**
 * A position in an inbox's history, written `<id>~<version>`: the newest known notification and the version of the marks.
 * A notification's id alone is a cursor too; its version is null.
 */
export interface Cursor {
  readonly id: string;
  readonly version: number | null;
}

const shape = /^(\d{1,19}-\d{1,19})(?:~(\d{1,16}))?$/;
export const isId = (text: string): boolean => /^\d{1,19}-\d{1,19}$/.test(text);

/** Below every id. */
const nothingYet = '0-0';

export function parseCursor(text: string): Cursor {
  const found = shape.exec(text);
  if (!found) throw problem('BAD_USER_INPUT', 'resumeFrom is not a cursor.', { errors: { resumeFrom: ['Must be a cursor or a notification\'s id.'] } });
  return { id: found[1]!, version: found[2] === undefined ? null : Number(found[2]) };
}

export function cursorAt(id: string | null, counts: Counts): string {
  return `${id ?? nothingYet}~${counts.version}`;
}

/** Ids of one inbox grow: `<epoch>-<seq>`, both compared as numbers. */
export function isNewer(id: string, than: string): boolean {
  const [epoch, seq] = id.split('-').map(BigInt) as [bigint, bigint];
  const [otherEpoch, otherSeq] = than.split('-').map(BigInt) as [bigint, bigint];
  return epoch !== otherEpoch ? epoch > otherEpoch : seq > otherSeq;
}
