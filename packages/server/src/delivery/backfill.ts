import { markBackfilled, raiseRevision, readUnfilledActivations } from '../store/delivery-dataflows.ts';
import { markWanted } from '../store/export-marks.ts';
import { readNewMembers } from '../store/export-members.ts';
import { inBucketRanges, type RangeWork } from './in-bucket-ranges.ts';

/**
 * Marks everyone who already qualifies for a new activation due. Members the dataflow keeps already, through another
 * segment, only have to say so where the destination is told. Stopped half-way, it starts over; marking twice sends
 * nothing twice.
 * @returns how many activations were completed.
 */
export async function backfillActivations({
  now,
  ...options
}: RangeWork & { readonly now: () => Date }): Promise<number> {
  const activations = await readUnfilledActivations(options.pool, now());
  for (const { dataflowId, segmentId } of activations) {
    const isDone = await inBucketRanges(options, async (trx, { isLast, ...range }) => {
      const at = now();
      // It may have begun by time alone: rows marked for it must not be sent by what was read before.
      if (range.firstBucket === 0) await raiseRevision(trx, dataflowId);
      const profileIds = await readNewMembers(trx, { dataflowId, segmentId, ...range });
      await markWanted(
        trx,
        profileIds.map((profileId) => ({ dataflowId, profileId })),
        at,
      );
      if (isLast) await markBackfilled(trx, dataflowId, segmentId, at);
    });
    if (!isDone) return 0;
  }
  return activations.length;
}
