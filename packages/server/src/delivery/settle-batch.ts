import { exclusionReasons } from '@headrace/core';
import type pg from 'pg';
import { keyedTransaction, type Trx, together } from '../store/database.ts';
import { type MadeRecord, noteMade, type Settlement, settle } from '../store/delivery-settlements.ts';
import { markWaiting, markWanted } from '../store/export-marks.ts';
import { releaseHolds } from '../store/export-moves.ts';
import { findFailedChildren, wakeChildren } from '../store/export-parents.ts';
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
 * for members that waited for a key that became free or for the record they belong to.
 * @param settlements of its rows; those without one stay in flight.
 * @param made records of rows that stay in flight
 */
export async function settleBatch(
  pool: pg.Pool,
  dataflow: { readonly dataflowId: string; readonly accountId: string },
  batch: ClaimedBatch,
  settlements: readonly Settlement[],
  now: Date,
  made: readonly MadeRecord[] = [],
): Promise<void> {
  await keyedTransaction(
    pool,
    async (trx) => {
      const scope = { accountId: dataflow.accountId, object: batch.object };
      const rows = new Map(batch.rows.map((row) => [row.profileId, row]));
      const [, holders] = await together(
        lockProfileWrites(trx),
        findRecordHolders(trx, scope, settlements.flatMap(recordOf)),
      );
      // A record that was left behind is kept for another profile, and stays so.
      const isLeft = ({ profileId }: Settlement) => rows.get(profileId)?.isLeft === true;
      const fair = settlements.map((settlement) =>
        isLeft(settlement) ? settlement : refuseHeldRecord(settlement, holders, batch, now),
      );
      const settled = await settle(trx, dataflow.dataflowId, fair, now);
      await noteMade(trx, dataflow.dataflowId, batch.batchId, made);
      const kept: { matchKey: string; profileId: string; recordId: string }[] = [];
      const gone: string[] = [];
      // Their exit is written: who waits for a key of theirs may have it.
      const exited: string[] = [];
      const parents: { readonly activated: string[]; readonly settled: string[] } = {
        activated: [],
        settled: [],
      };
      for (const { profileId, result } of fair) {
        const row = rows.get(profileId);
        if (row === undefined || !settled.has(profileId)) continue;
        if (row.isParent && result.kind === 'settled') {
          parents.settled.push(profileId);
          if (result.status === 'activated') parents.activated.push(profileId);
        }
        if (result.kind === 'settled' && result.status === 'exited' && !row.isLeft) exited.push(profileId);
        if (result.recordId === 'forget') {
          if (row.recordId !== null) gone.push(row.recordId);
        } else if (row.isLeft) continue;
        else if (result.recordId !== null && !(result.kind === 'retry' && result.isUnderFormerKey === true))
          kept.push({ matchKey: row.matchKey, profileId, recordId: result.recordId });
      }
      const isWhole = settlements.length === batch.rows.length && batch.isPart !== true;
      const [, , released] = await together(
        isWhole ? releaseHolds(trx, dataflow.dataflowId, batch.batchId) : undefined,
        forgetRecords(trx, scope, gone),
        recordMatchClaims(trx, scope, kept),
      );
      if (parents.settled.length > 0) await tellChildren(trx, dataflow.dataflowId, parents, now);
      await markWaiting(trx, exited, now);
      if (released.length > 0)
        await markWanted(trx, await findWaitingForKeys(trx, dataflow.accountId, released), now);
    },
    answersAreReadAgain,
  );
}

/** Rows whose answer is lost are still in flight: they are read back. */
const answersAreReadAgain = { isFoundAgain: true };

/** Those that belong to a record that is settled go on, or fail with it. */
async function tellChildren(
  trx: Trx,
  dataflowId: string,
  parents: { readonly activated: readonly string[]; readonly settled: readonly string[] },
  now: Date,
): Promise<void> {
  await wakeChildren(trx, dataflowId, parents.settled, now);
  if (parents.activated.length > 0)
    await markWanted(trx, await findFailedChildren(trx, dataflowId, parents.activated), now);
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
