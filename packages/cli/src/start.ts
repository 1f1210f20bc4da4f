import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadraceError } from '@headrace/core';
import { describeProblem } from './describe-problem.ts';
import { locateDataFolder } from './programs/data-folder.ts';
import type { ProgramEntries } from './programs/entries.ts';
import { loopback } from './programs/ports.ts';
import { startPrograms } from './programs/start-programs.ts';
import { runSample } from './sample/run-sample.ts';
import { showNextSteps } from './sample/show-next-steps.ts';
import { listenForEnd } from './signals.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What `headrace start` was asked to do. */
export type StartOptions = {
  readonly entries: ProgramEntries;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDir: string;
  /** Do the sample job on an emulated org. */
  readonly withSample: boolean;
  /** End after the summary. */
  readonly once: boolean;
  readonly terminal: Terminal;
};

const defaultPort = 4400;
const forcedExitCode = 130;

/**
 * Starts the programs, runs the sample job, and stays until it is asked to end.
 *
 * @returns the exit code, with nothing left running
 * @throws HeadraceError for what a person can act on, with nothing left running
 */
export const start = async (options: StartOptions): Promise<number> => {
  const { terminal, environment } = options;
  const folder = locateDataFolder(environment, options.workingDir);
  const address = readAddress(environment);
  let kill = (): void => undefined;
  const end = listenForEnd(() => {
    kill();
    process.exit(forcedExitCode);
  });
  try {
    terminal.line(`Headrace ${options.entries.version}, data in ${folder.path}`);
    const programs = await startPrograms(
      {
        folder,
        entries: options.entries,
        environment,
        address,
        withEmulator: options.withSample,
        say: (line) => terminal.line(line),
      },
      end.signal,
    );
    kill = programs.kill;
    const elsewhere = await readFile(join(folder.path, 'postgres.location'), 'utf8').catch(() => undefined);
    if (elsewhere !== undefined)
      terminal.line(
        `The database is in ${elsewhere.trim()}, since PostgreSQL's user cannot enter the data folder.`,
      );
    let exitCode = 0;
    try {
      const work = async (): Promise<void> => {
        const { serverUrl, emulatorUrl } = programs;
        const sample =
          emulatorUrl === undefined
            ? undefined
            : await runSample({ ...options, serverUrl, emulatorUrl, folder }, end.signal).catch(
                (error: unknown) => {
                  // The server goes on: what failed can be looked at, corrected and tried again.
                  if (options.once || end.signal.aborted || !(error instanceof HeadraceError)) throw error;
                  terminal.line(terminal.style('bad', `The sample job stopped: ${describeProblem(error)}`));
                  return undefined;
                },
              );
        if (options.once) {
          if (sample?.agrees === false) exitCode = 1;
          return;
        }
        terminal.line(terminal.style('good', `Headrace ready: ${serverUrl}`));
        if (emulatorUrl !== undefined)
          showNextSteps({ serverUrl, emulatorUrl, folder, member: sample?.member }, terminal);
        await untilAborted(end.signal);
      };
      await Promise.race([work(), programs.broken]);
    } finally {
      if (end.signal.aborted) terminal.line('Stopping …');
      await programs.stop();
    }
    return exitCode;
  } catch (error) {
    if (end.signal.aborted) return 0;
    throw error;
  } finally {
    end.stopListening();
  }
};

/** Where the server is to listen; port 0 has a free one chosen. */
const readAddress = (
  environment: StartOptions['environment'],
): { readonly host: string; readonly port: number } => {
  const host = environment.HEADRACE_HOST?.trim() || loopback;
  const text = environment.HEADRACE_PORT?.trim() || String(defaultPort);
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new HeadraceError('invalid_input', 'HEADRACE_PORT must be a port number from 0 to 65535.');
  return { host, port: Number(text) };
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
