import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeDataDir, startProcess, type TestDataDir } from '@headrace/testkit';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canEnter } from '../packages/server/src/store/embedded/process-owner.ts';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../packages/server/src/store/embedded/start-embedded-postgres.ts';

const entry = fileURLToPath(new URL('programs/embedded-postgres.ts', import.meta.url));
const isRoot = process.geteuid?.() === 0;
const isLinux = process.platform === 'linux';
const nobody = { uid: 65_534, gid: 65_534 };
let dataDir: TestDataDir;

beforeEach(async () => {
  dataDir = await makeDataDir();
});
afterEach(() => dataDir.remove());

const start = (path = dataDir.path): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataDir: path, log: () => undefined });

const startElsewhere = async () => {
  const program = await startProcess({ entry, args: [dataDir.path], readyLine: /started (\d+) (\S+)/ });
  return { program, pid: Number(program.ready?.[1]), url: program.ready?.[2] ?? '' };
};

const query = async (connectionString: string, text: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
};

const isRunning = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (text) => !/\) [ZX] /.test(text),
    () => false,
  );

test('a first start makes a private, durable, UTF-8 database; a second finds its data', async () => {
  const first = await start();
  expect(first.adopted).toBe(false);
  const asked = ['fsync', 'server_encoding', 'listen_addresses'];
  const shown = asked.map((name) => `current_setting('${name}')`);
  expect(
    await query(
      first.connectionString,
      `select ${shown}, datcollate from pg_database where datname = current_database()`,
    ),
  ).toEqual(['on', 'UTF8', '', 'C']);
  await query(first.connectionString, 'create table kept as select 42 as answer');
  const stranger = new URL(first.connectionString);
  stranger.password = 'guess';
  await expect(query(stranger.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  expect((await stat(join(dataDir.path, 'postgres.password'))).mode & 0o077).toBe(0);
  await first.stop();
  await first.stop();
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await query(second.connectionString, 'select answer from kept')).toEqual([42]);
  await second.stop();
});

test('the server outlives a killed program, out of reach of its Ctrl-C, and the next start adopts it', async () => {
  const { program, pid, url } = await startElsewhere();
  await query(url, 'create table kept as select 7 as answer');
  if (isLinux) {
    // proc_pid_stat(5): fields 5 and 6 are process group and session.
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    expect([fields[2], fields[3]]).toEqual([String(pid), String(pid)]);
  }
  program.kill('SIGKILL');
  await program.exited;
  const adopted = await start();
  expect(adopted).toMatchObject({ adopted: true, pid, connectionString: url });
  expect(await query(adopted.connectionString, 'select answer from kept')).toEqual([7]);
  await adopted.stop();
  // Its pid file goes a moment before the process itself.
  if (isLinux) await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
});

test('a killed server recovers what it had acknowledged', async () => {
  const first = await start();
  await query(first.connectionString, 'create table kept as select 5 as answer');
  process.kill(first.pid, 'SIGKILL');
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await query(second.connectionString, 'select answer from kept')).toEqual([5]);
  await second.stop();
});

test.runIf(isLinux)("a killed server that nobody has reaped yet is in nobody's way", async () => {
  const { program, pid, url } = await startElsewhere();
  await query(url, 'create table kept as select 9 as answer');
  // Its parent, which would reap it, cannot.
  program.kill('SIGSTOP');
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
  expect(process.kill(pid, 0)).toBe(true);
  const server = await start();
  expect(server.adopted).toBe(false);
  expect(await query(server.connectionString, 'select answer from kept')).toEqual([9]);
  program.kill('SIGKILL');
  await program.exited;
  await server.stop();
});

test('a first start killed in the middle leaves nothing in the way', async () => {
  const program = await startProcess({ entry, args: [dataDir.path] });
  const folder = join(dataDir.path, 'postgres');
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await delay(2)) {
    const entries = await readdir(folder).catch(() => []);
    if (entries.some((name) => /^init-.*\w$/.test(name) && !name.endsWith('.pw'))) break;
  }
  program.kill('SIGKILL');
  await program.exited;
  expect(await readdir(folder)).not.toContain('data');
  const server = await start();
  expect(await query(server.connectionString, 'select 1')).toEqual([1]);
  await server.stop();
});

