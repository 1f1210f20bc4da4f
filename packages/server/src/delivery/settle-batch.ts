import { exclusionReasons } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { type Settlement, settle } from '../store/delivery-settlements.ts';
import { markWanted } from '../store/export-marks.ts';
import { releaseHolds } from '../store/export-moves.ts';
import { lockProfileWrites } from '../store/locks.ts';
import {
  findRecordHolders,
  findWaitingForKeys,
  forgetRecords,
  recordMatchClaims,
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
    await lockProfileWrites(trx);
    const scope = { accountId: dataflow.accountId, object: batch.object };
    const holders = await findRecordHolders(trx, scope, settlements.flatMap(recordOf));
    const fair = settlements.map((settlement) => refuseHeldRecord(settlement, holders, batch, now));
    const settled = await settle(trx, dataflow.dataflowId, fair, now);
    const kept: { matchKey: string; profileId: string; recordId: string }[] = [];
    const gone: string[] = [];
    for (const [index, settlement] of fair.entries()) {
      const row = batch.rows[index];
      const { profileId, result } = settlement;
      if (row === undefined || !settled.has(profileId)) continue;
      if (result.recordId === 'forget') {
        if (row.recordId !== null) gone.push(row.recordId);
      } else if (result.recordId !== null && !(result.kind === 'retry' && result.isUnderFormerKey === true))
        kept.push({ matchKey: row.matchKey, profileId, recordId: result.recordId });
    }
    await releaseHolds(trx, dataflow.dataflowId, batch.batchId);
    await forgetRecords(trx, scope, gone);
    const released = await recordMatchClaims(trx, scope, kept);
    if (released.length > 0)
      await markWanted(trx, await findWaitingForKeys(trx, dataflow.accountId, released), now);
  });
}

const recordOf = ({ result }: Settlement): string[] =>
  result.recordId === null || result.recordId === 'forget' ? [] : [result.recordId];

/** After records were merged at the destination, two keys can lead to one: it stays with the profile it was of. */
function refuseHeldRecord(
  settlement: Settlement,
  holders: ReadonlyMap<string, string>,
  batch: ClaimedBatch,
  now: Date,
): Settlement {
  const [recordId] = recordOf(settlement);
  const holder = recordId === undefined ? undefined : holders.get(recordId);
  if (holder === undefined || holder === settlement.profileId) return settlement;
  // Read back only: the profiles parted meanwhile, and what is to be sent for this one is still to be decided.
  if (batch.purpose === 'recover')
    return {
      ...settlement,
      result: {
        kind: 'retry',
        at: now,
        code: 'read_back',
        message: 'Read back: the record is kept for another profile now.',
        recordId: null,
      },
    };
  const { matchKey } = settlement.result.kind === 'settled' ? settlement.result : { matchKey: null };
  return {
    ...settlement,
    result: {
      kind: 'settled',
      status: 'excluded',
      code: 'record_held',
      message: `${exclusionReasons.record_held.meaning} It is profile ${holder}.`,
      recordId: null,
      sentHash: null,
      matchKey,
      created: null,
    },
  };
}
