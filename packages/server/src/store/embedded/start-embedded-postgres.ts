import { mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { placeClusterFolder } from './cluster-folder.ts';
import { findPostmaster, type Postmaster, settlePostmaster, stopPostmaster } from './find-postmaster.ts';
import { databaseName, initCluster, readClusterVersion, readPassword } from './init-cluster.ts';
import {
  inspectBinaries,
  installBinaries,
  type PostgresBinaries,
  removeOtherBinaries,
} from './postgres-binaries.ts';
import { chooseOwner, isRoot, type ProcessOwner } from './process-owner.ts';
import { chooseListening, connectionStringOf, removeSocketFolder } from './server-address.ts';
import { describeWriteFailure, startFailure } from './start-failure.ts';
import { startPostmaster } from './start-postmaster.ts';

/** A PostgreSQL server of our own that takes connections. */
export type EmbeddedPostgres = {
  /** URL of the program's database, with the password: never to be shown. */
  readonly connectionString: string;
  /** True where the server was running already, left by a program that was killed. */
  readonly adopted: boolean;
  /** Process id of the server. */
  readonly pid: number;
  /** Where its binaries, data and log are: in the data folder, or under /var/lib/headrace. */
  readonly folder: string;
  /** Shuts the server down in order; connections still open are cut. Safe to call twice. */
  stop(): Promise<void>;
};

/** What to start. */
export type EmbeddedPostgresOptions = {
  /** The program's data folder, already locked by `lockDataDir`; created where it is missing. */
  readonly dataDir: string;
  readonly log: (line: string) => void;
  /** Gives up the start; has no effect once started. */
  readonly signal?: AbortSignal;
  /** Server settings beside or instead of ours; an adopted server keeps those it has. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Folder of an installed PostgreSQL's programs, used in place of those from npm. */
  readonly binFolder?: string;
};

/**
 * Starts PostgreSQL on a data folder, or adopts the one that still runs there. What is missing is made:
 * folders, the copy of the binaries, the cluster, the database.
 *
 * @throws HeadraceError `conflict` with what to do: no binaries for the platform, a full disk, a folder
 * without rights, data of another major version, a server that does not start.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const { log, signal } = options;
  const dataDir = resolve(options.dataDir);
  try {
    const mode = isRoot() ? 0o711 : 0o700;
    await mkdir(dataDir, { recursive: true, mode });
    const newOwner = isRoot() ? chooseOwner() : undefined;
    const folder = await realpath(await placeClusterFolder(dataDir, newOwner, log));
    const binaries =
      options.binFolder === undefined ? await installBinaries(folder) : inspectBinaries(options.binFolder);
    signal?.throwIfAborted();
    const version = await readClusterVersion(folder);
    checkVersion(folder, version, binaries);
    const password = await readPassword(dataDir, version !== undefined);
    if (version === undefined) {
      await initCluster(folder, binaries, isRoot() ? newOwner : chooseOwner(), password, signal);
    }
    const owner = await readClusterOwner(folder);
    const left = await adopt(folder, binaries, signal);
    const running = left ?? (await start(folder, binaries, owner, options));
    if (left === undefined) await removeOtherBinaries(folder, binaries);
    await ensureDatabase(running, password, dataDir);
    return {
      connectionString: connectionStringOf(running, password, databaseName),
      adopted: left !== undefined,
      pid: running.pid,
      folder,
      stop: () => stop(folder, running),
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw describeWriteFailure(error, dataDir);
  }
};

const checkVersion = (folder: string, version: number | undefined, binaries: PostgresBinaries): void => {
  if (version === undefined || version === binaries.majorVersion) return;
  throw startFailure(
    `The database in ${folder} was made by PostgreSQL ${version}, and this version of Headrace brings ` +
      `PostgreSQL ${binaries.majorVersion}, which cannot read it. Export it with the version that made it, ` +
      'begin with an empty data folder, and import.',
  );
};

// The cluster stays with the user it was made for, also when `postgres` comes to exist later.
const readClusterOwner = async (folder: string): Promise<ProcessOwner | undefined> => {
  if (!isRoot()) return undefined;
  const { uid, gid } = await stat(join(folder, 'data'));
  return { uid, gid };
};

const adopt = async (
  folder: string,
  binaries: PostgresBinaries,
  signal: AbortSignal | undefined,
): Promise<Postmaster | undefined> => {
  const found = await settlePostmaster(folder, signal);
  if (found === undefined) return undefined;
  const command = await readFile(join(folder, 'data', 'postmaster.opts'), 'utf8').catch(() => '');
  if (command.startsWith(join(binaries.binFolder, 'postgres'))) return found;
  // It runs from the binaries of an earlier version of ours.
  await stop(folder, found);
  return undefined;
};

const start = async (
  folder: string,
  binaries: PostgresBinaries,
  owner: ProcessOwner | undefined,
  { settings, signal, log }: EmbeddedPostgresOptions,
): Promise<Postmaster> => {
  const listening = await chooseListening(folder, owner);
  return startPostmaster({
    folder,
    binaries,
    owner,
    settings: { ...defaultSettings, ...listening, ...settings },
    signal,
    log,
  });
};

const defaultSettings: Readonly<Record<string, string>> = {
  shared_buffers: '256MB',
  wal_buffers: '16MB',
  max_connections: '50',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  // Compiling a query costs more than it saves for statements that take milliseconds.
  jit: 'off',
  timezone: 'UTC',
  // The log keeps what went wrong, not whose data it was: neither statements nor the values of a violated key.
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

const ensureDatabase = async (running: Postmaster, password: string, dataDir: string): Promise<void> => {
  const client = new pg.Client({ connectionString: connectionStringOf(running, password, 'postgres') });
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '28P01') {
      throw startFailure(
        `The database refuses the password in ${join(dataDir, 'postgres.password')}. Bring the right one back from a backup.`,
        error,
      );
    }
    throw error;
  } finally {
    await client.end();
  }
};

const stop = async (folder: string, running: Postmaster): Promise<void> => {
  const found = await findPostmaster(folder);
  if (found?.pid === running.pid) await stopPostmaster(folder, found);
  await removeSocketFolder(folder, running);
};
