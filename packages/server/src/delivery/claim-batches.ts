import { randomUUID } from 'node:crypto';
import type { BucketRange } from '@headrace/core';
import type pg from 'pg';
import { holdLeases } from '../store/bucket-leases.ts';
import { keyedTransaction, type Trx, together } from '../store/database.ts';
import { claimDueRows, markSending } from '../store/delivery-claims.ts';
import { type DeliveryDataflow, isRevisionCurrent } from '../store/delivery-dataflows.ts';
import { settle } from '../store/delivery-settlements.ts';
import { nextDeliveryVersion } from '../store/delivery-version.ts';
import { markWaiting } from '../store/export-marks.ts';
import { passHoldsOn } from '../store/export-moves.ts';
import { lockProfileWrites } from '../store/locks.ts';
import type { ClaimedRow, SendPurpose } from './admit-row.ts';
import type { DeliveryRules } from './decide-delivery.ts';
import { decideRows } from './decide-rows.ts';

/** Rows claimed together, about to be written (or, after an unknown outcome, read) in one call. */
export type ClaimedBatch = {
  readonly batchId: string;
  /** Of what it writes. */
  readonly version: number;
  readonly object: string;
  readonly purpose: SendPurpose;
  readonly details: DeliveryRules['details'];
  readonly rows: readonly ClaimedRow[];
  /** Other rows of it are settled by themselves. */
  readonly isPart?: boolean;
};

export type Claim = {
  readonly batches: readonly ClaimedBatch[];
  /** Rows looked at; less than the limit means nothing more is due in the range. */
  readonly claimed: number;
};

export type ClaimOptions = {
  readonly pool: pg.Pool;
  readonly ownerId: string;
  readonly dataflow: Pick<DeliveryDataflow, 'dataflowId' | 'accountId' | 'revision'>;
  readonly rules: DeliveryRules;
  readonly range: BucketRange;
  readonly limit: number;
  /** The lease must outlast the request by this much. */
  readonly deadlineMs: number;
  /** When rows whose request never comes back may be looked at again. */
  readonly lookAgainAt: Date;
  readonly now: Date;
};

/**
 * Takes due rows of one dataflow, decides what becomes of each, settles those with nothing to send and marks
 * the others as sent, all in one transaction that ends before any request leaves.
 */
export async function claimBatches(options: ClaimOptions): Promise<Claim> {
  const claim = await claimRows(options, async (trx, sending, version) => {
    const batches = toBatches(sending, options.rules.details, version);
    await markBatches(trx, options, batches);
    return batches;
  });
  return { batches: claim?.marked ?? [], claimed: claim?.claimed ?? 0 };
}

/**
 * As `claimBatches`, for whoever marks the rows to be sent in another way.
 * @param options.forBulk only rows that may go into a job
 * @returns undefined where nothing may be claimed now
 */
export async function claimRows<Marked>(
  options: ClaimOptions & { readonly forBulk?: { readonly isKnown: boolean } },
  mark: (trx: Trx, sending: readonly ClaimedRow[], version: number) => Promise<Marked>,
): Promise<{ readonly marked: Marked; readonly claimed: number } | undefined> {
  const { pool, dataflow, range, now } = options;
  return keyedTransaction(pool, async (trx) => {
    const [, held, due, isCurrent] = await together(
      lockProfileWrites(trx),
      holdLeases(trx, options.ownerId, options.deadlineMs),
      claimDueRows(trx, {
        ...range,
        dataflowId: dataflow.dataflowId,
        limit: options.limit,
        forBulk: options.forBulk,
        now,
      }),
      // Rows marked for a new mapping must not be sent by the old one: whoever sees the marks sees the revision.
      isRevisionCurrent(trx, dataflow.dataflowId, dataflow.revision),
    );
    if (!isHeldWhole(held, range) || !isCurrent || due.length === 0) return undefined;
    const [version, { sending, settlements }] = await together(
      nextDeliveryVersion(trx),
      decideRows(trx, options, due),
    );
    await settle(trx, dataflow.dataflowId, settlements, now);
    const left = settlements.flatMap(({ profileId, result }) =>
      result.kind === 'settled' && result.status === 'exited' ? [profileId] : [],
    );
    await markWaiting(trx, left, now);
    return { marked: await mark(trx, sending, version), claimed: due.length };
  });
}

export async function markBatches(
  trx: Trx,
  {
    dataflow: { dataflowId },
    rules: { tellsMemberships },
    lookAgainAt,
  }: Pick<ClaimOptions, 'dataflow' | 'rules' | 'lookAgainAt'>,
  batches: readonly ClaimedBatch[],
): Promise<void> {
  const rowsOf = ({ batchId, rows }: ClaimedBatch) => rows.map((row) => ({ ...row, batchId }));
  await passHoldsOn(trx, dataflowId, batches.filter(({ purpose }) => purpose === 'recover').flatMap(rowsOf));
  await markSending(trx, dataflowId, batches.flatMap(rowsOf), { lookAgainAt, tellsMemberships });
}

export const toBatches = (
  sending: readonly ClaimedRow[],
  details: DeliveryRules['details'],
  version: number,
): ClaimedBatch[] =>
  [...Map.groupBy(sending, ({ object, purpose }) => `${object} ${purpose}`).values()].flatMap((rows) => {
    const [first] = rows;
    return first === undefined
      ? []
      : [{ batchId: randomUUID(), version, object: first.object, purpose: first.purpose, details, rows }];
  });

/** Whether neighbouring leases cover the range without a gap. */
function isHeldWhole(held: readonly BucketRange[], range: BucketRange): boolean {
  let reached = range.firstBucket - 1;
  for (const { firstBucket, lastBucket } of held)
    if (firstBucket <= reached + 1 && lastBucket > reached) reached = lastBucket;
  return reached >= range.lastBucket;
}
