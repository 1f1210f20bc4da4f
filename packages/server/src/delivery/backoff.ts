const firstMs = 1_000;
const longestMs = 300_000;

/**
 * How long to wait before trying again: doubling from one second to five minutes, with half of it random so
 * that rows that failed together do not come back together.
 * @param attempts failed tries so far, at least 1.
 * @param random in [0, 1).
 */
export function backoffMs(attempts: number, random: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempts - 1, 20));
  return Math.round(full / 2 + (full / 2) * random);
}
