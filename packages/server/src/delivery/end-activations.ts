import { bucketCount } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { markEnded, readActivatedDataflows, readOverdueEnds } from '../store/delivery-dataflows.ts';
import { markExited, markWanted } from '../store/export-marks.ts';
import { readMembersOf } from '../store/export-members.ts';
import { lockProfileWrites } from '../store/locks.ts';

/** Buckets marked in one transaction. */
const chunkBuckets = 256;

/**
 * Marks everyone for activations whose time is over: who is in no other activated segment has left, and the others have
 * to say so where the destination is told. Stopped half-way, it starts over; marking twice sends nothing twice.
 * @returns how many activations were completed.
 */
export async function endActivations(options: {
  readonly pool: pg.Pool;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { pool, now, signal } = options;
  const ends = await readOverdueEnds(pool, now());
  for (const end of ends)
    for (let firstBucket = 0; firstBucket < bucketCount; firstBucket += chunkBuckets) {
      if (signal.aborted) return 0;
      await transaction(pool, async (trx) => {
        await lockProfileWrites(trx);
        const at = now();
        const { dataflowId } = end;
        const dataflow = (await readActivatedDataflows(trx, at)).find(
          (found) => found.dataflowId === dataflowId,
        );
        if (dataflow === undefined) return;
        const { segmentIds, tellsMemberships } = dataflow;
        const range = { firstBucket, lastBucket: firstBucket + chunkBuckets - 1 };
        const members = await readMembersOf(trx, { dataflowId, segmentIds, ...range });
        const keyOf = ({ profileId }: { readonly profileId: string }) => ({ dataflowId, profileId });
        const left = members.filter(({ isIn }) => !isIn).map(keyOf);
        await markExited(
          trx,
          left.map((key) => ({ ...key, writesExit: tellsMemberships })),
          at,
        );
        if (tellsMemberships) await markWanted(trx, members.filter(({ isIn }) => isIn).map(keyOf), at);
        if (firstBucket + chunkBuckets >= bucketCount) await markEnded(trx, end, at);
      });
    }
  return ends.length;
}
