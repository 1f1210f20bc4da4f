import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostmaster, stopPostmaster } from '../../server/src/store/embedded/find-postmaster.ts';
import { readProcessStart } from '../../server/src/store/embedded/process-identity.ts';
import { systemErrorCode } from '../../server/src/store/embedded/start-failure.ts';

/** The environment variable that names the folder of the present test run: all that it leaves lies there. */
export const runFolderVariable = 'HEADRACE_TEST_FOLDER';

/** Where data folders of tests are made. */
export const runFolder = (): string => process.env[runFolderVariable] ?? tmpdir();

/** Prefix of the data folders in it. */
export const dataDirPrefix = 'headrace-data-';

/** Notes a process group, so that it is ended also when the test run is killed. */
export const registerProcess = async (pid: number): Promise<void> => {
  const folder = process.env[runFolderVariable];
  if (folder === undefined) return;
  const start = await readProcessStart(pid);
  if (start === undefined) return;
  await mkdir(join(folder, 'pids'), { recursive: true });
  await writeFile(join(folder, 'pids', String(pid)), start);
};

/** Kills the process groups noted that still run. */
export const killRegistered = async (folder: string): Promise<void> => {
  for (const name of await readdir(join(folder, 'pids')).catch(() => [])) {
    const start = await readFile(join(folder, 'pids', name), 'utf8');
    if ((await readProcessStart(Number(name))) === start) killGroup(Number(name), 'SIGKILL');
  }
};

/** Signals a process and all that is in its group; nothing happens where nobody is left in it. */
export const killGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
};

/** Stops the PostgreSQL that runs in a data folder and deletes all of it, also what is kept elsewhere. */
export const removeDataDir = async (path: string): Promise<void> => {
  const pointed = await readFile(join(path, 'postgres.location'), 'utf8').catch(() => undefined);
  const folder = pointed?.trim() ?? join(path, 'postgres');
  const left = await findPostmaster(folder);
  if (left !== undefined) await stopPostmaster(folder, left);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  await rm(path, { recursive: true, force: true, maxRetries: 5 });
};
