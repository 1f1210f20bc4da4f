/** Random choices that a seed fixes for good: whole-number arithmetic only, the same on every machine. */
export type Random = {
  /** 0 (included) to `bound` (excluded). */
  readonly below: (bound: number) => number;
  /** True `percent` times in a hundred. */
  readonly chance: (percent: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
  /** A new array in random order. */
  readonly shuffle: <T>(items: readonly T[]) => T[];
};

/** The generator is mulberry32 (public domain, Tommy Ettinger). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (bound: number): number => Math.floor((next() / 0x1_0000_0000) * bound);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const rest = [...items];
    const shuffled: T[] = [];
    while (rest.length > 0) {
      const last = rest.length - 1;
      const chosen = below(rest.length);
      const item = rest[chosen];
      const tail = rest[last];
      if (item === undefined || tail === undefined) throw new Error('unreachable');
      shuffled.push(item);
      rest[chosen] = tail;
      rest.pop();
    }
    return shuffled;
  };
  return { below, chance: (percent) => below(10_000) < percent * 100, pick, shuffle };
}
