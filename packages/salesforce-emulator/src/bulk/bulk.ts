import type { OrgState } from '../org/org-state.ts';
import { type BulkFiles, createBulkFiles } from './bulk-files.ts';
import { type BulkRunner, createBulkRunner } from './bulk-runner.ts';
import { createIngestWorker } from './ingest-worker.ts';
import { removeAllJobs } from './job-store.ts';
import { createQueryWorker } from './query-worker.ts';

/** The org's Bulk API: its files and the worker behind its jobs. */
export interface Bulk {
  readonly files: BulkFiles;
  readonly runner: BulkRunner;
  /** Forgets every job with its files and what was used of the day's allowance. */
  readonly clear: () => void;
  readonly close: () => void;
}

/** Goes on with jobs that were at work when the org was last closed or killed. */
export function createBulk(org: OrgState, dataDir: string | undefined): Bulk {
  const files = createBulkFiles(dataDir);
  const runner = createBulkRunner([createIngestWorker(org, files), createQueryWorker(org, files)]);
  runner.wake();
  return {
    files,
    runner,
    clear: () => {
      removeAllJobs(org.database);
      org.database.prepare('delete from _bulk_batch').run();
      files.clear();
    },
    close: () => {
      runner.stop();
      files.close();
    },
  };
}
