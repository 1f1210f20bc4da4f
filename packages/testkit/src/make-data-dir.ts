import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostmaster, stopPostmaster } from '../../server/src/store/embedded/postmaster.ts';

/** A folder for `HEADRACE_DATA_DIR`. */
export type TestDataDir = {
  readonly path: string;
  /** Stops the PostgreSQL that a killed program may have left there and deletes everything. */
  remove(): Promise<void>;
};

/** Makes an empty data folder, open to its owner only as `mktemp -d` makes it. */
export const makeDataDir = async (): Promise<TestDataDir> => {
  const path = await mkdtemp(join(tmpdir(), 'headrace-data-'));
  return {
    path,
    remove: async () => {
      const pointed = await readFile(join(path, 'postgres.location'), 'utf8').catch(() => undefined);
      const folder = pointed?.trim() ?? join(path, 'postgres');
      const left = await findPostmaster(folder);
      if (left !== undefined) await stopPostmaster(folder, left);
      await rm(folder, { recursive: true, force: true });
      await rm(path, { recursive: true, force: true });
    },
  };
};
