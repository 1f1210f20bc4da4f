import { randomUUID } from 'node:crypto';
import type { CompiledMapping } from '@headrace/core';
import type pg from 'pg';
import { type BucketRange, holdLeases } from '../store/bucket-leases.ts';
import { transaction } from '../store/database.ts';
import { claimDueRows, markSending } from '../store/delivery-claims.ts';
import { type DeliveryDataflow, isRevisionCurrent } from '../store/delivery-dataflows.ts';
import { type Settlement, settle } from '../store/delivery-settlements.ts';
import { claimMatchKeys } from '../store/match-claims.ts';
import { readDocuments } from '../store/profiles.ts';
import {
  type AdmittedRow,
  admitRow,
  type ClaimedRow,
  excluded,
  type Sendable,
  type SendPurpose,
} from './admit-row.ts';
import { type DeliveryRules, decideDelivery } from './decide-delivery.ts';

/** Rows claimed together, about to be written (or, after an unknown outcome, read) in one call. */
export type ClaimedBatch = {
  readonly batchId: string;
  readonly object: string;
  readonly purpose: SendPurpose;
  readonly rows: readonly ClaimedRow[];
};

export type Claim = {
  readonly batches: readonly ClaimedBatch[];
  /** Rows looked at; less than the limit means nothing more is due in the range. */
  readonly claimed: number;
  /** The last bucket looked at: the next claim goes on from there. */
  readonly lastBucket: number;
};

export type ClaimOptions = {
  readonly pool: pg.Pool;
  readonly ownerId: string;
  readonly dataflow: Pick<DeliveryDataflow, 'dataflowId' | 'accountId' | 'revision'>;
  readonly rules: DeliveryRules & { readonly mapping: CompiledMapping };
  readonly range: BucketRange;
  readonly limit: number;
  /** The lease must outlast the request by this much. */
  readonly deadlineMs: number;
  /** When rows whose request never comes back may be looked at again. */
  readonly lookAgainAt: (now: Date) => Date;
  readonly now: Date;
};

/**
 * Takes due rows of one dataflow, decides what becomes of each, settles those with nothing to send and marks
 * the others as sent, all in one transaction that ends before any request leaves.
 */
export async function claimBatches(options: ClaimOptions): Promise<Claim> {
  const { pool, dataflow, now } = options;
  return transaction(pool, async (trx) => {
    const held = await holdLeases(trx, options.ownerId, options.deadlineMs);
    const isHeld = held.some(
      (range) =>
        range.firstBucket <= options.range.firstBucket && options.range.firstBucket <= range.lastBucket,
    );
    const lastHeld = lastContiguousBucket(held, options.range);
    if (!isHeld) return { batches: [], claimed: 0, lastBucket: options.range.lastBucket };
    const due = await claimDueRows(trx, {
      dataflowId: dataflow.dataflowId,
      firstBucket: options.range.firstBucket,
      lastBucket: lastHeld,
      limit: options.limit,
      now,
    });
    // Rows marked for a new mapping must not be sent by the old one: whoever sees the marks sees the revision.
    if (!(await isRevisionCurrent(trx, dataflow.dataflowId, dataflow.revision)))
      return { batches: [], claimed: 0, lastBucket: options.range.lastBucket };
    const documents = await readDocuments(
      trx,
      due.map((row) => row.profileId),
    );
    const decided = due.map((row) => ({
      row,
      decision: decideDelivery(options.rules, row.member, documents.get(row.profileId)),
    }));

    const settlements: Settlement[] = [];
    const sendable: Sendable[] = [];
    for (const { row, decision } of decided)
      if (decision.kind === 'send')
        sendable.push({
          row,
          record: decision.record,
          hash: decision.hash,
          matchKey: decision.record.matchKey,
        });
      else settlements.push(excluded(row, decision.reason, decision.message, decision.isMember, null));

    const sending: AdmittedRow[] = [];
    for (const [object, ofObject] of Map.groupBy(sendable, ({ record }) => record.object)) {
      const scope = { accountId: dataflow.accountId, object };
      const holders = await claimMatchKeys(
        trx,
        scope,
        ofObject.map(({ row, matchKey }) => ({ matchKey, profileId: row.profileId })),
        now,
      );
      for (const candidate of ofObject) {
        const outcome = admitRow(candidate, holders.get(candidate.matchKey));
        if ('settlement' in outcome) settlements.push(outcome.settlement);
        else sending.push(outcome.sending);
      }
    }

    const batches = toBatches(sending);
    await settle(trx, dataflow.dataflowId, settlements, now);
    await markSending(
      trx,
      dataflow.dataflowId,
      batches.flatMap(({ batchId, rows }) =>
        rows.map((row) => ({
          profileId: row.profileId,
          seq: row.seq,
          batchId,
          matchKey: row.record.matchKey,
        })),
      ),
      options.lookAgainAt(now),
    );
    return {
      batches,
      claimed: due.length,
      lastBucket: due.length < options.limit ? lastHeld : (due.at(-1)?.bucket ?? lastHeld),
    };
  });
}

const toBatches = (sending: readonly AdmittedRow[]): ClaimedBatch[] =>
  [...Map.groupBy(sending, ({ record, purpose }) => `${record.object} ${purpose}`).values()].flatMap(
    (rows) => {
      const [first] = rows;
      return first === undefined
        ? []
        : [{ batchId: randomUUID(), object: first.record.object, purpose: first.purpose, rows }];
    },
  );

/** The last bucket that can be reached from the start of the range without leaving what is held. */
function lastContiguousBucket(held: readonly BucketRange[], range: BucketRange): number {
  let last = range.firstBucket - 1;
  for (const { firstBucket, lastBucket } of held)
    if (firstBucket <= last + 1 && lastBucket > last) last = lastBucket;
  return Math.min(last, range.lastBucket);
}
