import type { OrgState } from '../org/org-state.ts';
import { type BulkFiles, createBulkFiles } from './bulk-files.ts';
import { type BulkRunner, createBulkRunner } from './bulk-runner.ts';

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
  const runner = createBulkRunner(org, files);
  runner.wake();
  return {
    files,
    runner,
    clear: () => {
      org.database.exec('delete from _bulk_job; delete from _bulk_batch;');
      files.clear();
    },
    close: () => {
      runner.stop();
      files.close();
    },
  };
}
