import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, onTestFinished } from 'vitest';
import { killGroup, registerProcess } from './run-folder.ts';

/** What to run. */
export type ProcessOptions = {
  /** Script to run. */
  readonly entry: string;
  /** The Node to run it with, in place of the one that runs the tests. */
  readonly node?: string;
  readonly args?: readonly string[];
  /** Beside PATH, HOME and TMPDIR, which alone are inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Wait for this on standard output or standard error; without it the process counts as ready at once. */
  readonly readyLine?: RegExp | undefined;
  /** How long it may take to get ready. */
  readonly timeoutMs?: number;
  /** Another user to run as; needs root. */
  readonly owner?: { readonly uid: number; readonly gid: number };
};

/** How a process ended. */
export type ProcessExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A process that a test started. It is gone at the end of the test, or of the file if no test was running. */
export type StartedProcess = {
  readonly pid: number;
  /** Standard output and standard error so far, as they came. */
  readonly output: string;
  /** The match of `readyLine`. */
  readonly ready: RegExpExecArray | undefined;
  readonly exited: Promise<ProcessExit>;
  kill(signal?: NodeJS.Signals): void;
  /** Resolves with the match once the output has it; rejects when the process ends or time is up first. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Asks it to end (SIGTERM), and after 10 s kills it and what it started in its process group. */
  stop(): Promise<ProcessExit>;
};

const running = new Set<StartedProcess>();
const graceMs = 10_000;
const pollMs = 10;

afterAll(async () => {
  await Promise.all([...running].map((started) => started.stop()));
});
process.once('exit', () => {
  for (const { pid } of running) killGroup(pid, 'SIGKILL');
});

/**
 * Starts a process and waits until it is ready.
 *
 * @throws Error with the output so far, where the process ends or time is up before `readyLine` came.
 */
export const startProcess = async (options: ProcessOptions): Promise<StartedProcess> => {
  const child = spawn(options.node ?? process.execPath, [options.entry, ...(options.args ?? [])], {
    ...options.owner,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    // A process group of its own, so that what it leaves behind can be ended with it.
    detached: true,
    env: { ...inheritedEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let ready: RegExpExecArray | undefined;
  const observed = observe(child);
  const { pid } = child;
  if (pid === undefined) throw await observed.failure;
  const waitFor = async (pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> => {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const hasEnded = observed.hasEnded();
      const match = pattern.exec(observed.output());
      if (match !== null) return match;
      const problem = hasEnded
        ? 'ended'
        : performance.now() > deadline
          ? `took over ${timeoutMs} ms`
          : undefined;
      if (problem !== undefined) {
        throw new Error(
          `${options.entry} ${problem} before ${pattern} came. Its output:\n${observed.output()}`,
        );
      }
      await delay(pollMs);
    }
  };
  const started: StartedProcess = {
    pid,
    get output() {
      return observed.output();
    },
    get ready() {
      return ready;
    },
    exited: observed.exited,
    kill: (signal = 'SIGTERM') => {
      if (!observed.hasEnded()) child.kill(signal);
    },
    waitFor,
    stop: async () => {
      if (!observed.hasEnded()) child.kill('SIGTERM');
      await Promise.race([observed.exited, delay(graceMs, undefined, { ref: false })]);
      killGroup(pid, 'SIGKILL');
      running.delete(started);
      return observed.exited;
    },
  };
  running.add(started);
  await registerProcess(pid);
  stopAtTestEnd(started);
  if (options.readyLine !== undefined) ready = await waitFor(options.readyLine, options.timeoutMs);
  return started;
};

const inheritedEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

const observe = (child: ChildProcess) => {
  let output = '';
  let hasEnded = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const failure = new Promise<Error>((resolve) => child.once('error', resolve));
  const exited = new Promise<ProcessExit>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      hasEnded = true;
      resolve({ code, signal });
    };
    // `close` comes when all output has; a grandchild that holds the pipe must not make us wait for it.
    child.once('close', end);
    child.once('exit', (code, signal) => setTimeout(end, 500, code, signal));
  });
  return { output: () => output, hasEnded: () => hasEnded, failure, exited };
};

const stopAtTestEnd = (started: StartedProcess): void => {
  try {
    onTestFinished(async () => {
      await started.stop();
    });
  } catch {
    // Not inside a test: the end of the file is near enough.
  }
};
