import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, readlink, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { postgresEnvironment } from './init-cluster.ts';
import { type PostgresBinaries, programPath } from './postgres-binaries.ts';
import type { ProcessOwner } from './process-owner.ts';
import { describeWriteFailure, startFailure } from './start-failure.ts';

/** A running PostgreSQL server, as its `postmaster.pid` describes it. */
export type Postmaster = {
  readonly pid: number;
  readonly port: number;
  /** Folder of its unix socket; empty where it listens on loopback only. */
  readonly socketFolder: string;
  readonly isReady: boolean;
  readonly isStopping: boolean;
};

const pollMs = 10;
const fastShutdownMs = 30_000;

/**
 * Reads which server runs on `<folder>/data`; undefined where none does. A pid file that a crash left behind,
 * its pid perhaps given to another process since, is removed, because PostgreSQL would take it for a server.
 */
export const findPostmaster = async (folder: string): Promise<Postmaster | undefined> => {
  const data = join(folder, 'data');
  const path = join(data, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => '');
  // Lines, by PostgreSQL's src/include/utils/pidfile.h: pid, data folder, start, port, socket folder, address, key, status.
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (!(await isPostmasterOf(pid, data))) {
    if ((await readFile(path, 'utf8').catch(() => '')) === text) await rm(path, { force: true });
    return undefined;
  }
  const status = lines[7]?.trim();
  return {
    pid,
    port: Number(lines[3]),
    socketFolder: lines[4] ?? '',
    isReady: status === 'ready',
    isStopping: status === 'stopping',
  };
};

// A postmaster works in its data folder, which no other process that got its pid does.
const isPostmasterOf = async (pid: number, data: string): Promise<boolean> => {
  if (process.platform === 'linux') {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return cwd !== undefined && cwd === (await realpath(data));
  }
  const [command, args] =
    process.platform === 'win32'
      ? ['tasklist', ['/FI', `PID eq ${pid}`, '/NH']]
      : ['ps', ['-o', 'comm=', '-p', String(pid)]];
  return /postgres/.test(spawnSync(command, args, { encoding: 'utf8' }).stdout ?? '');
};

/** How to start a server. */
export type PostmasterOptions = {
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  readonly owner: ProcessOwner | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly log: (line: string) => void;
};

/**
 * Starts a server in a session of its own: it neither hears the terminal's Ctrl-C nor dies with this process.
 * Resolves when it takes connections, which after a crash is when it has recovered.
 *
 * @throws HeadraceError with the server's own last words; the signal's reason where aborted.
 */
export const startPostmaster = async (options: PostmasterOptions): Promise<Postmaster> => {
  const { folder, log } = options;
  const logFile = join(folder, 'postgres.log');
  for (let attempt = 0; ; attempt += 1) {
    await rename(logFile, `${logFile}.1`).catch(() => undefined);
    const hasEnded = spawnPostmaster(options, logFile);
    const started = await waitUntilReady(options, hasEnded);
    if (started !== undefined) return started;
    const words = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join('\n');
    // Where only the postmaster was killed, its children need a moment to notice and let go of the memory.
    if (!/shared memory block .* is still in use/.test(words) || attempt >= 50) {
      if (/No space left on device/.test(words)) throw describeWriteFailure(new Error(words), folder);
      throw startFailure(`PostgreSQL did not start on ${folder}. The end of ${logFile} says:\n${words}`);
    }
    if (attempt === 0) log('Waiting for the processes of a killed PostgreSQL to end.');
    await delay(200, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
};

const spawnPostmaster = (options: PostmasterOptions, logFile: string): (() => boolean) => {
  const { folder, binaries, owner, settings } = options;
  const data = join(folder, 'data');
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile, 'a', 0o600);
  const common = { ...owner, cwd: binaries.binFolder, env: postgresEnvironment(), windowsHide: true };
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
  };
  try {
    // On Windows only pg_ctl can give up an administrator's rights, which postgres refuses.
    if (process.platform === 'win32') {
      const quoted = args.map((arg) => `"${arg}"`).join(' ');
      const start = ['start', '-W', '-D', data, '-l', logFile, '-o', quoted];
      spawn(programPath(binaries, 'pg_ctl'), start, { ...common, stdio: 'ignore' })
        .once('error', end)
        .unref();
    } else {
      const stdio: ['ignore', number, number] = ['ignore', log, log];
      const child = spawn(programPath(binaries, 'postgres'), ['-D', data, ...args], {
        ...common,
        detached: true,
        stdio,
      });
      child.once('error', end);
      child.once('exit', end);
      child.unref();
    }
  } finally {
    closeSync(log);
  }
  return () => hasEnded;
};

const waitUntilReady = async (
  { folder, signal, log }: PostmasterOptions,
  hasEnded: () => boolean,
): Promise<Postmaster | undefined> => {
  const startedAt = performance.now();
  let nextNoticeMs = 5_000;
  for (;;) {
    const found = await findPostmaster(folder);
    if (found?.isReady === true) return found;
    if (signal?.aborted === true) {
      if (found !== undefined) await stopPostmaster(folder, found);
      signal.throwIfAborted();
    }
    if (hasEnded()) return undefined;
    if (performance.now() - startedAt > nextNoticeMs) {
      log('PostgreSQL is still starting; after a crash it first goes through its log.');
      nextNoticeMs *= 2;
    }
    await delay(pollMs);
  }
};

/** Waits for a server that another process started to be ready or gone. */
export const settlePostmaster = async (
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Postmaster | undefined> => {
  for (;;) {
    const found = await findPostmaster(folder);
    if (found === undefined || found.isReady) return found;
    signal?.throwIfAborted();
    await delay(pollMs);
  }
};

/**
 * Shuts a server down in order, its connections cut ("fast"), and waits until it is gone. One that does not
 * end in 30 s is ended at once; its next start recovers.
 */
export const stopPostmaster = async (folder: string, { pid }: Postmaster): Promise<void> => {
  for (const name of ['SIGINT', 'SIGQUIT'] as const) {
    signalPostmaster(pid, name);
    const deadline = performance.now() + fastShutdownMs;
    while (performance.now() < deadline) {
      if ((await findPostmaster(folder))?.pid !== pid) return;
      await delay(pollMs);
    }
  }
  throw startFailure(`PostgreSQL (process ${pid}) on ${folder} does not stop.`);
};

const signalPostmaster = (pid: number, name: 'SIGINT' | 'SIGQUIT'): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};
