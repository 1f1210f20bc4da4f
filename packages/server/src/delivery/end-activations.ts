import {
  markEnded,
  raiseRevision,
  readActivatedDataflows,
  readOverdueEnds,
} from '../store/delivery-dataflows.ts';
import { markExited, markWanted } from '../store/export-marks.ts';
import { readMembersOf } from '../store/export-members.ts';
import { inBucketRanges, type RangeWork } from './in-bucket-ranges.ts';

/**
 * Marks everyone for activations whose time is over: who is in no other activated segment has left, and the others have
 * to say so where the destination is told. Stopped half-way, it starts over; marking twice sends nothing twice.
 * @returns how many activations were completed.
 */
export async function endActivations({
  now,
  ...options
}: RangeWork & { readonly now: () => Date }): Promise<number> {
  const ends = await readOverdueEnds(options.pool, now());
  for (const end of ends) {
    const { dataflowId } = end;
    const isDone = await inBucketRanges(options, async (trx, { isLast, ...range }) => {
      const at = now();
      // As for those that begin.
      if (range.firstBucket === 0) await raiseRevision(trx, dataflowId);
      const dataflow = (await readActivatedDataflows(trx, at)).find(
        (found) => found.dataflowId === dataflowId,
      );
      if (dataflow === undefined) return;
      const { segmentIds, tellsMemberships } = dataflow;
      const members = await readMembersOf(trx, { dataflowId, segmentIds, ...range });
      const keyOf = ({ profileId }: { readonly profileId: string }) => ({ dataflowId, profileId });
      const left = members.filter(({ isIn }) => !isIn).map(keyOf);
      await markExited(
        trx,
        left.map((key) => ({ ...key, writesExit: tellsMemberships })),
        at,
      );
      if (tellsMemberships) await markWanted(trx, members.filter(({ isIn }) => isIn).map(keyOf), at);
      if (isLast) await markEnded(trx, end, at);
    });
    if (!isDone) return 0;
  }
  return ends.length;
}
