import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { readDataflow } from '../store/dataflows.ts';
import { markExited, markWanted } from '../store/export-marks.ts';
import { readDelivered } from '../store/export-members.ts';
import { forgetDelivered } from '../store/forget-delivered.ts';
import { markLeftAgain } from '../store/left-records.ts';
import { lockProfileWrites } from '../store/locks.ts';

const pageSize = 1_000;

/**
 * Has everyone who is at the destination written again, whole, as after it was restored to an older state: what they
 * were given says nothing any more. Records and lists that are gone are made anew, and where the destination is told of
 * exits, so is it of those who have left or opted out. Stopped half-way, it can be asked for again.
 * @returns how many were marked.
 */
export async function resyncMembers(pool: pg.Pool, dataflowId: string, now: () => Date): Promise<number> {
  const withExited = await transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    await forgetDelivered(trx, dataflowId);
    await markLeftAgain(trx, dataflowId, now());
    return (await readDataflow(trx, dataflowId))?.tellsMemberships === true;
  });
  let marked = 0;
  for (let after: string | undefined; ; ) {
    const page = await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      const found = await readDelivered(trx, { dataflowId, withExited, after, limit: pageSize });
      const keyOf = ({ profileId }: { readonly profileId: string }) => ({ dataflowId, profileId });
      const [members, exited] = [found.filter(({ member }) => member), found.filter(({ member }) => !member)];
      await markWanted(trx, members.map(keyOf), now());
      await markExited(
        trx,
        exited.map((row) => ({ ...keyOf(row), writesExit: true })),
        now(),
      );
      return found;
    });
    marked += page.length;
    after = page.at(-1)?.profileId;
    if (page.length < pageSize) return marked;
  }
}
