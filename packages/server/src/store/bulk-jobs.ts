import { type BucketRange, type BulkOrder, bucketOf } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';
import { isDelivering } from './delivery-dataflows.ts';

export type BulkJobState = 'uploading' | 'closing' | 'working' | 'reading' | 'abandoning' | 'finished';

export type BulkJob = {
  readonly bulkJobId: string;
  readonly dataflowId: string;
  readonly accountId: string;
  readonly group: BulkOrder['group'];
  readonly details: BulkOrder['details'];
  /** Null until it is opened at the destination, as are the next two. */
  readonly object: string | null;
  readonly fields: readonly string[] | null;
  readonly destinationJobId: string | null;
  readonly state: BulkJobState;
  readonly records: number;
  /** How often it was asked how it stands. */
  readonly looks: number;
  readonly closingAt: Date | null;
};

const columns = `bulk_job_id as "bulkJobId", dataflow_id as "dataflowId", account_id as "accountId",
  delivery_group as "group", details, object, fields, destination_job_id as "destinationJobId", state, records,
  looks, closing_at as "closingAt"`;

export async function insertBulkJob(
  db: Db,
  job: Pick<BulkJob, 'bulkJobId' | 'dataflowId' | 'accountId' | 'group' | 'details'> & {
    /** Of the dataflow as the job is for. */
    readonly revision: number;
  },
  now: Date,
): Promise<void> {
  await db.query(
    `insert into bulk_job
       (bulk_job_id, bucket, dataflow_id, account_id, delivery_group, details, look_at, opened_at, revision)
     values ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
    [
      job.bulkJobId,
      bucketOf(job.bulkJobId),
      job.dataflowId,
      job.accountId,
      job.group,
      job.details,
      now,
      job.revision,
    ],
  );
}

/** SQL: a job's dataflow is delivered, and as it was when the job was begun. */
const goesOn = (job: string): string =>
  `exists (select from dataflow d
     where d.dataflow_id = ${job}.dataflow_id and d.revision = ${job}.revision and ${isDelivering('d')})`;

/**
 * Whether rows may still be put into a job: nobody has given it up, and its dataflow goes on as it was. Holds the first
 * until the transaction ends.
 */
export async function holdUploading(trx: Trx, bulkJobId: string): Promise<boolean> {
  const found = await rows(
    trx,
    `select from bulk_job j where bulk_job_id = $1 and state = 'uploading' and ${goesOn('j')} for share of j`,
    [bulkJobId],
  );
  return found.length === 1;
}

/** Writes down a job's id at the destination. @returns false when it was given up meanwhile. */
export async function setDestinationJob(
  db: Db,
  bulkJobId: string,
  job: { readonly object: string; readonly fields: readonly string[]; readonly destinationJobId: string },
): Promise<boolean> {
  const updated = await db.query(
    `update bulk_job set object = $2, fields = $3, destination_job_id = $4
     where bulk_job_id = $1 and state = 'uploading'`,
    [bulkJobId, job.object, job.fields, job.destinationJobId],
  );
  return updated.rowCount === 1;
}

/**
 * Whether a job that may not have been started would write what is wanted now: its dataflow goes on as it was, and none
 * of its rows was marked again.
 */
export async function isWantedJob(db: Db, bulkJobId: string): Promise<boolean> {
  const found = await rows(
    db,
    `select from bulk_job j
     where bulk_job_id = $1 and ${goesOn('j')} and not exists (${markedAgain('j')})`,
    [bulkJobId],
  );
  return found.length === 1;
}

/** SQL: rows r of a job that were marked again since they were put into it, as rows e of export_state. */
export const markedAgain = (job: string, columns = ''): string =>
  `select ${columns} from bulk_row r cross join lateral (
     select * from export_state e
     where e.bucket = r.bucket and e.dataflow_id = ${job}.dataflow_id and e.profile_id = r.profile_id
       and e.in_flight = r.bulk_job_id and e.wanted_seq > e.sending_seq limit 1) as e
   where r.bulk_job_id = ${job}.bulk_job_id`;

/**
 * Moves a job on from a state: of two workers one does. It begins to close only while its dataflow goes on as it was.
 * @param lookAt when it is looked at next
 */
export async function moveBulkJob(
  db: Db,
  bulkJobId: string,
  move: {
    readonly from: BulkJobState;
    readonly to: Exclude<BulkJobState, 'finished'>;
    readonly lookAt: Date;
    readonly now: Date;
    readonly records?: number;
  },
): Promise<boolean> {
  const { from, to, lookAt, now, records } = move;
  const updated = await db.query(
    `update bulk_job j set state = $3, look_at = $4, records = coalesce($6, records),
       closing_at = case when $3 = 'closing' then coalesce(closing_at, $5) else closing_at end
     where bulk_job_id = $1 and state = $2 and ($3 <> 'closing' or ${goesOn('j')})`,
    [bulkJobId, from, to, lookAt, now, records ?? null],
  );
  return updated.rowCount === 1;
}

/** When a job is looked at next. @param isAsked it was asked how it stands */
export async function putOffBulkJob(
  db: Db,
  bulkJobId: string,
  lookAt: Date,
  isAsked: boolean,
): Promise<void> {
  await db.query(
    'update bulk_job set look_at = $2, looks = looks + $3::integer where bulk_job_id = $1 and finished_at is null',
    [bulkJobId, lookAt, isAsked ? 1 : 0],
  );
}

/** @param error why it ended before its time */
export async function finishBulkJob(
  trx: Trx,
  bulkJobId: string,
  error: { readonly code: string; readonly message: string } | null,
  now: Date,
): Promise<void> {
  await trx.query(
    `update bulk_job set state = 'finished', finished_at = $2, error = $3
     where bulk_job_id = $1 and finished_at is null`,
    [bulkJobId, now, error && { code: error.code, message: error.message }],
  );
}

/** Jobs that are to be looked at, longest due first, among those of some buckets. */
export function readDueBulkJobs(db: Db, ranges: readonly BucketRange[], now: Date): Promise<BulkJob[]> {
  return rows(
    db,
    `select ${columns} from bulk_job
     where finished_at is null and look_at <= $1 and ${inRanges('$2', '$3')}
     order by look_at limit 100`,
    [now, ranges.map(({ firstBucket }) => firstBucket), ranges.map(({ lastBucket }) => lastBucket)],
  );
}

/** Open jobs of a dataflow, and whether one ended before its time since an instant. */
export async function readBulkHistory(
  db: Db,
  dataflowId: string,
  since: Date,
): Promise<{ readonly open: number; readonly hasFailed: boolean }> {
  const found = await maybeRow<{ open: number; hasFailed: boolean }>(
    db,
    `select count(*) filter (where finished_at is null) as open,
       coalesce(bool_or(error is not null and finished_at >= $2), false) as "hasFailed"
     from bulk_job where dataflow_id = $1 and (finished_at is null or finished_at >= $2)`,
    [dataflowId, since],
  );
  return found ?? { open: 0, hasFailed: false };
}

/** Jobs that finished before an instant are of no use any more. */
export async function deleteFinishedBulkJobs(db: Db, before: Date): Promise<void> {
  await db.query('delete from bulk_job where finished_at < $1', [before]);
}

/**
 * How many rows of a dataflow could go into a job, counted to `most`.
 * @param isKnown rows whose record is known, or those whose is not
 */
export async function countBulkRows(
  db: Db,
  wanted: {
    readonly dataflowId: string;
    readonly ranges: readonly BucketRange[];
    readonly isKnown: boolean;
    readonly most: number;
    readonly now: Date;
  },
): Promise<number> {
  const { dataflowId, ranges, isKnown, most, now } = wanted;
  const found = await maybeRow<{ count: number }>(
    db,
    `select count(*) as count from (
       select from export_state
       where dataflow_id = $1 and due_at <= $2 and ${inRanges('$5', '$6')} and ${isForBulk('$3')}
         and (hold_until is null or hold_until <= $2)
       limit $4) as due`,
    [
      dataflowId,
      now,
      isKnown,
      most,
      ranges.map(({ firstBucket }) => firstBucket),
      ranges.map(({ lastBucket }) => lastBucket),
    ],
  );
  return found?.count ?? 0;
}

/**
 * SQL for rows that nothing is known to keep out of a job. What failed goes by itself the next time, where it can be
 * looked into.
 * @param isKnown parameter: whether their record is known
 */
export const isForBulk = (isKnown: string): string =>
  `in_flight is null and source_profile_id is null and (record_id is not null) = ${isKnown}::boolean
   and (attempts = 0 or code in ('job_not_processed', 'changed_since'))`;

const inRanges = (first: string, last: string): string =>
  `exists (select from unnest(${first}::smallint[], ${last}::smallint[]) as range (first, last)
     where bucket between range.first and range.last)`;
