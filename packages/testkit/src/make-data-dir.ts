import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDirPrefix, removeDataDir, runFolder } from './run-folder.ts';

/** A folder for `HEADRACE_DATA_DIR`. */
export type TestDataDir = {
  readonly path: string;
  /** Stops the PostgreSQL that a killed program may have left there and deletes everything. */
  remove(): Promise<void>;
};

/** Makes an empty data folder, open to its owner only as `mktemp -d` makes it. */
export const makeDataDir = async (): Promise<TestDataDir> => {
  const path = await mkdtemp(join(runFolder(), dataDirPrefix));
  return { path, remove: () => removeDataDir(path) };
};
