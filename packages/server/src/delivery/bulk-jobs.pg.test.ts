import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rows } from '../store/database.ts';
import { BulkWorld, people } from './bulk.fixture.ts';

/* Backlogs as jobs of the Bulk API of the emulator, on a real database. */

const minute = 60_000;
let database: TestDatabase;
let org: Org;
let world: BulkWorld;
beforeEach(async () => {
  database = await createDatabase();
  org = await startOrg({
    definition: { dailyApiRequests: 100_000, bulk: { shuffleResults: true, minJobMs: 5 * minute } },
  });
  world = await BulkWorld.start(database, org);
});
afterEach(async () => {
  await database.drop();
  await org.close();
});

/** Until a job was started. */
async function started(count = 1): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const jobs = await world.jobs();
    if (jobs.filter(({ state }) => state === 'working').length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`No job was started: ${JSON.stringify(await world.jobs())} ${world.warnings.join('\n')}`);
}

const lastNames = async (): Promise<Record<string, unknown>> =>
  Object.fromEntries((await world.contacts()).map(({ Email, LastName }) => [String(Email), LastName]));

test('a backlog goes as a job in a few calls: one record per person, each outcome by itself', async () => {
  await world.ingest(people(5_000, (at) => (at % 1_000 === 7 ? { email: `p${at}@invalid` } : {})));
  const server = world.startServer({ scarce: 2_000, always: 5_000 });
  await world.settle();
  await server.stop();
  expect(await world.jobs()).toMatchObject([
    { state: 'finished', group: 'create', records: 5_000, settled: 5_000, error: null },
  ]);
  expect(await world.statuses()).toEqual({ activated: 4_995, failed: 5 });
  expect(await world.contacts()).toHaveLength(4_995);
  expect(await rows(database.pool, 'select * from bulk_row')).toEqual([]);
  // Known records are updated by id.
  await world.ingest(people(5_000, (at) => ({ lastName: `Other ${at}`, email: `p${at}@example.com` })));
  const second = world.startServer({ scarce: 2_000, always: 4_000 });
  await world.settle();
  await second.stop();
  expect(await world.jobs()).toMatchObject([{}, { group: 'update', records: 4_995, settled: 4_995 }]);
  expect(await world.statuses()).toEqual({ activated: 5_000 });
  expect(await lastNames()).toMatchObject({ 'p0@example.com': 'Other 0', 'p4999@example.com': 'Other 4999' });
});

test('promise 4: who changes while a job runs is sent again after it, and ends with the newest value', async () => {
  await world.ingest(people(40));
  const server = world.startServer();
  await started();
  await world.ingest([
    { id: 'p3', lastName: 'Newest' },
    { id: 'p4', optedOut: true },
  ]);
  await new Promise((resolve) => setTimeout(resolve, 700));
  // Nothing else is sent for a row in a job.
  expect(org.journal({ method: 'PATCH', path: '/services/data/v67.0/composite' })).toEqual([]);
  await world.settle();
  await server.stop();
  expect(await lastNames()).toMatchObject({ 'p3@example.com': 'Newest', 'p5@example.com': 'Name p5' });
  expect(await world.statuses()).toEqual({ activated: 39, excluded: 1 });
});

test('promise 3: profiles that are merged while their job runs end as one of its records', async () => {
  await world.ingest(people(40));
  const server = world.startServer();
  await started();
  await world.ingest([{ id: 'p1', email: 'p1@example.com', links: ['p2'], lastName: 'Both' }]);
  await world.settle(30_000);
  await server.stop();
  expect(await world.statuses()).toEqual({ activated: 39, exited: 1 });
  const kept = await rows<{ recordId: string }>(
    database.pool,
    `select record_id as "recordId" from export_state where status = 'activated'`,
  );
  expect(new Set(kept.map(({ recordId }) => recordId)).size).toBe(39);
  expect(await world.contacts()).toHaveLength(40);
  expect(Object.values(await lastNames())).toContain('Both');
});

