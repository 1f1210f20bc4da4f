import { bucketCount } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { markBackfilled, readUnfilledActivations } from '../store/delivery-dataflows.ts';
import { markWanted } from '../store/export-marks.ts';
import { readUnmarkedMembers } from '../store/export-members.ts';
import { lockProfileWrites } from '../store/locks.ts';

/** Buckets marked in one transaction. */
const chunkBuckets = 256;

/**
 * Marks everyone who already qualifies for a new activation due, chunk by chunk. Members the dataflow keeps
 * already, through another segment, are left as they are. Stopped half-way, it starts over and finds the marks
 * it made.
 * @returns how many activations were completed.
 */
export async function backfillActivations(options: {
  readonly pool: pg.Pool;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { pool, now, signal } = options;
  const activations = await readUnfilledActivations(pool, now());
  for (const { dataflowId, segmentId } of activations)
    for (let firstBucket = 0; firstBucket < bucketCount; firstBucket += chunkBuckets) {
      if (signal.aborted) return 0;
      await transaction(pool, async (trx) => {
        await lockProfileWrites(trx);
        const at = now();
        const profileIds = await readUnmarkedMembers(trx, {
          dataflowId,
          segmentId,
          firstBucket,
          lastBucket: firstBucket + chunkBuckets - 1,
        });
        await markWanted(
          trx,
          profileIds.map((profileId) => ({ dataflowId, profileId })),
          at,
        );
        if (firstBucket + chunkBuckets >= bucketCount) await markBackfilled(trx, dataflowId, segmentId, at);
      });
    }
  return activations.length;
}
