/** Older is less: `<epoch>-<seq>`, both numbers. */
export function compareIds(a: string, b: string): number {
  const [e, s] = a.split('-') as [string, string], [f, t] = b.split('-') as [string, string];
  return +e - +f || +s - +t;
}

/** Whether the first is newer; null is older than any id. */
export const isAfter = (a: string | null, b: string | null) => !!a && (!b || compareIds(a, b) > 0);
