import { type BucketRange, bucketCount } from '@headrace/core';

/** How long people wait for numbers; what is not counted by then is estimated. */
const countingMs = 2_000;
/** A range of buckets that took less is followed by one twice as wide. */
const quickMs = 100;
const firstWidth = 16;

/**
 * Counts range by range, from the first bucket on, for as long as people wait.
 * @param clock milliseconds, for the time that counting takes.
 * @returns the share of the buckets that were counted: profiles are spread over buckets at random.
 */
export async function countInBuckets(
  clock: () => number,
  count: (range: BucketRange) => Promise<void>,
): Promise<number> {
  const startedAt = clock();
  let counted = 0;
  for (let width = firstWidth; counted < bucketCount && clock() - startedAt < countingMs; ) {
    const before = clock();
    const lastBucket = Math.min(counted + width, bucketCount) - 1;
    await count({ firstBucket: counted, lastBucket });
    counted = lastBucket + 1;
    if (clock() - before < quickMs) width *= 2;
  }
  return counted / bucketCount;
}
