import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BulkJob, jobIdOf } from './bulk-job.ts';

/** Where uploads and results are kept: in the org's data folder, or a temporary one for an org in memory. */
export interface BulkFiles {
  readonly upload: (job: BulkJob) => string;
  readonly successes: (job: BulkJob) => string;
  readonly failures: (job: BulkJob) => string;
  /** A name for a body on its way in. */
  readonly incoming: () => string;
  readonly remove: (job: BulkJob) => void;
  readonly clear: () => void;
  /** Removes the temporary folder of an org in memory. */
  readonly close: () => void;
}

/** The folder is made when it is first needed. */
export function createBulkFiles(dataDir: string | undefined): BulkFiles {
  let folder: string | undefined;
  let received = 0;
  const open = (): string => {
    if (folder === undefined && dataDir === undefined)
      folder = mkdtempSync(join(tmpdir(), 'salesforce-emulator-bulk-'));
    else if (folder === undefined && dataDir !== undefined) {
      folder = join(dataDir, 'bulk');
      mkdirSync(folder, { recursive: true });
    }
    return folder ?? '';
  };
  const path = (kind: string) => (job: BulkJob) => join(open(), `${jobIdOf(job)}.${kind}.csv`);
  const files = { upload: path('upload'), successes: path('successes'), failures: path('failures') };
  const clear = (): void => {
    if (folder === undefined && dataDir === undefined) return;
    rmSync(open(), { recursive: true, force: true });
    folder = undefined;
  };
  return {
    ...files,
    incoming: () => join(open(), `incoming-${process.pid}-${++received}`),
    remove: (job) => {
      for (const file of [files.upload, files.successes, files.failures]) rmSync(file(job), { force: true });
    },
    clear,
    close: () => {
      if (dataDir === undefined) clear();
    },
  };
}
