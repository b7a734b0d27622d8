/** Older is less: `<epoch>-<seq>`, both numbers. */
export function compareIds(a: string, b: string): number {
  const i = a.indexOf('-'), j = b.indexOf('-');
  return +a.slice(0, i) - +b.slice(0, j) || +a.slice(i + 1) - +b.slice(j + 1);
}
