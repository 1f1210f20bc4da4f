import { bucketOf } from '@headrace/core';
import { isForBulk } from './bulk-jobs.ts';
import { type Db, preparedRows, type Trx } from './database.ts';
import { isDelivering } from './delivery-dataflows.ts';

/** A row of export_state that is due, locked by the claiming transaction. */
export type DueRow = {
  readonly bucket: number;
  readonly profileId: string;
  readonly member: boolean;
  /** What `sending_seq` becomes when it is sent now. */
  readonly wantedSeq: number;
  /** Set when an earlier request never came back: its outcome is unknown. */
  readonly inFlight: string | null;
  readonly attempts: number;
  /** Object and key it was last sent with. */
  readonly object: string | null;
  readonly matchKey: string | null;
  readonly recordId: string | null;
  readonly sentHash: string | null;
  /** What the record was given, by `sentKeys`: which of it still holds is known only where `sentHash` is. */
  readonly sent: SentHashes | null;
  /** Of a record that profiles belong to: the profile that says what it holds. */
  readonly sourceProfileId: string | null;
  /** Of a record that was left behind; the source is the profile that it was last written for. */
  readonly isLeft: boolean;
};

/** Field, or @ and list → short hash of what it was given. */
export type SentHashes = Readonly<Record<string, string>>;

/**
 * Due rows of one dataflow in a range of buckets, longest due first. The order is that of the partial index, so
 * that the cost depends neither on the size of the backlog nor on the planner's statistics of it.
 *
 * Read the profiles' documents in a later statement: a document is then at least as new as its `wantedSeq`.
 */
export function claimDueRows(
  trx: Trx,
  claim: {
    readonly dataflowId: string;
    readonly firstBucket: number;
    readonly lastBucket: number;
    readonly limit: number;
    /** Only those that may go into a job, whose record is known or not. */
    readonly forBulk?: { readonly isKnown: boolean } | undefined;
    readonly now: Date;
  },
): Promise<DueRow[]> {
  const { forBulk } = claim;
  return preparedRows(
    trx,
    `select bucket, profile_id as "profileId", member, wanted_seq as "wantedSeq", in_flight as "inFlight",
       attempts, object, match_key as "matchKey", record_id as "recordId", sent_hash as "sentHash",
       sent, source_profile_id as "sourceProfileId", left_behind as "isLeft"
     from export_state
     where dataflow_id = $1 and bucket between $2 and $3 and due_at <= $5
       and (hold_until is null or hold_until <= $5 and (in_flight is not null or ${isLetGo}))${forBulk === undefined ? '' : ` and ${isForBulk('$6')}`}
     order by due_at
     limit $4
     for update skip locked`,
    [
      claim.dataflowId,
      claim.firstBucket,
      claim.lastBucket,
      claim.limit,
      claim.now,
      ...(forBulk === undefined ? [] : [forBulk.isKnown]),
    ],
  );
}

/** SQL: the request that holds a row of export_state of dataflow $1 back is not under way, nor about to be read back. */
const isLetGo = `not exists (
  select from export_state holder where holder.dataflow_id = $1 and holder.in_flight = export_state.held_by)`;

/** Whether anything of a dataflow is due, in whatever bucket. */
export async function hasDueRows(db: Db, dataflowId: string, now: Date): Promise<boolean> {
  const due = await preparedRows(
    db,
    'select from export_state where dataflow_id = $1 and due_at <= $2 limit 1',
    [dataflowId, now],
  );
  return due.length > 0;
}

/**
 * SQL that looks a row of export_state of dataflow $1 up by its key, whatever PostgreSQL believes of the table's size:
 * it may have grown a thousandfold since it was counted. Who updates by `row_id` holds the lock on profile writes, so
 * that the row stays where it was found.
 */
