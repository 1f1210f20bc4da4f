import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BulkWorld, people } from './bulk.fixture.ts';

let database: TestDatabase;
let org: Org;
let world: BulkWorld;
beforeEach(async () => {
  database = await createDatabase();
  org = await startOrg({ definition: { dailyApiRequests: 100_000, bulk: { shuffleResults: true } } });
  world = await BulkWorld.start(database, org);
});
afterEach(async () => {
  await database.drop();
  await org.close();
});

test('a backlog goes as a job: one record per person, each outcome by itself', async () => {
  await world.ingest(people(10_000, (at) => (at % 1_000 === 7 ? { email: `p${at}@invalid` } : {})));
  const server = world.startServer({ scarce: 2_000, always: 5_000 });
  await world.settle();
  await server.stop();
  expect(await world.jobs()).toMatchObject([
    { state: 'finished', records: 10_000, settled: 10_000, error: null },
  ]);
  expect(await world.statuses()).toEqual({ activated: 9_990, failed: 10 });
  expect(await world.contacts()).toHaveLength(9_990);
});
