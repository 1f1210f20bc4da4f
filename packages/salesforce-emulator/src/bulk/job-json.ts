import { wholeSecond } from '../org/stamps.ts';
import { formatInstant } from '../schema/value-json.ts';
import type { BulkJob } from './bulk-job.ts';
import { jobIdOf } from './job-store.ts';
import type { QueryJob } from './query-job.ts';

const date = (instant: number): string => formatInstant(wholeSecond(instant));

type Job = BulkJob | QueryJob;

const identity = (job: Job): Record<string, unknown> => ({
  id: jobIdOf(job),
  operation: job.operation,
  object: job.object,
  createdById: job.userId,
  createdDate: date(job.createdAt),
  systemModstamp: date(job.modifiedAt),
  state: job.state,
});

const format = (job: Job): Record<string, unknown> => ({
  concurrencyMode: 'Parallel',
  contentType: 'CSV',
  apiVersion: Number(job.version),
});

const basicInfo = (job: BulkJob): Record<string, unknown> => ({
  ...identity(job),
  ...(job.keyName === null ? {} : { externalIdFieldName: job.keyName }),
  ...(job.assignmentRuleId === null ? {} : { assignmentRuleId: job.assignmentRuleId }),
  ...format(job),
});

const contentUrl = (job: BulkJob): Record<string, unknown> =>
  job.state === 'Open'
    ? { contentUrl: `services/data/v${job.version}/jobs/ingest/${jobIdOf(job)}/batches` }
    : {};

/** What creating a job answers. */
export const createdJobJson = (job: BulkJob): Record<string, unknown> => ({
  ...basicInfo(job),
  ...contentUrl(job),
  lineEnding: job.lineEnding,
  columnDelimiter: job.columnDelimiter,
});

/** What closing or aborting a job answers. */
export const changedJobJson = basicInfo;

/** A job in the list of jobs. */
export const listedJobJson = (job: BulkJob): Record<string, unknown> => ({
  ...basicInfo(job),
  jobType: 'V2Ingest',
  ...contentUrl(job),
  lineEnding: job.lineEnding,
  columnDelimiter: job.columnDelimiter,
});

/** Everything about one job. Times in milliseconds. */
export const jobInfoJson = (job: BulkJob): Record<string, unknown> => ({
  ...listedJobJson(job),
  numberRecordsProcessed: job.processed,
  numberRecordsFailed: job.failed,
  retries: job.retries,
  totalProcessingTime: job.totalMs,
  apiActiveProcessingTime: job.activeMs,
  apexProcessingTime: 0,
  ...(job.error === null ? {} : { errorMessage: job.error }),
});

/** What creating or aborting a query job answers. */
export const createdQueryJson = (job: QueryJob): Record<string, unknown> => ({
  ...identity(job),
  ...format(job),
  lineEnding: job.lineEnding,
  columnDelimiter: job.columnDelimiter,
});

/** A query job in the list of jobs. */
export const listedQueryJson = (job: QueryJob): Record<string, unknown> => ({
  ...createdQueryJson(job),
  jobType: 'V2Query',
});

/** Everything about one query job. Times in milliseconds. */
export const queryInfoJson = (job: QueryJob): Record<string, unknown> => ({
  ...listedQueryJson(job),
  numberRecordsProcessed: job.processed,
  retries: 0,
  totalProcessingTime: job.totalMs,
  isPkChunkingSupported: true,
  ...(job.error === null ? {} : { errorMessage: job.error }),
});