export const rowOf = (wanted: string): string =>
  `lateral (select ctid as row_id, pending_since, sent_seq from export_state
     where bucket = ${wanted}.bucket and dataflow_id = $1 and profile_id = ${wanted}.profile_id limit 1)`;

/**
 * Writes down that rows are about to be sent, before the request leaves. Until they are settled they count as
 * sent with unknown outcome and are looked at again at `lookAgainAt`. What was sent before no longer tells what
 * the destination holds, so its hash is dropped. The record is the one written to: after a merge it is not always the
 * one that the row had, and should the answer be lost, it is the one to read.
 * @param options.tellsMemberships whatever becomes of the request, its record may have been told of what is in `sent`,
 *   and is to be told the end of it.
 */
export async function markSending(
  trx: Trx,
  dataflowId: string,
  sending: readonly {
    readonly profileId: string;
    readonly seq: number;
    readonly batchId: string;
    readonly object: string;
    readonly matchKey: string;
    readonly recordId: string | null;
    readonly parentId: string | null;
    readonly sent: SentHashes;
  }[],
  { lookAgainAt, tellsMemberships }: { readonly lookAgainAt: Date; readonly tellsMemberships: boolean },
): Promise<void> {
  if (sending.length === 0) return;
  await preparedRows(
    trx,
    `with s as materialized (
       select s.*, e.row_id
       from unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::uuid[], $7::text[], $8::text[], $9::text[],
           $10::uuid[], $11::text[]) as s (bucket, profile_id, seq, batch_id, match_key, object, record_id, parent_id, sent),
         ${rowOf('s')} as e)
     update export_state e
     set sending_seq = s.seq, in_flight = s.batch_id, object = s.object,
       match_key = s.match_key, record_id = s.record_id, parent_id = s.parent_id, due_at = $6, sent_hash = null,
       sent = case when s.sent is null then e.sent when e.record_id is distinct from s.record_id then s.sent::jsonb
         when s.record_id is null then coalesce(e.sent, '{}') || s.sent::jsonb else e.sent || s.sent::jsonb end
     from s where e.ctid = s.row_id`,
    [
      dataflowId,
      sending.map((row) => bucketOf(row.profileId)),
      sending.map((row) => row.profileId),
      sending.map((row) => row.seq),
      sending.map((row) => row.batchId),
      lookAgainAt,
      sending.map((row) => row.matchKey),
      sending.map((row) => row.object),
      sending.map((row) => row.recordId),
      sending.map((row) => row.parentId),
      sending.map((row) => (tellsMemberships ? JSON.stringify(row.sent) : null)),
    ],
  );
}

/**
 * Rows of a batch about to leave that are not to be sent as they were claimed, by profile id: those that were marked
 * again, moved or deleted since then, or all of them where the dataflow was disabled, edited or is being deleted.
 */
export async function findChangedSince(
  db: Db,
  { dataflowId, revision }: { readonly dataflowId: string; readonly revision: number },
  batch: { readonly batchId: string; readonly rows: readonly { readonly profileId: string }[] },
): Promise<Set<string>> {
  const changed = await preparedRows<{ profileId: string }>(
    db,
    `select sent.profile_id as "profileId"
     from (select exists (
         select from dataflow d where dataflow_id = $1 and revision = $5 and ${isDelivering('d')})) as dataflow (goes_on)
     cross join unnest($2::smallint[], $3::uuid[]) as sent (bucket, profile_id)
     left join lateral (
       select e.wanted_seq <= e.sending_seq and e.in_flight = $4 as is_unchanged from export_state e
       where e.bucket = sent.bucket and e.dataflow_id = $1 and e.profile_id = sent.profile_id limit 1) as found on true
     where not goes_on or is_unchanged is not true`,
    [
      dataflowId,
      batch.rows.map((row) => bucketOf(row.profileId)),
      batch.rows.map((row) => row.profileId),
      batch.batchId,
      revision,
    ],
  );
  return new Set(changed.map((row) => row.profileId));
}
