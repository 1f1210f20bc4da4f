import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPostmaster, type Postmaster, stopPostmaster } from './find-postmaster.ts';
import { postgresEnvironment } from './init-cluster.ts';
import { type PostgresBinaries, programPath } from './postgres-binaries.ts';
import type { ProcessOwner } from './process-owner.ts';
import { describeWriteFailure, startFailure } from './start-failure.ts';

const pollMs = 10;

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
