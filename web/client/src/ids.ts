/** Older is less: `<epoch>-<seq>`, both numbers. */
export function compareIds(a: string, b: string): number {
  const [epochA, seqA] = a.split('-') as [string, string], [epochB, seqB] = b.split('-') as [string, string];
  return +epochA - +epochB || +seqA - +seqB;
}

/** Whether the first is newer; null is older than any id. */
export const isAfter = (a: string | null, b: string | null) => !!a && (!b || compareIds(a, b) > 0);