test('promise 3: two servers take jobs of their own, and each record is made once', async () => {
  await world.ingest(people(400));
  const servers = [
    world.startServer({ scarce: 20, always: 20 }),
    world.startServer({ scarce: 20, always: 20 }),
  ];
  await world.settle();
  await Promise.all(servers.map((server) => server.stop()));
  expect(await world.contacts()).toHaveLength(400);
  expect(await world.statuses()).toEqual({ activated: 400 });
});

test('promise 2: a job that failed as a whole stops the dataflow; mended, everything is delivered', async () => {
  await world.ingest(people(40, (at) => ({ city: `City ${at}` })));
  await hideCity([]);
  const server = world.startServer();
  await started();
  world.advance(5 * minute);
  for (let tries = 0; tries < 200 && !(await stoppedBy()); tries++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  expect(await stoppedBy()).toMatchObject({ code: 'destination_misconfigured' });
  expect(await world.statuses()).toEqual({ pending: 40 });
  await hideCity(['System Administrator']);
  await world.settle(30_000);
  await server.stop();
  expect(await world.contacts()).toHaveLength(40);
  expect(await world.statuses()).toEqual({ activated: 40 });
});

test.each([
  ['may not see the limits of the org', 'GET', '/limits', 1],
  ['may open no jobs', 'POST', '/jobs/ingest', 0],
])('promise 2: a user who %s delivers a backlog all the same', async (_, method, path, jobs) => {
  const refused = { form: 'array', when: 'before_write', status: 403, error_code: 'FORBIDDEN' } as const;
  const match = { method, path: `/services/data/v67.0${path}` };
  org.faults({ rules: [{ match, fault: { kind: 'error', ...refused } }] });
  await world.ingest(people(40));
  const server = world.startServer();
  await world.settle(20_000);
  await server.stop();
  expect(await world.statuses()).toEqual({ activated: 40 });
  expect((await world.jobs()).filter(({ records }) => records > 0)).toHaveLength(jobs);
  expect(await rows(database.pool, 'select stopped_by as "stoppedBy" from dataflow')).toEqual([
    { stoppedBy: null },
  ]);
});

test('promise 2: rows that a job left, or forgot, go on', async () => {
  await world.ingest(people(40));
  const server = world.startServer();
  await started();
  const [job] = await rows<{ id: string }>(database.pool, 'select destination_job_id as id from bulk_job');
  await world.asOther('PATCH', `/jobs/ingest/${job?.id}`, { state: 'Aborted' });
  await world.asOther('DELETE', `/jobs/ingest/${job?.id}`);
  await world.settle();
  await server.stop();
  expect(await world.jobs()).toMatchObject([
    { state: 'finished', error: { code: 'destination_unavailable' } },
  ]);
  expect(await world.contacts()).toHaveLength(40);
  expect(await world.statuses()).toEqual({ activated: 40 });
});

test('promise 5: every call of a job is counted before it is made, and none beyond the allowance', async () => {
  world.allowance = 25;
  await world.ingest(people(300));
  const server = world.startServer({ scarce: 20, always: 100 });
  await world.settle(30_000);
  await server.stop();
  const made = org.journal({ limit: 1_000 });
  expect(world.calls.length).toBe(made.length);
  expect(made.length).toBeLessThanOrEqual(25);
  expect(await world.jobs()).toMatchObject([{ records: 300, settled: 300 }]);
  expect(await world.contacts()).toHaveLength(300);
});

const stoppedBy = async (): Promise<unknown> =>
  (await rows<{ stoppedBy: unknown }>(database.pool, 'select stopped_by as "stoppedBy" from dataflow'))[0]
    ?.stoppedBy;

/** From everyone but these profiles. */
async function hideCity(edit: readonly string[]): Promise<void> {
  const fieldSecurity = [{ object: 'Contact', field: 'MailingAddress', read: [], edit }];
  const response = await fetch(`${org.url}/emulator/definition`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fieldSecurity }),
  });
  if (!response.ok) throw new Error(await response.text());
}
