import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import type { Database, Row } from '../store/database.ts';
import { integerOf } from '../store/database.ts';
import type { CsvDialect, DelimiterName, LineEndingName } from './csv-dialect.ts';
import { delimiters, lineEndings } from './csv-dialect.ts';

/** What a job does with its rows. */
export const operations = ['insert', 'update', 'upsert', 'delete'] as const;
export type Operation = (typeof operations)[number];

export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

/**
 * An ingest job and how far it has come. Instants in epoch milliseconds of the org's time. Everything a crash must
 * not lose is in here: the row is written in the transaction that writes the records it counts.
 */
export interface BulkJob {
  readonly rid: number;
  readonly userId: string;
  readonly operation: Operation;
  readonly object: string;
  readonly keyName: string | null;
  readonly assignmentRuleId: string | null;
  readonly lineEnding: LineEndingName;
  readonly columnDelimiter: DelimiterName;
  /** Of the call that created it, such as `67.0`. */
  readonly version: string;
  readonly state: JobState;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly closedAt: number | null;
  readonly startedAt: number | null;
  /** The closing call in the journal. */
  readonly call: number | null;
  /** Size of the upload; null until there is one. */
  readonly uploadBytes: number | null;
  /** The byte of the upload after the last row that was processed; 0 before the first batch. */
  readonly nextByte: number;
  readonly batches: number;
  readonly retries: number;
  readonly processed: number;
  readonly failed: number;
  /** Lengths of the result files; what stands behind them belongs to a batch that was not finished. */
  readonly successBytes: number;
  readonly failureBytes: number;
  readonly totalMs: number;
  readonly activeMs: number;
  readonly error: string | null;
}

export const bulkTables = `
  create table if not exists _bulk_job (
    rid integer primary key, state text not null, modified_at integer not null, job text not null
  );
  create index if not exists _bulk_job_at_work on _bulk_job (rid)
    where state in ('UploadComplete', 'InProgress');
  create table if not exists _bulk_batch (sequence integer primary key, at integer not null, rows integer not null);
`;

const keyPrefix = '750';

export const jobIdOf = (job: Pick<BulkJob, 'rid'>): string => createRecordId(keyPrefix, job.rid);

export const dialectOf = (job: BulkJob): CsvDialect => ({
  delimiter: delimiters[job.columnDelimiter],
  lineEnding: lineEndings[job.lineEnding],
});

// The column holds what saveJob wrote and nothing else does.
const jobOf = (row: Row | undefined): BulkJob | undefined =>
  row === undefined ? undefined : JSON.parse(String(row.job));

/** Keeps a job, in the caller's transaction if there is one. */
export function saveJob(database: Database, job: BulkJob): BulkJob {
  database
    .prepare('insert or replace into _bulk_job (rid, state, modified_at, job) values (?, ?, ?, ?)')
    .run(job.rid, job.state, job.modifiedAt, JSON.stringify(job));
  return job;
}

export function findJob(database: Database, id: string): BulkJob | undefined {
  const rid = id.startsWith(keyPrefix) ? recordNumberOf(id) : undefined;
  if (rid === undefined) return undefined;
  const job = jobOf(database.prepare('select job from _bulk_job where rid = ?').get(rid));
  return job === undefined || !jobIdOf(job).startsWith(id) ? undefined : job;
}

/** The next job's number; numbers of deleted jobs may come again only for the newest one. */
export const nextJobNumber = (database: Database): number =>
  integerOf(database.prepare('select max(rid) as n from _bulk_job').get()?.n) + 1;

export const removeJob = (database: Database, rid: number): void => {
  database.prepare('delete from _bulk_job where rid = ?').run(rid);
};

const jobsOf = (rows: readonly Row[]): readonly BulkJob[] =>
  rows.flatMap((row) => {
    const job = jobOf(row);
    return job === undefined ? [] : [job];
  });

/** Jobs below a number, newest first. */
export const listJobs = (database: Database, below: number, limit: number): readonly BulkJob[] =>
  jobsOf(
    database.prepare('select job from _bulk_job where rid < ? order by rid desc limit ?').all(below, limit),
  );

/** Closed jobs that are not finished, oldest first. */
export const jobsAtWork = (database: Database): readonly BulkJob[] =>
  jobsOf(
    database
      .prepare("select job from _bulk_job where state in ('UploadComplete', 'InProgress') order by rid")
      .all(),
  );

/** Jobs that ended before an instant. */
export const jobsEndedBefore = (database: Database, instant: number): readonly BulkJob[] =>
  jobsOf(
    database
      .prepare(
        "select job from _bulk_job where modified_at < ? and state in ('JobComplete', 'Failed', 'Aborted')",
      )
      .all(instant),
  );
