/** The inbox accepts a token for this long after its `exp`, as clocks differ. */
const leewayMs = 10_000;
const longestTimerMs = 2 ** 31 - 1;

/** Calls `action` once the inbox no longer accepts a token with this `exp` (Unix ms; null: never). Returns the cancellation. */
export function onExpiry(expiresAt: number | null, action: () => void): () => void {
  if (expiresAt === null) return () => undefined;
  const end = expiresAt + leewayMs;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = end - Date.now();
    timer = left > longestTimerMs ? setTimeout(wait, longestTimerMs) : setTimeout(action, Math.max(0, left));
  };
  wait();
  return () => clearTimeout(timer);
}
