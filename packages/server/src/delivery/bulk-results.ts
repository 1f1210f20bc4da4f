import type { BulkResult } from '@headrace/core';
import { passCrashPoint } from '../lifecycle/crash-points.ts';
import type { BulkJob } from '../store/bulk-jobs.ts';
import { deleteBulkRows, type InFlightBulkRow, readBulkRows, readSomeBulkRows } from '../store/bulk-rows.ts';
import { keyedTransaction } from '../store/database.ts';
import type { ClaimedRow } from './admit-row.ts';
import { rowKeyOf } from './bulk-claim.ts';
import type { FollowOptions } from './bulk-follow.ts';
import type { ClaimedBatch } from './claim-batches.ts';
import type { SettleAs } from './decide-delivery.ts';
import { afterWriting, laterAt, putOff, settlementsOf } from './row-results.ts';
import { settleBatch } from './settle-batch.ts';

/** Rows put back at a time. */
const pageRows = 1_000;

/**
 * Writes down what became of some records of a job. Records that it has no row of, or no longer, were settled before:
 * the files may be read again from their start at any time.
 */
export async function settleResults(
  options: FollowOptions,
  job: BulkJob,
  object: string,
  results: readonly BulkResult[],
): Promise<void> {
  const { pool, now } = options;
  // Of two results of one record the first counts.
  const byKey = new Map(results.toReversed().map(({ rowKey, outcome }) => [rowKeyOf(rowKey), outcome]));
  const found = await keyedTransaction(pool, (trx) =>
    readBulkRows<SettleAs>(trx, job.bulkJobId, [...byKey.keys()]),
  );
  if (found.length === 0) return;
  const batch = batchOf(job, object, found);
  const outcomes = found.map(({ rowKey }) => byKey.get(rowKey));
  const settlements = settlementsOf(batch, batch.rows, (row, index) => {
    const outcome = outcomes[index];
    if (outcome?.kind !== 'not_processed') return afterWriting(outcome, row, options);
    return { kind: 'retry', at: laterAt(row, options), recordId: null, ...notProcessed };
  });
  await settleBatch(pool, job, batch, settlements, now());
  await passCrashPoint('bulk settled');
  const settled = settlements.map(({ profileId }) => profileId);
  await keyedTransaction(pool, (trx) => deleteBulkRows(trx, job.bulkJobId, settled));
}

/** Rows of a job that certainly wrote nothing are due again. */
export async function putBackRows({ pool, now }: FollowOptions, job: BulkJob): Promise<void> {
  for (;;) {
    const found = await keyedTransaction(pool, (trx) =>
      readSomeBulkRows<SettleAs>(trx, job.bulkJobId, pageRows),
    );
    if (found.length === 0) return;
    const batch = batchOf(job, job.object ?? '', found);
    await settleBatch(pool, job, batch, putOff(batch, notProcessed, now()), now());
  }
}

const notProcessed = { code: 'job_not_processed', message: 'The job ended before it came to the record.' };

function batchOf(job: BulkJob, object: string, found: readonly InFlightBulkRow<SettleAs>[]): ClaimedBatch {
  const rows = found.map(
    ({ rowKey: _, ...row }): ClaimedRow => ({
      ...row,
      object,
      fields: {},
      ifEmpty: [],
      lists: [],
      purpose: job.group,
      isParent: false,
      isLeft: false,
    }),
  );
  return {
    version: 0,
    batchId: job.bulkJobId,
    object,
    purpose: job.group,
    details: job.details,
    rows,
    isPart: true,
  };
}
