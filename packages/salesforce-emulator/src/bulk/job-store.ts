import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import type { Database, Row } from '../store/database.ts';
import { integerOf } from '../store/database.ts';

/** Ingest jobs become all of them, query jobs begin with the second. */
export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

/** What every job has. */
export interface StoredJob {
  readonly rid: number;
  readonly state: JobState;
  /** Epoch milliseconds of the org's time. */
  readonly modifiedAt: number;
}

/** The jobs of one kind. Writing joins the caller's transaction if there is one. */
export interface JobStore<Job extends StoredJob> {
  readonly save: (database: Database, job: Job) => Job;
  readonly read: (database: Database, rid: number) => Job | undefined;
  /** The job with this id, of 15 or 18 characters. */
  readonly find: (database: Database, id: string) => Job | undefined;
  readonly remove: (database: Database, rid: number) => void;
  /** Jobs below a number, newest first. */
  readonly list: (database: Database, below: number, limit: number) => readonly Job[];
  /** Closed jobs that are not finished, oldest first. */
  readonly atWork: (database: Database) => readonly Job[];
  /** Jobs that ended before an instant. */
  readonly endedBefore: (database: Database, instant: number) => readonly Job[];
}

const tables = ['_bulk_job', '_bulk_query'] as const;

export const jobTables = tables
  .map(
    (table) => `
      create table if not exists ${table} (
        rid integer primary key, state text not null, modified_at integer not null, job text not null
      );
      create index if not exists ${table}_at_work on ${table} (rid) where state in ('UploadComplete', 'InProgress');
    `,
  )
  .join('');

const keyPrefix = '750';

export const jobIdOf = (job: Pick<StoredJob, 'rid'>): string => createRecordId(keyPrefix, job.rid);

/** The next job's number; the number of a deleted job may come again only when it was the newest. */
export const nextJobNumber = (database: Database): number =>
  1 +
  Math.max(
    ...tables.map((table) => integerOf(database.prepare(`select max(rid) as n from ${table}`).get()?.n)),
  );

/** Forgets every job of every kind. */
export const removeAllJobs = (database: Database): void => {
  for (const table of tables) database.prepare(`delete from ${table}`).run();
};

export function jobStore<Job extends StoredJob>(table: (typeof tables)[number]): JobStore<Job> {
  // The column holds what `save` wrote and nothing else does.
  const jobsOf = (rows: readonly Row[]): readonly Job[] => rows.map((row) => JSON.parse(String(row.job)));
  const read = (database: Database, rid: number): Job | undefined =>
    jobsOf(database.prepare(`select job from ${table} where rid = ?`).all(rid))[0];
  return {
    save: (database, job) => {
      database
        .prepare(`insert or replace into ${table} (rid, state, modified_at, job) values (?, ?, ?, ?)`)
        .run(job.rid, job.state, job.modifiedAt, JSON.stringify(job));
      return job;
    },
    read,
    find: (database, id) => {
      const rid = id.startsWith(keyPrefix) ? recordNumberOf(id) : undefined;
      const job = rid === undefined ? undefined : read(database, rid);
      const isTheId =
        job !== undefined && (id.length === 15 || id.length === 18) && jobIdOf(job).startsWith(id);
      return isTheId ? job : undefined;
    },
    remove: (database, rid) => {
      database.prepare(`delete from ${table} where rid = ?`).run(rid);
    },
    list: (database, below, limit) =>
      jobsOf(
        database
          .prepare(`select job from ${table} where rid < ? order by rid desc limit ?`)
          .all(below, limit),
      ),
    atWork: (database) =>
      jobsOf(
        database
          .prepare(`select job from ${table} where state in ('UploadComplete', 'InProgress') order by rid`)
          .all(),
      ),
    endedBefore: (database, instant) =>
      jobsOf(
        database
          .prepare(
            `select job from ${table} where modified_at < ? and state in ('JobComplete', 'Failed', 'Aborted')`,
          )
          .all(instant),
      ),
  };
}

/** Salesforce forgets a job seven days after it ended. In milliseconds. */
export const keptMs = 7 * 24 * 3_600_000;
