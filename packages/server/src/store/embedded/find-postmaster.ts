import { spawnSync } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startFailure, systemErrorCode } from './start-failure.ts';

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
 * Reads which server runs on `<folder>/data`; undefined where none does. A pid file that a crash left behind, with the
 * lock of its socket, is removed, because PostgreSQL would take it for a server: its pid was perhaps given to another
 * process since, or its process has ended and nobody has reaped it.
 */
export const findPostmaster = async (folder: string): Promise<Postmaster | undefined> => {
  const data = join(folder, 'data');
  const path = join(data, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => '');
  // Lines, by PostgreSQL's src/include/utils/pidfile.h: pid, data folder, start, port, socket folder, address, key, status.
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const [port, socketFolder] = [Number(lines[3]), lines[4] ?? ''];
  if (!(await isPostmasterOf(pid, data))) {
    if ((await readFile(path, 'utf8').catch(() => '')) !== text) return undefined;
    // The lock of its socket goes first: what is left of an interruption here is found again by the pid file.
    if (socketFolder !== '') await rm(join(socketFolder, `.s.PGSQL.${port}.lock`), { force: true });
    await rm(path, { force: true });
    return undefined;
  }
  const status = lines[7]?.trim();
  return {
    pid,
    port,
    socketFolder,
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
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
};
