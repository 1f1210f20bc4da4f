import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, test } from 'vitest';
import { Coverage } from './crash-runs/coverage.ts';
import { crashRun } from './crash-runs/crash-run.ts';
import { modes } from './crash-runs/modes.ts';

/** A few of the random runs; `npm run test:long` goes through a thousand. */
const seeds = [1, 2];
const coverage = new Coverage();
let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

for (const mode of modes)
  for (const seed of seeds)
    test(
      `promises 2, 3, 4, 5 and 10: ${mode.name}, seed ${seed}`,
      () => crashRun(database, { mode, seed }, coverage),
      60_000,
    );
