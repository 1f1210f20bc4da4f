import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { type Settlement, settle } from '../store/delivery-settlements.ts';
import { markWanted } from '../store/export-marks.ts';
import {
  findWaitingForKeys,
  forgetRecords,
  recordMatchClaims,
  releaseUnusedClaims,
} from '../store/match-claims.ts';
import type { ClaimedBatch } from './claim-batches.ts';

/**
 * Writes down the outcome of a sent batch: rows, counters, history, the records kept for keys, and due marks
 * for members that waited for a key that became free.
 * @param settlements one per row of the batch, in order.
 */
export async function settleBatch(
  pool: pg.Pool,
  dataflow: { readonly dataflowId: string; readonly accountId: string },
  batch: ClaimedBatch,
  settlements: readonly Settlement[],
  now: Date,
): Promise<void> {
  await transaction(pool, async (trx) => {
    const settled = await settle(trx, dataflow.dataflowId, settlements, now);
    const scope = { accountId: dataflow.accountId, object: batch.object };
    const kept: { matchKey: string; profileId: string; recordId: string }[] = [];
    const gone: { matchKey: string; recordId: string }[] = [];
    const refused: { matchKey: string; profileId: string }[] = [];
    for (const [index, { profileId, result }] of settlements.entries()) {
      const row = batch.rows[index];
      if (row === undefined || !settled.has(profileId)) continue;
      const { matchKey } = row.record;
      if (result.recordId === 'forget') {
        if (row.recordId !== null) gone.push({ matchKey, recordId: row.recordId });
      } else if (result.recordId !== null) kept.push({ matchKey, profileId, recordId: result.recordId });
      else if (result.kind === 'settled' && result.status === 'failed') refused.push({ matchKey, profileId });
    }
    await forgetRecords(trx, scope, gone);
    const released = [
      ...(await recordMatchClaims(trx, scope, kept)),
      ...(await releaseUnusedClaims(trx, scope, refused)),
    ];
    if (released.length > 0)
      await markWanted(trx, await findWaitingForKeys(trx, dataflow.accountId, released), now);
  });
}
