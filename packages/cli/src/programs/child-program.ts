import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { HeadraceError } from '@headrace/core';
import { explainWriteFailure } from './data-folder.ts';
import { readProcessStart } from './process-start.ts';
import { explainLog, openProgramLog, type ProgramLog } from './program-log.ts';
import type { ChildIdentity } from './program-record.ts';

/** A program to run beside this one. */
export type ChildSpec = {
  /** As a person reads it: `server`, `Salesforce emulator`. */
  readonly name: string;
  readonly entry: string;
  /** Flags of Node itself. */
  readonly nodeFlags: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logPath: string;
  /** Answers 2xx once the program takes requests. */
  readonly readyUrl: string;
  readonly readyTimeoutMs: number;
};

export type ChildExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A child process that took requests at least once. */
export type ChildProgram = {
  readonly name: string;
  readonly logPath: string;
  readonly identity: ChildIdentity;
  readonly exited: Promise<ChildExit>;
  /** Asks it to end, and kills it when it takes longer than the limit. */
  stop(limitMs: number): Promise<ChildExit>;
  /** Ends it at once. */
  kill(): void;
};

const pollMs = 40;

/**
 * Starts a program and waits until it takes requests.
 *
 * It gets a channel to this process, whose end tells it that this process is gone however that happened, and a
 * process group of its own, so that Ctrl-C reaches it through this process alone, in order.
 *
 * @param onSpawned told before the program is ready, so that it can be found again after a crash in between
 * @throws HeadraceError `conflict` with what the program itself said, when it ends or stays silent
 */
export const startChild = async (
  spec: ChildSpec,
  onSpawned: (identity: ChildIdentity) => Promise<void>,
  signal: AbortSignal,
): Promise<ChildProgram> => {
  signal.throwIfAborted();
  const log = openLog(spec.logPath);
  const child = spawn(process.execPath, [...spec.nodeFlags, spec.entry, ...spec.args], {
    env: { ...spec.env },
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  log.close();
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, exitSignal) => resolve({ code, signal: exitSignal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const { pid } = child;
  if (pid === undefined) throw new HeadraceError('conflict', `The ${spec.name} could not be started.`);
  const identity = { pid, start: (await readProcessStart(pid)) ?? '' };
  const program: ChildProgram = {
    name: spec.name,
    logPath: spec.logPath,
    identity,
    exited,
    stop: (limitMs) => stopChild(child, exited, limitMs),
    kill: () => child.kill('SIGKILL'),
  };
  try {
    await onSpawned(identity);
    const outcome = await waitUntilReady(spec, exited, signal);
    if (outcome === 'ready') return program;
    const reason = explainLog(log.readNew());
    const what =
      outcome === 'ended' ? 'did not start' : `was not ready after ${spec.readyTimeoutMs / 1000} s`;
    throw new HeadraceError(
      'conflict',
      reason === ''
        ? `The ${spec.name} ${what}. Its log, ${spec.logPath}, may say why.`
        : `The ${spec.name} ${what}:\n${reason}`,
    );
  } catch (error) {
    await program.stop(5_000);
    throw error;
  }
};

const openLog = (path: string): ProgramLog => {
  try {
    return openProgramLog(path);
  } catch (error) {
    throw explainWriteFailure(error, dirname(path));
  }
};

const waitUntilReady = async (
  spec: ChildSpec,
  exited: Promise<ChildExit>,
  signal: AbortSignal,
): Promise<'ready' | 'ended' | 'silent'> => {
  const deadline = Date.now() + spec.readyTimeoutMs;
  while (Date.now() < deadline) {
    const outcome = await Promise.race([exited.then(() => 'ended' as const), probe(spec.readyUrl)]);
    if (outcome !== 'not yet') return outcome;
    signal.throwIfAborted();
    await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, pollMs))]);
  }
  return 'silent';
};

const probe = async (url: string): Promise<'ready' | 'not yet'> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok ? 'ready' : 'not yet';
  } catch {
    return 'not yet';
  }
};

const stopChild = async (
  child: ChildProcess,
  exited: Promise<ChildExit>,
  limitMs: number,
): Promise<ChildExit> => {
  // Windows has no SIGTERM to catch: there the end of the channel is the request.
  if (process.platform === 'win32' && child.connected) child.disconnect();
  else child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  try {
    return await exited;
  } finally {
    clearTimeout(timer);
  }
};
