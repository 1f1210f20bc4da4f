import { bucketOf } from '@headrace/core';
import { markedAgain } from './bulk-jobs.ts';
import { type Db, preparedRows, rows, type Trx } from './database.ts';
import type { DueRow, SentHashes } from './delivery-claims.ts';

/** What a row of export_state becomes once its job has written it. */
export type BulkRow<SettleAs> = {
  readonly profileId: string;
  /** Digest of what tells the record in the results of its job. */
  readonly rowKey: string;
  readonly hash: string | null;
  readonly sent: SentHashes;
  readonly settleAs: SettleAs;
};

export type InFlightBulkRow<SettleAs> = BulkRow<SettleAs> & {
  readonly seq: number;
  readonly attempts: number;
  readonly matchKey: string;
  readonly recordId: string | null;
  readonly parentId: string | null;
};

export async function insertBulkRows(
  trx: Trx,
  bulkJobId: string,
  inserted: readonly BulkRow<object>[],
): Promise<void> {
  if (inserted.length === 0) return;
  await trx.query(
    `insert into bulk_row (bulk_job_id, bucket, profile_id, row_key, hash, sent, settle_as)
     select $1, r.* from unnest($2::smallint[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[]) as r`,
    [
      bulkJobId,
      inserted.map(({ profileId }) => bucketOf(profileId)),
      inserted.map(({ profileId }) => profileId),
      inserted.map(({ rowKey }) => rowKey),
      inserted.map(({ hash }) => hash),
      inserted.map(({ sent }) => JSON.stringify(sent)),
      inserted.map(({ settleAs }) => JSON.stringify(settleAs)),
    ],
  );
}

const inFlight = `select r.profile_id as "profileId", r.row_key as "rowKey", r.hash, r.sent,
    r.settle_as as "settleAs", e.sending_seq as seq, e.attempts, e.match_key as "matchKey",
    e.record_id as "recordId", e.parent_id as "parentId"
  from bulk_row r join bulk_job j using (bulk_job_id)
  join export_state e on e.bucket = r.bucket and e.dataflow_id = j.dataflow_id and e.profile_id = r.profile_id
    and e.in_flight = r.bulk_job_id
  where r.bulk_job_id = $1`;

/** Rows of a job by their keys in its results; those whose outcome is written down are not among them. */
export function readBulkRows<SettleAs>(
  db: Db,
  bulkJobId: string,
  rowKeys: readonly string[],
): Promise<InFlightBulkRow<SettleAs>[]> {
  return preparedRows(db, `${inFlight} and r.row_key = any($2)`, [bulkJobId, rowKeys]);
}

/** Rows of a job that write records and were marked again since they were put into it, in pages behind one of them. */
export function readMarkedAgain(
  db: Db,
  bulkJobId: string,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<MarkedRow[]> {
  const { after, limit } = page;
  return rows(
    db,
    `select m.* from bulk_job j cross join lateral (
       ${markedAgain('j', markedColumns)}
         and r.settle_as->>'status' = 'activated' and (r.bucket, r.profile_id) > ($2, $3::uuid)
       order by r.bucket, r.profile_id limit $4) as m
     where j.bulk_job_id = $1`,
    [bulkJobId, after === undefined ? -1 : bucketOf(after), after ?? nowhere, limit],
  );
}

export type MarkedRow = Pick<
  DueRow,
  'profileId' | 'member' | 'object' | 'matchKey' | 'recordId' | 'sent' | 'sourceProfileId'
>;
const markedColumns = `r.profile_id as "profileId", e.member, e.object, e.match_key as "matchKey",
  e.record_id as "recordId", e.sent, e.source_profile_id as "sourceProfileId"`;
const nowhere = '00000000-0000-0000-0000-000000000000';

/** Rows of a job whose outcome is not written down, some of them. */
export function readSomeBulkRows<SettleAs>(
  db: Db,
  bulkJobId: string,
  limit: number,
): Promise<InFlightBulkRow<SettleAs>[]> {
  return preparedRows(db, `${inFlight} limit $2`, [bulkJobId, limit]);
}

/** The outcome of rows is written down. */
export async function deleteBulkRows(
  db: Db,
  bulkJobId: string,
  profileIds: readonly string[],
): Promise<void> {
  await preparedRows(
    db,
    `with gone as (
       delete from bulk_row r using unnest($2::smallint[], $3::uuid[]) as d (bucket, profile_id)
       where r.bulk_job_id = $1 and r.bucket = d.bucket and r.profile_id = d.profile_id returning r.bucket)
     update bulk_job set settled = settled + (select count(*) from gone) where bulk_job_id = $1`,
    [bulkJobId, profileIds.map(bucketOf), profileIds],
  );
}

/**
 * What a job left open is read back by whoever delivers it: the rows stay in flight, and are due.
 * @returns how many those are
 */
export async function releaseBulkRows(trx: Trx, bulkJobId: string, now: Date): Promise<number> {
  const released = await trx.query(
    `update export_state e set due_at = $2
     from bulk_row r join bulk_job j using (bulk_job_id)
     where r.bulk_job_id = $1 and e.bucket = r.bucket and e.dataflow_id = j.dataflow_id
       and e.profile_id = r.profile_id and e.in_flight = r.bulk_job_id`,
    [bulkJobId, now],
  );
  await trx.query('delete from bulk_row where bulk_job_id = $1', [bulkJobId]);
  return released.rowCount ?? 0;
}

/**
 * What waited for a job and for another request waits only for the other by now, which is over by `until`; as long as
 * no other job of the dataflow is open.
 */
export async function shortenHolds(trx: Trx, dataflowId: string, until: Date): Promise<void> {
  await trx.query(
    `update export_state set hold_until = $2
     where dataflow_id = $1 and held_by is null and hold_until > $2
       and not exists (select from bulk_job where dataflow_id = $1 and finished_at is null)`,
    [dataflowId, until],
  );
}
