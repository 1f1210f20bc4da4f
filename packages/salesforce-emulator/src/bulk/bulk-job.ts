import type { CsvDialect, DelimiterName, LineEndingName } from './csv-dialect.ts';
import { delimiters, lineEndings } from './csv-dialect.ts';
import { type JobState, jobStore, jobTables } from './job-store.ts';

/** What a job does with its rows. */
export const operations = ['insert', 'update', 'upsert', 'delete', 'hardDelete'] as const;
export type Operation = (typeof operations)[number];

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
  ${jobTables}
  create table if not exists _bulk_batch (sequence integer primary key, at integer not null, rows integer not null);
`;

export const ingestJobs = jobStore<BulkJob>('_bulk_job');

export const dialectOf = (job: Pick<BulkJob, 'columnDelimiter' | 'lineEnding'>): CsvDialect => ({
  delimiter: delimiters[job.columnDelimiter],
  lineEnding: lineEndings[job.lineEnding],
});
