import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverNodeFlags } from '../../packages/cli/src/programs/start-programs.ts';
import { openDatabase } from '../../packages/server/src/store/database.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/store/embedded/start-embedded-postgres.ts';
import { migrate } from '../../packages/server/src/store/migrate.ts';

const program = join(import.meta.dirname, '..', '..', 'packages', 'server', 'src', 'main.ts');

/** The server as its own process with its embedded PostgreSQL, in an empty data folder. */
export type BenchServer = {
  readonly url: string;
  readonly token: string;
  /** @param type of the content where the body is a stream, not JSON. */
  readonly call: (method: string, path: string, body?: object, type?: string) => Promise<Answer>;
  /** The database of the server, and an empty one with the same tables beside it. */
  readonly database: ReturnType<typeof openDatabase>;
  readonly emptyDatabase: ReturnType<typeof openDatabase>;
  /** Processor time used so far, in seconds (Linux only, else 0). */
  readonly cpuSeconds: () => Promise<CpuSeconds>;
  /** Largest resident memory so far (Linux only, else 0). */
  readonly peakRssMb: () => Promise<number>;
  readonly stop: () => Promise<void>;
};
export type Answer = Record<string, unknown>;
export type CpuSeconds = { readonly server: number; readonly postgres: number };

/** @param settings environment of the server beyond its own. */
export async function startBenchServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'headrace-bench-'));
  const child = fork(program, [], {
    execArgv: [...serverNodeFlags, ...extraNodeFlags()],
    env: { ...process.env, HEADRACE_DATA_DIR: dataDir, HEADRACE_PORT: '0', ...settings },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [ready] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('The server did not start.');
    }),
  ]);
  const url = String((ready as Answer).url);
  const token = (await readFile(join(dataDir, 'owner-token'), 'utf8')).trim();
  // Adopts the PostgreSQL that the server has started.
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  const database = open(postgres.connectionString);
  await database.query('create database same_rows');
  const other = new URL(postgres.connectionString);
  other.pathname = '/same_rows';
  const emptyDatabase = open(other.href);
  await migrate(emptyDatabase);
  return {
    url,
    token,
    call: (method, path, body, type) => call(url, token, method, path, body, type),
    database,
    emptyDatabase,
    cpuSeconds: async () => ({
      server: (await readCpu(child.pid ?? 0)).own,
      postgres: await readCpuOfChildren(postgres.pid),
    }),
    peakRssMb: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    },
    stop: async () => {
      await Promise.all([database.end(), emptyDatabase.end()]);
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      const location = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => undefined);
      if (location !== undefined) await rm(location.trim(), { recursive: true, force: true });
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** To look inside: `HEADRACE_BENCH_NODE_FLAGS='--cpu-prof --cpu-prof-dir=/tmp/prof'`. */
const extraNodeFlags = (): string[] => process.env.HEADRACE_BENCH_NODE_FLAGS?.split(' ') ?? [];

const ticksPerSecond = 100;

type Cpu = { readonly parent: number; readonly own: number; readonly ended: number };

/** Processor time of a process, and of its children that have ended. */
async function readCpu(pid: number): Promise<Cpu> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Behind the name, which may hold blanks: state, parent, …, then utime, stime, cutime and cstime from the 12th on.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map((field) => Number(field) || 0);
  const secondsOf = (first: number): number =>
    ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) / ticksPerSecond;
  return { parent: fields[1] ?? 0, own: secondsOf(11), ended: secondsOf(13) };
}

async function readCpuOfChildren(parent: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const children = (await Promise.all(pids.map((pid) => readCpu(Number(pid))))).filter(
    (one) => one.parent === parent,
  );
  return children.reduce((sum, { own }) => sum + own, (await readCpu(parent)).ended);
}

const open = (connectionString: string) =>
  openDatabase({ config: { connectionString }, maxConnections: 2, onIdleError: () => undefined });

async function call(
  url: string,
  token: string,
  method: string,
  path: string,
  body: object | undefined,
  type: string | undefined,
): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
    },
    ...(body !== undefined && { body: type === undefined ? JSON.stringify(body) : (body as ReadableStream) }),
    ...(type !== undefined && { duplex: 'half' }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
  return JSON.parse(text) as Answer;
}
