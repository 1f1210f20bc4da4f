/** What to do after a program died: start it again after a pause, or leave it. */
export type RestartDecision =
  | { readonly kind: 'restart'; readonly delayMs: number }
  | { readonly kind: 'give_up'; readonly deaths: number };

const windowMs = 60_000;
const maxDeaths = 5;
const firstDelayMs = 250;
const maxDelayMs = 5_000;

/**
 * Decides from the instants (epoch milliseconds, ascending) at which a program died, the last being now. The
 * pause doubles with each death of the last minute; five of them mean that starting again does not help.
 */
export const decideRestart = (deathsAt: readonly number[]): RestartDecision => {
  const now = deathsAt.at(-1) ?? 0;
  const recent = deathsAt.filter((at) => now - at < windowMs).length;
  if (recent >= maxDeaths) return { kind: 'give_up', deaths: recent };
  return { kind: 'restart', delayMs: Math.min(maxDelayMs, firstDelayMs * 2 ** Math.max(0, recent - 1)) };
};