test('a pid file whose pid went to another process is seen through', async () => {
  const first = await start();
  const path = join(first.folder, 'data', 'postmaster.pid');
  const text = await readFile(path, 'utf8');
  await first.stop();
  await writeFile(path, text.replace(/^\d+/, String(process.pid)));
  if (isRoot) {
    const { uid, gid } = await stat(join(first.folder, 'data'));
    await chown(path, uid, gid);
  }
  const second = await start();
  expect(second.adopted).toBe(false);
  await second.stop();
});

test('data of another major version is refused with the way out', async () => {
  const first = await start();
  await first.stop();
  await writeFile(join(first.folder, 'data', 'PG_VERSION'), '14\n');
  await expect(start()).rejects.toThrow(/made by PostgreSQL 14, .* brings PostgreSQL 18.*import/s);
});

test('a folder too deep for the path of a socket works', async () => {
  const deep = join(dataDir.path, 'headrace.a-long-name-for-a-data-folder'.padEnd(120, 'x'));
  if (isRoot) await chmod(dataDir.path, 0o711);
  const server = await start(deep);
  expect(await query(server.connectionString, 'select 1')).toEqual([1]);
  await server.stop();
});

test('the copy of the binaries has the library links that an install script would have made', async () => {
  const server = await start();
  await server.stop();
  const [version = ''] = (await readdir(server.folder)).filter((name) => name.startsWith('bin-'));
  const links: readonly { readonly target: string }[] = JSON.parse(
    await readFile(join(server.folder, version, 'pg-symlinks.json'), 'utf8'),
  );
  expect(links.length).toBeGreaterThan(0);
  for (const { target } of links) {
    expect((await stat(join(server.folder, version, target.replace(/^native\//, '')))).isFile()).toBe(true);
  }
});

test('a start given up leaves no process and can be repeated', async () => {
  const stopped = new AbortController();
  const starting = startEmbeddedPostgres({
    dataDir: dataDir.path,
    log: () => undefined,
    signal: stopped.signal,
  });
  setTimeout(() => stopped.abort(new Error('enough')), 400);
  await expect(starting).rejects.toThrow('enough');
  const server = await start();
  expect(server.adopted).toBe(false);
  await server.stop();
});

test.runIf(isRoot)(
  'where its user cannot pass, the database is kept under /var/lib, and found again',
  async () => {
    const barred = join(dataDir.path, 'barred');
    await mkdir(barred, { mode: 0o700 });
    const inner = { path: join(barred, 'data') };
    const first = await start(inner.path);
    try {
      expect(first.folder).toMatch(/^\/var\/lib\/headrace\/[0-9a-f]{12}$/);
      await query(first.connectionString, 'create table kept as select 3 as answer');
      await first.stop();
      const second = await start(inner.path);
      expect(second.folder).toBe(first.folder);
      expect(await query(second.connectionString, 'select answer from kept')).toEqual([3]);
      await second.stop();
      await rm(first.folder, { recursive: true });
      await expect(start(inner.path)).rejects.toThrow(/there is no such folder/);
    } finally {
      await rm(first.folder, { recursive: true, force: true });
    }
  },
);

test.runIf(isRoot)('a private data folder is opened just enough, so that the database is in it', async () => {
  await mkdir(join(dataDir.path, 'logs'));
  const server = await start();
  await server.stop();
  expect(server.folder).toBe(join(dataDir.path, 'postgres'));
  expect((await stat(dataDir.path)).mode & 0o777).toBe(0o711);
});

test.runIf(isRoot)('a data folder with other things in it keeps its rights', async () => {
  await writeFile(join(dataDir.path, 'letter.txt'), 'private');
  const server = await start();
  await server.stop();
  expect((await stat(dataDir.path)).mode & 0o777).toBe(0o700);
});

test.runIf(isRoot && canEnter(nobody, import.meta.dirname))('an ordinary user can start it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'headrace-home-'));
  try {
    await chown(home, nobody.uid, nobody.gid);
    const options = { entry, args: [join(home, 'data')], owner: nobody, readyLine: /started (\d+) (\S+)/ };
    const program = await startProcess({ ...options, env: { HOME: home } });
    expect(await query(program.ready?.[2] ?? '', 'select 1')).toEqual([1]);
    expect((await stat(join(home, 'data', 'postgres', 'data'))).uid).toBe(nobody.uid);
    expect((await program.stop()).code).toBe(0);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
