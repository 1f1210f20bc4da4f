import { type BulkWriting, type DestinationConnection, HeadraceError } from '@headrace/core';
import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rows } from '../store/database.ts';
import { BulkWorld, people } from './bulk.fixture.ts';

/* What stops a job that was uploaded and not started. */

let database: TestDatabase;
let org: Org;
let world: BulkWorld;
beforeEach(async () => {
  database = await createDatabase();
  org = await startOrg({ definition: { dailyApiRequests: 100_000, bulk: { minJobMs: 1_000 } } });
  world = await BulkWorld.start(database, org);
  await world.ingest(people(40));
});
afterEach(async () => {
  await database.drop();
  await org.close();
});

function withJobs(connection: DestinationConnection): BulkWriting {
  if (connection.bulk === undefined) throw new Error('The destination takes no jobs.');
  return connection.bulk;
}

/** A server to which something happens between the upload of its first job and its start. @returns how to stop it */
async function uploadedThen(happens: () => Promise<void>): Promise<() => Promise<void>> {
  const connection = world.connect();
  const bulk = withJobs(connection);
  const upload = bulk.upload.bind(bulk);
  let hasHappened = false;
  bulk.upload = async (...given) => {
    bulk.upload = upload;
    await upload(...given);
    await happens();
    hasHappened = true;
  };
  const server = world.startServer({ scarce: 20, always: 20 }, connection);
  await expect.poll(() => hasHappened, { timeout: 10_000 }).toBe(true);
  return server.stop;
}

const change = (set: string) => database.pool.query(`update dataflow set ${set}, revision = revision + 1`);
const whetherClosed = async (): Promise<boolean[]> =>
  (
    await rows<{ isClosed: boolean }>(
      database.pool,
      'select closing_at is not null as "isClosed" from bulk_job order by opened_at',
    )
  ).map(({ isClosed }) => isClosed);
async function letTimePass(): Promise<void> {
  for (let step = 0; step < 20; step++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    world.advance(10_000);
  }
}

test.each([
  ['disabled', 'enabled = false'],
  ['being deleted', 'enabled = false, deleting_at = now()'],
])(
  'promise 8: nothing is written by a job of a dataflow that is %s before the job is started',
  async (_, set) => {
    const stop = await uploadedThen(async () => void (await change(set)));
    await letTimePass();
    await stop();
    expect(await world.contacts()).toEqual([]);
    expect(await world.statuses()).toEqual({ pending: 40 });
    expect([await whetherClosed(), await world.jobs()]).toMatchObject([
      [false],
      [{ state: 'finished', error: null }],
    ]);
  },
);

test('promise 2: a mapping that is edited before a job is started is the one that everyone is written by', async () => {
  const city = JSON.stringify([{ source: { constant: 'Bonn' }, target: 'city' }]);
  const stop = await uploadedThen(
    async () =>
      void (await change(
        `remark_wanted = true, mapping = jsonb_path_query_array(mapping, '$[0 to 1]') || '${city}'::jsonb`,
      )),
  );
  await world.settle();
  await stop();
  expect((await whetherClosed())[0]).toBe(false);
  expect((await world.contacts()).map(({ MailingCity }) => MailingCity)).toEqual(Array(40).fill('Bonn'));
});

test('promise 8: a job is not started once one of its people has opted out; everyone else is written', async () => {
  const stop = await uploadedThen(() => world.ingest([{ id: 'p4', optedOut: true }]));
  await world.settle();
  await stop();
  expect((await whetherClosed())[0]).toBe(false);
  expect(await world.statuses()).toEqual({ activated: 39, excluded: 1 });
  const addresses = (await world.contacts()).map(({ Email }) => Email);
  expect([addresses.length, addresses.includes('p4@example.com')]).toEqual([39, false]);
});

test('promise 2: other values hold up no job; they are sent after it', async () => {
  const stop = await uploadedThen(() => world.ingest([{ id: 'p4', lastName: 'Newer' }]));
  await world.settle();
  await stop();
  expect(await whetherClosed()).toEqual([true]);
  const newer = (await world.contacts()).filter(({ LastName }) => LastName === 'Newer');
  expect(newer).toMatchObject([{ Email: 'p4@example.com' }]);
});

test('promise 8: a job whose start was lost is not started once more after its dataflow was disabled', async () => {
  const connection = world.connect();
  const bulk = withJobs(connection);
  const close = bulk.close.bind(bulk);
  bulk.close = async () => {
    bulk.close = close;
    await change('enabled = false');
    throw new HeadraceError('destination_unavailable', 'The connection was cut.');
  };
  const server = world.startServer({ scarce: 20, always: 20 }, connection);
  await expect.poll(whetherClosed, { timeout: 10_000 }).toEqual([true]);
  await letTimePass();
  await server.stop();
  expect(await world.contacts()).toEqual([]);
  expect(await world.jobs()).toMatchObject([{ state: 'finished' }]);
});
