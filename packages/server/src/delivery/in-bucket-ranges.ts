import { type BucketRange, bucketCount } from '@headrace/core';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';

/** Whoever else writes profiles waits about so long, however many profiles there are. */
const [shortMs, longMs] = [40, 120];
const firstWidth = 8;

export type RangeWork = {
  readonly pool: pg.Pool;
  /** Ends it between two ranges. */
  readonly signal: AbortSignal;
  /** Called after each range. */
  readonly onRange: () => void;
};

/**
 * Works on the profiles of all buckets, in order, each range in a transaction that holds the lock on profile writes.
 * @param work of the range that ends with the last bucket ends the whole.
 * @returns false when it was ended early.
 */
export async function inBucketRanges(
  { pool, signal, onRange }: RangeWork,
  work: (trx: Trx, range: BucketRange & { readonly isLast: boolean }) => Promise<void>,
): Promise<boolean> {
  let width = firstWidth;
  for (let firstBucket = 0; firstBucket < bucketCount; ) {
    if (signal.aborted) return false;
    const lastBucket = Math.min(firstBucket + width, bucketCount) - 1;
    const tookMs = await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      const startedAt = performance.now();
      await work(trx, { firstBucket, lastBucket, isLast: lastBucket === bucketCount - 1 });
      return performance.now() - startedAt;
    });
    onRange();
    firstBucket = lastBucket + 1;
    if (tookMs < shortMs) width *= 2;
    else if (tookMs > longMs) width = Math.ceil(width / 2);
  }
  return true;
}
