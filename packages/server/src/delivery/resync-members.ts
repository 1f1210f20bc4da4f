import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { readDataflow } from '../store/dataflows.ts';
import { markExited, markWanted } from '../store/export-marks.ts';
import { readDelivered } from '../store/export-members.ts';
import { forgetDelivered, forgetLists } from '../store/forget-delivered.ts';
import { markLeftAgain } from '../store/left-records.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { inBucketRanges } from './in-bucket-ranges.ts';

/**
 * Has everyone who is at the destination written again, whole, as after it was restored to an older state: what they
 * were given says nothing any more. Records and lists that are gone are made anew, and where the destination is told of
 * exits, so is it of those who have left or opted out. Stopped half-way, it can be asked for again.
 * @returns how many were marked.
 */
export async function resyncMembers(pool: pg.Pool, dataflowId: string, now: () => Date): Promise<number> {
  // Before anyone is marked: whoever is sent again is on the new lists.
  const withExited = await transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    await forgetLists(trx, dataflowId);
    return (await readDataflow(trx, dataflowId))?.tellsMemberships === true;
  });
  const { signal } = new AbortController();
  let marked = 0;
  await inBucketRanges({ pool, signal, onRange: () => undefined }, async (trx, { isLast: _, ...range }) => {
    const at = now();
    await forgetDelivered(trx, { dataflowId, ...range });
    await markLeftAgain(trx, { dataflowId, ...range }, at);
    const found = await readDelivered(trx, { dataflowId, withExited, ...range });
    const keyOf = ({ profileId }: { readonly profileId: string }) => ({ dataflowId, profileId });
    const [members, exited] = [found.filter(({ member }) => member), found.filter(({ member }) => !member)];
    await markWanted(trx, members.map(keyOf), at);
    await markExited(
      trx,
      exited.map((row) => ({ ...keyOf(row), writesExit: true })),
      at,
    );
    marked += found.length;
  });
  return marked;
}
