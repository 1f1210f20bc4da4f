import { makeDataDir } from '@headrace/testkit';
import { expect, test } from 'vitest';
import { loadThroughCrashes } from './faulty-customers.ts';

const timeoutMs = 1_800_000;

test.each([
  ['uploaded, the server killed', { isPacked: false, withDatabase: false }],
  ['imported as gzip, server and PostgreSQL killed', { isPacked: true, withDatabase: true }],
])('promise 1: a million rows, one in fifty bad, %s twice: each row once', async (_, options) => {
  const dataDir = await makeDataDir();
  const customers = { seed: 20_262, count: 1_000_000 };
  await expect(
    loadThroughCrashes(dataDir.path, customers, { ...options, timeoutMs }),
  ).resolves.toBeUndefined();
  await dataDir.remove();
});
