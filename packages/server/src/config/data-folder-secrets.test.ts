import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readDataFolderSecrets } from './data-folder-secrets.ts';

let parent: string;
let dataDir: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'headrace-secrets-'));
  dataDir = join(parent, 'data');
});
afterEach(() => rm(parent, { recursive: true }));

const read = (secretKey?: Buffer) => readDataFolderSecrets({ dataDir, secretKey });

test('the first start makes them, for the owner only; whoever comes at once or later reads the same', async () => {
  const made = await Promise.all([read(), read(), read()]);
  expect(new Set(made.map(({ ownerToken }) => ownerToken)).size).toBe(1);
  expect(await read()).toEqual(made[0]);
  expect(made[0]?.secretKey).toHaveLength(32);
  for (const name of ['owner-token', 'secret-key'])
    expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600);
  expect((await readFile(join(dataDir, 'owner-token'), 'utf8')).trim()).toBe(made[0]?.ownerToken);
});

test('a key of the environment is used and not written down', async () => {
  const key = Buffer.alloc(32, 9);
  expect((await read(key)).secretKey).toEqual(key);
  await expect(stat(join(dataDir, 'secret-key'))).rejects.toThrow();
});

test('a damaged file is named, and a folder that cannot be made too', async () => {
  await read();
  await writeFile(join(dataDir, 'secret-key'), 'short');
  await expect(read()).rejects.toThrow(/secret-key .*damaged/);
  await writeFile(join(dataDir, 'owner-token'), '');
  await expect(read()).rejects.toThrow(/owner-token .*damaged/);
  await writeFile(join(parent, 'file'), '');
  dataDir = join(parent, 'file');
  await expect(read()).rejects.toThrow(/HEADRACE_DATA_DIR/);
});
