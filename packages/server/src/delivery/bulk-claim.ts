import { hash } from 'node:crypto';
import type { DeliveryItem, EncodedRecord } from '@headrace/core';
import { passCrashPoint } from '../lifecycle/crash-points.ts';
import { holdUploading } from '../store/bulk-jobs.ts';
import { insertBulkRows } from '../store/bulk-rows.ts';
import { markSending } from '../store/delivery-claims.ts';
import { settle } from '../store/delivery-settlements.ts';
import type { ClaimedRow } from './admit-row.ts';
import { type ClaimOptions, claimRows } from './claim-batches.ts';
import { toItem } from './row-results.ts';

/**
 * Rows in a job are not looked at before: destinations forget jobs after a week, and whoever comes then reads back what
 * they hold.
 */
const forgottenAfterMs = 8 * 24 * 60 * 60_000;

/** A row in a job, with the record as the job carries it. */
export type BulkEntry = { readonly row: ClaimedRow; readonly item: DeliveryItem; readonly text: string };

export type BulkClaim = {
  readonly entries: readonly BulkEntry[];
  /** Rows that the job cannot carry: they stay due, for direct writes. */
  readonly unfit: number;
  /** Rows looked at; less than the limit means nothing more is due in the range. */
  readonly claimed: number;
};

/** Digest under which a record is told from others of its job. */
export const rowKeyOf = (rowKey: string): string => hash('sha256', rowKey, 'base64url').slice(0, 22);

/**
 * Claims due rows into a job that is being uploaded.
 * @param encode undefined for what the job cannot carry
 * @param keys of rows that the job has; the new ones are added
 * @returns undefined where nothing may be claimed, or the job was given up
 */
export async function claimIntoJob(
  options: ClaimOptions & { readonly forBulk: { readonly isKnown: boolean } },
  bulkJobId: string,
  encode: (row: ClaimedRow, item: DeliveryItem) => EncodedRecord | undefined,
  keys: Set<string>,
): Promise<BulkClaim | undefined> {
  const { dataflow, rules, now } = options;
  const group = options.forBulk.isKnown ? 'update' : 'create';
  const claim = await claimRows(options, async (trx, sending) => {
    if (!(await holdUploading(trx, bulkJobId))) throw new JobGivenUp();
    const entries: (BulkEntry & { rowKey: string })[] = [];
    const unfit: ClaimedRow[] = [];
    for (const row of sending) {
      const item = toItem(row);
      const isFit = row.purpose === group && row.lists.length === 0 && row.ifEmpty.length === 0;
      const record = isFit ? encode(row, item) : undefined;
      const rowKey = record === undefined ? '' : rowKeyOf(record.rowKey);
      if (record === undefined || keys.has(rowKey)) unfit.push(row);
      else {
        keys.add(rowKey);
        entries.push({ row, item, text: record.text, rowKey });
      }
    }
    await settle(
      trx,
      dataflow.dataflowId,
      unfit.map(({ profileId, seq }) => ({
        profileId,
        seq,
        inFlight: null,
        result: { ...leftOut, at: now },
      })),
      now,
    );
    await markSending(
      trx,
      dataflow.dataflowId,
      entries.map(({ row }) => ({ ...row, batchId: bulkJobId })),
      {
        lookAgainAt: new Date(now.getTime() + forgottenAfterMs),
        tellsMemberships: rules.tellsMemberships,
      },
    );
    await insertBulkRows(
      trx,
      bulkJobId,
      entries.map(({ row, rowKey }) => ({ ...row, rowKey })),
    );
    return { entries, unfit: unfit.length };
  }).catch((error: unknown) => {
    if (error instanceof JobGivenUp) return undefined;
    throw error;
  });
  await passCrashPoint('bulk claimed');
  return claim && { ...claim.marked, claimed: claim.claimed };
}

/** Counts as a try, so that it is not looked at for the next job. */
const leftOut = {
  kind: 'retry',
  code: 'not_for_jobs',
  message: 'The change cannot go into a job; it is sent by itself.',
  recordId: null,
} as const;

class JobGivenUp extends Error {}
