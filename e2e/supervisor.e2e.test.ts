import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  freePort,
  makeDataDir,
  type StartedProcess,
  startProcess,
  type TestDataDir,
} from '../packages/testkit/src/index.ts';

const entry = join(import.meta.dirname, '..', 'packages', 'cli', 'src', 'main.ts');
let data: TestDataDir;
let port: number;

beforeAll(async () => {
  data = await makeDataDir();
  port = await freePort();
});
afterAll(() => data.remove());

const start = (env: Record<string, string> = {}): Promise<StartedProcess> =>
  startProcess({
    entry,
    args: ['start', '--no-sample'],
    env: { HEADRACE_DATA_DIR: data.path, HEADRACE_PORT: String(port), ...env },
  });

const ready = async (program: StartedProcess): Promise<string> =>
  (await program.waitFor(/Headrace ready: (http:\S+)/, 60_000))[1] ?? '';

const readChildren = async (): Promise<readonly { pid: number }[]> =>
  JSON.parse(await readFile(join(data.path, 'program.json'), 'utf8')).children;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a busy port is one clear message, and nothing is left running', async () => {
  const squatter = createServer().listen(port, '127.0.0.1');
  const program = await start();
  expect(await program.exited).toEqual({ code: 1, signal: null });
  squatter.close();
  expect(program.output).toContain(`The port ${port} of 127.0.0.1 is in use by another program`);
  expect(program.output).not.toMatch(/\n\s+at /);
  expect(await readChildren().catch(() => [])).toEqual([]);
});

test('a second start on the same data folder names the first, whose server is started again when it dies', async () => {
  const first = await start();
  expect(await ready(first)).toBe(`http://127.0.0.1:${port}`);

  const second = await start({ HEADRACE_PORT: String(await freePort()) });
  expect(await second.exited).toEqual({ code: 1, signal: null });
  expect(second.output).toContain(
    `Headrace already runs on the data folder ${data.path} (process ${first.pid}, http://127.0.0.1:${port})`,
  );

  const [server] = await readChildren();
  process.kill(server?.pid ?? 0, 'SIGKILL');
  await first.waitFor(
    /The server ended unexpectedly \(SIGKILL\); starting it again\.\nThe server runs again\./,
    30_000,
  );
  const [next] = await readChildren();
  expect(next?.pid).not.toBe(server?.pid);

  first.kill('SIGINT');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(isRunning(next?.pid ?? 0)).toBe(false);
});

test('after kill -9 the next start waits for what still ends and goes on', async () => {
  const first = await start();
  await ready(first);
  const [server] = await readChildren();
  first.kill('SIGKILL');
  const next = await start();
  expect(await ready(next)).toBe(`http://127.0.0.1:${port}`);
  // An orphan that has ended is seen until the system's first process has taken note of it.
  await expect.poll(() => isRunning(server?.pid ?? 0), { timeout: 10_000 }).toBe(false);
  next.kill('SIGTERM');
  expect(await next.exited).toEqual({ code: 0, signal: null });
});
