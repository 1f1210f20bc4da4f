import type { DelimiterName, LineEndingName } from './csv-dialect.ts';
import { jobStore, type StoredJob } from './job-store.ts';

/** A query job and how far it has come. Instants in epoch milliseconds of the org's time. */
export interface QueryJob extends StoredJob {
  readonly userId: string;
  readonly operation: 'query' | 'queryAll';
  readonly object: string;
  readonly soql: string;
  readonly lineEnding: LineEndingName;
  readonly columnDelimiter: DelimiterName;
  /** Of the call that created it, such as `67.0`. */
  readonly version: string;
  readonly createdAt: number;
  /** Length of the result file, its header not counted. */
  readonly resultBytes: number;
  readonly processed: number;
  readonly totalMs: number;
  readonly error: string | null;
}

export const queryJobs = jobStore<QueryJob>('_bulk_query');
