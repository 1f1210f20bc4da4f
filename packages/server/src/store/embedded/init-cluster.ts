import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chown, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PostgresBinaries, programPath } from './postgres-binaries.ts';
import type { ProcessOwner } from './process-owner.ts';
import { describeWriteFailure, startFailure, systemErrorCode } from './start-failure.ts';

/** The superuser of an embedded cluster and the database the program works in. */
export const databaseName = 'headrace';
export const roleName = 'headrace';

const passwordName = 'postgres.password';

/** The environment for PostgreSQL's programs: nothing of ours leaks in, no PG* variable changes their mind. */
export const postgresEnvironment = (): NodeJS.ProcessEnv => {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP'].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
};

/** Reads the generated password from the data folder; makes one for a folder that has no cluster yet. */
export const readPassword = async (dataDir: string, hasCluster: boolean): Promise<string> => {
  const path = join(dataDir, passwordName);
  try {
    const password = (await readFile(path, 'utf8')).trim();
    if (password !== '') return password;
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw describeWriteFailure(error, dataDir);
  }
  if (hasCluster) {
    throw startFailure(
      `${path} is missing or empty: it holds the password of the database in that folder. Bring it back from a backup.`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, `${password}\n`, { mode: 0o600 });
  await rename(temporary, path);
  return password;
};

/**
 * Makes `<folder>/data` unless it is there. initdb works in a folder of another name, renamed when all is
 * done, so that an interrupted first start leaves nothing that looks like a cluster.
 *
 * @throws HeadraceError with initdb's own words; the signal's reason where aborted.
 */
export const initCluster = async (
  folder: string,
  binaries: PostgresBinaries,
  owner: ProcessOwner | undefined,
  password: string,
  signal: AbortSignal | undefined,
): Promise<void> => {
  await removeUnfinished(folder);
  const name = `init-${randomUUID()}`;
  const passwordFile = join(folder, `${name}.pw`);
  const unfinished = join(folder, name);
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (owner !== undefined) await chown(passwordFile, owner.uid, owner.gid);
    await runInitdb(binaries, owner, signal, [
      `--pgdata=${unfinished}`,
      `--pwfile=${passwordFile}`,
      `--username=${roleName}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ]);
    await rename(unfinished, join(folder, 'data'));
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    throw describeWriteFailure(error, folder);
  } finally {
    await rm(passwordFile, { force: true });
  }
};

/** The major version that made the cluster in `<folder>/data`; undefined where there is none. */
export const readClusterVersion = async (folder: string): Promise<number | undefined> => {
  const data = join(folder, 'data');
  if ((await stat(data).catch(() => undefined)) === undefined) return undefined;
  const version = Number((await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim());
  if (Number.isInteger(version) && version > 0) return version;
  throw startFailure(
    `${data} is no PostgreSQL data folder (it has no readable PG_VERSION). Restore it from a backup, ` +
      'or move it away to begin with an empty database.',
  );
};

// A killed start's initdb may still be writing there, so what cannot be removed now is left for next time.
const removeUnfinished = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('init-')) continue;
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
};

const runInitdb = (
  binaries: PostgresBinaries,
  owner: ProcessOwner | undefined,
  signal: AbortSignal | undefined,
  args: readonly string[],
): Promise<void> =>
  new Promise((resolve, reject) => {
    // A session of its own: a Ctrl-C in the terminal reaches the program, which decides by the signal given.
    const child = spawn(programPath(binaries, 'initdb'), args, {
      ...owner,
      ...(signal === undefined ? {} : { signal }),
      cwd: binaries.binFolder,
      detached: process.platform !== 'win32',
      env: postgresEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr?.on('data', (chunk) => {
      complaint += chunk;
    });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve();
      else reject(new Error(`initdb ended with ${killedBy ?? code}: ${complaint.trim()}`));
    });
  });
