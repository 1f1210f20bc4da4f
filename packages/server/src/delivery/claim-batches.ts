import { randomUUID } from 'node:crypto';
import type { BucketRange } from '@headrace/core';
import type pg from 'pg';
import { holdLeases } from '../store/bucket-leases.ts';
import { type Trx, transaction } from '../store/database.ts';
import { claimDueRows, type DueRow, markSending } from '../store/delivery-claims.ts';
import { type DeliveryDataflow, isRevisionCurrent } from '../store/delivery-dataflows.ts';
import { type Settlement, settle } from '../store/delivery-settlements.ts';
import { nextDeliveryVersion } from '../store/delivery-version.ts';
import { markWaiting } from '../store/export-marks.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { claimMatchKeys } from '../store/match-claims.ts';
import { findDeletedPeople } from '../store/profile-deletions.ts';
import { findSurvivors } from '../store/profile-survivors.ts';
import { readDocuments } from '../store/profiles.ts';
import {
  admitRow,
  type ClaimedRow,
  excluded,
  recoverRow,
  type Sendable,
  type SendPurpose,
} from './admit-row.ts';
import { type DeliveryRules, decideDelivery, type GoneBy } from './decide-delivery.ts';
import { takeOverKeys, withOwnRecords } from './keys-and-records.ts';

/** Rows claimed together, about to be written (or, after an unknown outcome, read) in one call. */
export type ClaimedBatch = {
  readonly batchId: string;
  /** Of what it writes. */
  readonly version: number;
  readonly object: string;
  readonly purpose: SendPurpose;
  readonly details: DeliveryRules['details'];
  readonly rows: readonly ClaimedRow[];
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

const nothing: Claim = { batches: [], claimed: 0 };

/**
 * Takes due rows of one dataflow, decides what becomes of each, settles those with nothing to send and marks
 * the others as sent, all in one transaction that ends before any request leaves.
 */
export async function claimBatches(options: ClaimOptions): Promise<Claim> {
  const { pool, dataflow, range, now } = options;
  return transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const held = await holdLeases(trx, options.ownerId, options.deadlineMs);
    if (!isHeldWhole(held, range)) return nothing;
    const due = await claimDueRows(trx, {
      ...range,
      dataflowId: dataflow.dataflowId,
      limit: options.limit,
      now,
    });
    // Rows marked for a new mapping must not be sent by the old one: whoever sees the marks sees the revision.
    if (!(await isRevisionCurrent(trx, dataflow.dataflowId, dataflow.revision))) return nothing;
    const version = await nextDeliveryVersion(trx);
    const { sending, settlements } = await decide(trx, options, due);
    const batches = toBatches(sending, options.rules.details, version);
    await settle(trx, dataflow.dataflowId, settlements, now);
    const left = settlements.flatMap(({ profileId, result }) =>
      result.kind === 'settled' && result.status === 'exited' ? [profileId] : [],
    );
    await markWaiting(trx, left, now);
    await markSending(
      trx,
      dataflow.dataflowId,
      batches.flatMap(({ batchId, rows }) => rows.map((row) => ({ ...row, batchId }))),
      options.lookAgainAt,
    );
    return { batches, claimed: due.length };
  });
}

async function decide(
  trx: Trx,
  { rules, dataflow, now }: ClaimOptions,
  due: readonly DueRow[],
): Promise<{ sending: ClaimedRow[]; settlements: Settlement[] }> {
  const profileIds = due.map((row) => row.profileId);
  const documents = await readDocuments(trx, profileIds);
  const goneBy = await findWhyGone(
    trx,
    profileIds.filter((profileId) => !documents.has(profileId)),
  );
  const sending: ClaimedRow[] = [];
  const settlements: Settlement[] = [];
  const sendable: Sendable[] = [];
  for (const row of due) {
    const { member, profileId } = row;
    const decision = decideDelivery(rules, member, documents.get(profileId), goneBy.get(profileId));
    const wanted =
      decision.kind === 'send' ? { row, record: decision.record, hash: decision.hash } : undefined;
    if (row.inFlight !== null) sending.push(recoverRow(row, wanted));
    else if (wanted !== undefined) sendable.push(wanted);
    else if (decision.kind === 'exclude')
      settlements.push(excluded(row, decision.reason, decision.message, decision.isMember, null));
  }
  for (const [object, ofObject] of Map.groupBy(sendable, ({ record }) => record.object)) {
    const scope = { accountId: dataflow.accountId, dataflowId: dataflow.dataflowId, object };
    const wanted = ofObject.map(({ row, record }) => ({
      matchKey: record.matchKey,
      profileId: row.profileId,
    }));
    const claims = await claimMatchKeys(trx, scope, wanted, now);
    const holders = (await takeOverKeys(trx, scope, wanted, claims, now))
      ? await claimMatchKeys(trx, scope, wanted, now)
      : claims;
    const taken = new Set<string>();
    for (const candidate of await withOwnRecords(trx, scope, ofObject)) {
      const outcome = admitRow(candidate, holders.get(candidate.record.matchKey), taken, now);
      if ('settlement' in outcome) settlements.push(outcome.settlement);
      else {
        sending.push(outcome.sending);
        if (outcome.sending.recordId !== null) taken.add(outcome.sending.recordId);
      }
    }
  }
  return { sending, settlements };
}

async function findWhyGone(trx: Trx, profileIds: readonly string[]): Promise<ReadonlyMap<string, GoneBy>> {
  const deleted = await findDeletedPeople(trx, profileIds);
  const survivors = await findSurvivors(
    trx,
    profileIds.filter((profileId) => !deleted.has(profileId)),
  );
  return new Map<string, GoneBy>([
    ...[...deleted].map((profileId) => [profileId, 'person_deleted'] as const),
    ...[...survivors.keys()].map((profileId) => [profileId, 'profile_merged'] as const),
  ]);
}

const toBatches = (
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
