import type { Random } from './random.ts';

/** An instant of the years before the sample ends, RFC 3339 in UTC, to the second. */
export function instantBetween(from: string, to: string, random: Random): string {
  const start = Date.parse(from) / 1000;
  const seconds = Date.parse(to) / 1000 - start;
  return new Date((start + random.below(seconds)) * 1000).toISOString().replace('.000Z', 'Z');
}
