import { createHash, randomBytes } from 'node:crypto';

/** A source of random bytes; the same seed gives the same bytes in the same order. */
export type RandomBytes = (count: number) => Buffer;

/** Real randomness without a seed, else a repeatable stream of SHA-256 blocks over the seed and a counter. */
export function createRandomBytes(seed?: string): RandomBytes {
  if (seed === undefined) return randomBytes;
  let counter = 0;
  let pool = Buffer.alloc(0);
  return (count) => {
    while (pool.length < count) {
      const block = createHash('sha256').update(`${seed}:${counter++}`).digest();
      pool = Buffer.concat([pool, block]);
    }
    const bytes = pool.subarray(0, count);
    pool = pool.subarray(count);
    return bytes;
  };
}
