import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDataDir, type StartedProcess, startProcess, type TestDataDir } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDir } from '../packages/server/src/store/embedded/lock-data-dir.ts';

const entry = fileURLToPath(new URL('programs/data-dir-lock.ts', import.meta.url));
let dataDir: TestDataDir;

beforeEach(async () => {
  dataDir = await makeDataDir();
});
afterEach(() => dataDir.remove());

const contend = (): Promise<StartedProcess> =>
  startProcess({ entry, args: [dataDir.path], readyLine: /^(locked|refused .*)$/m });

test('a second program is told process and URL of the first', async () => {
  const first = await contend();
  const second = await contend();
  expect(second.ready?.[1]).toContain(`process ${first.pid}, http://127.0.0.1:4711`);
  expect(second.ready?.[1]).toContain(dataDir.path);
});

test('the lock of a killed program is taken over', async () => {
  const first = await contend();
  first.kill('SIGKILL');
  await first.exited;
  expect((await contend()).ready?.[1]).toBe('locked');
});

test('a living process that merely got the pid of the dead one does not hold the lock', async () => {
  const first = await contend();
  const folder = join(dataDir.path, 'headrace.lock');
  const [name = ''] = await readdir(folder);
  await rename(join(folder, name), join(folder, name.replace(/^(\d+)-\d+-/, '$1-1-')));
  expect((await contend()).ready?.[1]).toBe('locked');
  expect(first.pid).toBeGreaterThan(0);
});

test('of many that start at once on what a dead one left, exactly one gets it', async () => {
  const dead = await contend();
  dead.kill('SIGKILL');
  await dead.exited;
  const outcomes = await Promise.all(Array.from({ length: 6 }, contend));
  expect(outcomes.filter(({ ready }) => ready?.[1] === 'locked')).toHaveLength(1);
});

test('a released folder is free, and one process does not take it twice', async () => {
  const lock = await lockDataDir(dataDir.path);
  await expect(lockDataDir(dataDir.path)).rejects.toThrow(`process ${process.pid}`);
  await lock.release();
  const again = await lockDataDir(dataDir.path);
  await again.release();
});

test('a folder that cannot be made is one clear message', async () => {
  const file = fileURLToPath(import.meta.url);
  await expect(lockDataDir(join(file, 'data'))).rejects.toThrow(/Cannot write to .*HEADRACE_DATA_DIR/);
});
