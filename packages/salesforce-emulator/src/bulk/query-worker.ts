import { catalogOf } from '../access/user-access.ts';
import { ApiError } from '../errors/api-error.ts';
import { isJsonObject } from '../json.ts';
import { now, type OrgState } from '../org/org-state.ts';
import { continueQuery, defaultBatchSize, type QueryContext, runQuery } from '../soql/run-query.ts';
import { appendToFile } from './append-to-file.ts';
import type { BulkFiles } from './bulk-files.ts';
import { dialectOf } from './bulk-job.ts';
import type { BulkWorker } from './bulk-runner.ts';
import { isEnded } from './job-state.ts';
import { keptMs } from './job-store.ts';
import { cellOf, planQuery, type QueryColumn } from './query-columns.ts';
import { type QueryJob, queryJobs } from './query-job.ts';

/** A query in the middle of its pages. Not kept over a restart: the job begins anew then. */
interface OpenQuery {
  readonly context: QueryContext;
  readonly columns: readonly QueryColumn[];
  readonly next: string;
}

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

/** Works off query jobs, a page at a time. */
export function createQueryWorker(org: OrgState, files: BulkFiles): BulkWorker {
  const open = new Map<number, OpenQuery>();
  const fail = (job: QueryJob, error: string): QueryJob => ({
    ...job,
    state: 'Failed',
    error,
    modifiedAt: now(org),
  });

  const takeStep = (job: QueryJob): QueryJob => {
    const known = open.get(job.rid);
    open.delete(job.rid);
    const begun = known ?? begin(job);
    const { columns, context } = begun;
    const page =
      known === undefined
        ? runQuery(context, job.soql, job.operation === 'queryAll')
        : continueQuery(context, known.next);
    const records = Array.isArray(page.records) ? page.records.filter(isJsonObject) : [];
    const { delimiter, lineEnding } = dialectOf(job);
    const lines = records.map(
      (record) => columns.map((column) => quoted(cellOf(record, column))).join(delimiter) + lineEnding,
    );
    const [from, processed] = known === undefined ? [0, 0] : [job.resultBytes, job.processed];
    const next = typeof page.nextRecordsUrl === 'string' ? page.nextRecordsUrl.split('/').at(-1) : undefined;
    if (next !== undefined) open.set(job.rid, { columns, context, next });
    const instant = now(org);
    return {
      ...job,
      state: next === undefined ? 'JobComplete' : 'InProgress',
      resultBytes: appendToFile(files.results(job), from, lines),
      processed: processed + records.length,
      modifiedAt: instant,
      totalMs: instant - job.createdAt,
    };
  };

  const begin = (job: QueryJob): Omit<OpenQuery, 'next'> => {
    const catalog = catalogOf(org, job.userId);
    const context: QueryContext = {
      org,
      catalog,
      // Of its own, so that no other query takes its cursor's place.
      cursors: new Map(),
      userId: job.userId,
      version: job.version,
      batchSize: defaultBatchSize,
    };
    return { context, columns: planQuery(org, catalog, job.userId, job.soql).columns };
  };

  return {
    look: () => {
      const due = queryJobs.atWork(org.database).map(({ rid }) => rid);
      return { waiting: due.length, due };
    },
    step: (rid) => {
      const job = queryJobs.read(org.database, rid);
      if (job === undefined || isEnded(job.state)) {
        open.delete(rid);
        return;
      }
      try {
        queryJobs.save(org.database, takeStep(job));
      } catch (error) {
        if (!(error instanceof ApiError)) console.error(error);
        const message = 'Unknown : An unexpected error occurred in the emulator.';
        const told = error instanceof ApiError ? `${error.errorCode} : ${error.message}` : message;
        queryJobs.save(org.database, fail(job, told));
      }
    },
    tidy: () => {
      for (const job of queryJobs.endedBefore(org.database, now(org) - keptMs)) {
        queryJobs.remove(org.database, job.rid);
        files.remove(job);
      }
    },
  };
}
