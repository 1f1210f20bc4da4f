import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jobIdOf, type StoredJob } from './job-store.ts';

const incomingPrefix = 'incoming-';

/** Where uploads and results are kept: in the org's data folder, or a temporary one for an org in memory. */
export interface BulkFiles {
  readonly upload: (job: Pick<StoredJob, 'rid'>) => string;
  readonly successes: (job: Pick<StoredJob, 'rid'>) => string;
  readonly failures: (job: Pick<StoredJob, 'rid'>) => string;
  readonly results: (job: Pick<StoredJob, 'rid'>) => string;
  /** A name for a body on its way in. */
  readonly incoming: () => string;
  readonly remove: (job: Pick<StoredJob, 'rid'>) => void;
  readonly clear: () => void;
  /** Removes the temporary folder of an org in memory. */
  readonly close: () => void;
}

/** The folder inside a data folder, without what a crash left of bodies on their way in. */
function kept(dataDir: string): string {
  const folder = join(dataDir, 'bulk');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder))
    if (name.startsWith(incomingPrefix)) rmSync(join(folder, name), { force: true });
  return folder;
}

/** The folder is made when it is first needed. */
export function createBulkFiles(dataDir: string | undefined): BulkFiles {
  let folder: string | undefined;
  let received = 0;
  const open = (): string => {
    folder ??=
      dataDir === undefined ? mkdtempSync(join(tmpdir(), 'salesforce-emulator-bulk-')) : kept(dataDir);
    return folder;
  };
  const path = (kind: string) => (job: Pick<StoredJob, 'rid'>) => join(open(), `${jobIdOf(job)}.${kind}.csv`);
  const files = {
    upload: path('upload'),
    successes: path('successes'),
    failures: path('failures'),
    results: path('results'),
  };
  const clear = (): void => {
    if (folder === undefined && dataDir === undefined) return;
    rmSync(open(), { recursive: true, force: true });
    folder = undefined;
  };
  return {
    ...files,
    incoming: () => join(open(), `${incomingPrefix}${++received}`),
    remove: (job) => {
      for (const file of Object.values(files)) rmSync(file(job), { force: true });
    },
    clear,
    close: () => {
      if (dataDir === undefined) clear();
    },
  };
}
