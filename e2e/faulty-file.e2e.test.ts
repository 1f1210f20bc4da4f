import { makeDataDir } from '@headrace/testkit';
import { expect, test } from 'vitest';
import { loadThroughCrashes } from './faulty-customers.ts';

test('promise 1: 30,000 rows, one in fifty bad, through two crashes of server and PostgreSQL, each row once', async () => {
  const dataDir = await makeDataDir();
  const customers = { seed: 20_261, count: 30_000 };
  const options = { isPacked: true, withDatabase: true, timeoutMs: 60_000 };
  await expect(loadThroughCrashes(dataDir.path, customers, options)).resolves.toBeUndefined();
  await dataDir.remove();
});
