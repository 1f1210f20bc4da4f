import { HeadraceError } from '@headrace/core';
import { type ChildProgram, type ChildSpec, startChild } from './child-program.ts';
import type { DataFolder } from './data-folder.ts';
import { createDataFolder, explainWriteFailure } from './data-folder.ts';
import type { ProgramEntries } from './entries.ts';
import { type KeptProgram, keepRunning } from './keep-running.ts';
import { waitForLeftovers } from './leftover-children.ts';
import { chooseLoopbackPort, loopback, probePort, urlOf } from './ports.ts';
import { lockProgram } from './program-lock.ts';
import { boundLog } from './program-log.ts';
import { type ProgramRecord, readProgramRecord, writeProgramRecord } from './program-record.ts';

/** What to start, and on what. */
export type ProgramsOptions = {
  readonly folder: DataFolder;
  readonly entries: ProgramEntries;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the server is to listen; port 0 has a free one chosen. */
  readonly address: { readonly host: string; readonly port: number };
  readonly withEmulator: boolean;
  /** Told in one line what the person should know: a wait, a restart. */
  readonly say: (line: string) => void;
};

/** The running programs. */
export type Programs = {
  readonly serverUrl: string;
  readonly emulatorUrl: string | undefined;
  /** Rejects with the reason when one of them cannot be kept running. */
  readonly broken: Promise<never>;
  /** Ends the server, then the emulator, then gives the data folder free. */
  stop(): Promise<void>;
  /** Ends them at once. */
  kill(): void;
};

const leftoverLimitMs = 15_000;
const startLimitMs = 60_000;
const stopServerLimitMs = 15_000;
const stopEmulatorLimitMs = 5_000;
/**
 * V8 lets a heap without a limit grow before it collects: loading the sample then takes 320 to 380 MB of
 * memory, with these flags 200 MB in the same time. `NODE_OPTIONS` with limits of its own goes before.
 */
export const serverNodeFlags = ['--max-old-space-size=512', '--max-semi-space-size=32'];
const maxLogBytes = 20_000_000;
const logCheckMs = 30_000;

/**
 * Takes the data folder and starts the emulator and the server on it. What was started is stopped again when a
 * later step fails.
 *
 * @throws HeadraceError `conflict` when the folder or the port is in use, or a program does not start
 */
export const startPrograms = async (options: ProgramsOptions, signal: AbortSignal): Promise<Programs> => {
  const { folder, say } = options;
  await createDataFolder(folder);
  const lock = await lockProgram(folder.path);
  const kept: { readonly program: KeptProgram; readonly stopLimitMs: number }[] = [];
  const stop = async (): Promise<void> => {
    for (const { program, stopLimitMs } of kept.toReversed()) await program.stop(stopLimitMs);
    clearInterval(logTimer);
    await record.update({ pid: null, url: null, children: [] }).catch(() => undefined);
    lock.release();
  };
  const previous = await readProgramRecord(folder.path);
  const record = keepRecord(folder, previous);
  const logTimer = setInterval(() => {
    for (const path of [folder.serverLog, folder.emulatorLog])
      boundLog(path, maxLogBytes).catch(() => undefined);
  }, logCheckMs);

  const keep = async (spec: ChildSpec, stopLimitMs: number): Promise<void> => {
    let former: ChildProgram['identity'] | undefined;
    const start = (startSignal: AbortSignal): Promise<ChildProgram> =>
      startChild(
        spec,
        async (identity) => {
          await record.replaceChild(former, identity);
          former = identity;
        },
        startSignal,
      );
    kept.push({ program: keepRunning(await start(signal), start, say), stopLimitMs });
  };

  try {
    const left = await waitForLeftovers(previous.children, leftoverLimitMs, signal);
    if (left.length > 0)
      throw new HeadraceError(
        'conflict',
        `An earlier Headrace on ${folder.path} was killed, and of its programs still run: process ${left.join(', ')}. ` +
          'End them, then start again.',
      );
    const { host } = options.address;
    const port = await probePort(host, options.address.port);
    if (port === undefined)
      throw new HeadraceError(
        'conflict',
        `The port ${options.address.port} of ${host} is in use by another program, or may not be used. ` +
          'Set HEADRACE_PORT to a free port.',
      );
    const serverUrl = urlOf(host, port);
    await record.update({ pid: process.pid, url: serverUrl, children: [] });
    const emulatorPort = options.withEmulator ? await chooseLoopbackPort(previous.emulatorPort) : undefined;
    if (emulatorPort !== undefined) {
      await record.update({ emulatorPort });
      await keep(emulatorSpec(options, emulatorPort), stopEmulatorLimitMs);
    }
    await keep(serverSpec(options, port), stopServerLimitMs);
    const broken = Promise.race(kept.map(({ program }) => program.done)).then(
      () => new Promise<never>(() => undefined),
    );
    // Its reader may come later.
    broken.catch(() => undefined);
    return {
      serverUrl,
      emulatorUrl: emulatorPort === undefined ? undefined : urlOf(loopback, emulatorPort),
      broken,
      stop,
      kill: () => {
        for (const { program } of kept) program.kill();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

const emulatorSpec = ({ folder, entries, environment }: ProgramsOptions, port: number): ChildSpec => ({
  name: 'Salesforce emulator',
  entry: entries.emulator,
  nodeFlags: [],
  args: ['--port', String(port), '--data', folder.emulatorDir, '--org', entries.emulatedOrg],
  env: environment,
  logPath: folder.emulatorLog,
  readyUrl: `${urlOf(loopback, port)}/emulator/health`,
  readyTimeoutMs: startLimitMs,
});

const serverSpec = (
  { folder, entries, environment, address, withEmulator }: ProgramsOptions,
  port: number,
): ChildSpec => ({
  name: 'server',
  entry: entries.server,
  nodeFlags: environment.NODE_OPTIONS?.includes('--max-') ? [] : serverNodeFlags,
  args: [],
  env: {
    ...environment,
    HEADRACE_DATA_DIR: folder.path,
    HEADRACE_PORT: String(port),
    // The emulated org is on this machine; a server without it is as strict as it was told to be.
    ...(withEmulator ? { HEADRACE_ALLOW_LOOPBACK_DESTINATIONS: 'true' } : {}),
  },
  logPath: folder.serverLog,
  readyUrl: `${urlOf(address.host, port)}/health/ready`,
  readyTimeoutMs: startLimitMs,
});

/** The record of this program, written one change after another. */
const keepRecord = (folder: DataFolder, first: ProgramRecord) => {
  let present = first;
  let writing: Promise<void> = Promise.resolve();
  const update = (change: Partial<ProgramRecord>): Promise<void> => {
    present = { ...present, ...change };
    const written = present;
    writing = writing
      .catch(() => undefined)
      .then(() => writeProgramRecord(folder.path, written))
      .catch((error: unknown) => {
        throw explainWriteFailure(error, folder.path);
      });
    return writing;
  };
  return {
    update,
    replaceChild: (former: ChildProgram['identity'] | undefined, next: ChildProgram['identity']) =>
      update({ children: [...present.children.filter(({ pid }) => pid !== former?.pid), next] }),
  };
};
