import { createHash } from 'node:crypto';

/** Numbers from 0 (included) to 1 (excluded); the same seed gives the same numbers in the same order. */
export interface Chance {
  (): number;
  /** Notes how far the numbers have come; what it returns goes back there. */
  readonly mark: () => () => void;
}

/** A stream of its own for each seed, by the mulberry32 generator. Not for secrets. */
export function createChance(seed: string): Chance {
  let state = createHash('sha256').update(seed).digest().readUInt32LE();
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const mark = (): (() => void) => {
    const marked = state;
    return () => {
      state = marked;
    };
  };
  return Object.assign(draw, { mark });
}

/** A number of the normal distribution with mean 0 and deviation 1. */
export const drawNormal = (chance: Chance): number =>
  Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
