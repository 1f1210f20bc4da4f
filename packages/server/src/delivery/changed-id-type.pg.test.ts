import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rows } from '../store/database.ts';
import { updateDetails } from '../store/dataflows.ts';
import { BulkWorld, people } from './bulk.fixture.ts';

/* The details of a dataflow name another object that people are kept as: Leads in place of Contacts, or the reverse. */

let database: TestDatabase;
let org: Org;

beforeEach(async () => {
  database = await createDatabase();
  const key = { externalId: true, unique: true, length: 40 } as const;
  const customFields = (['Contact', 'Lead'] as const).map((object) => ({
    ...key,
    object,
    name: `${object}Key__c`,
  }));
  org = await startOrg({ definition: { dailyApiRequests: 100_000, customFields } });
});
afterEach(async () => {
  await database.drop();
  await org.close();
});

type Kept = 'Contact' | 'Lead';
const company = { source: { constant: 'Acme' }, target: 'company' };
const start = (object: Kept, membership = 'none') =>
  BulkWorld.start(database, org, { details: { object, membership }, mapping: [company] });

const keepAs = (world: BulkWorld, object: Kept, membership = 'none') =>
  updateDetails(database.pool, world.ids.dataflowId, {
    details: { membership, object },
    tellsMemberships: membership !== 'none',
  });

/** Ids of the records of people that were made, by object. */
const made = () => {
  const of = (object: string) =>
    org
      .changes({ object })
      .filter(({ kind }) => kind === 'created')
      .map(({ id }) => id)
      .toSorted();
  return { Contact: of('Contact'), Lead: of('Lead') };
};
const updated = (object: string) => org.changes({ object }).filter(({ kind }) => kind === 'updated').length;
const kept = () =>
  rows<{ object: string; recordId: string }>(
    database.pool,
    `select object, record_id as "recordId" from export_state where source_profile_id is null order by record_id`,
  );

const directly = { scarce: 1_000_000, always: 1_000_000 };

describe.each([
  ['Contact', 'Lead'],
  ['Lead', 'Contact'],
] as const)('promises 2 and 3: from %s to %s', (from, to) => {
  test('each person has one record as the new one, and the former is written no longer', async () => {
    const world = await start(from);
    await world.ingest(people(3, () => ({ city: 'Ulm' })));
    const server = world.startServer(directly);
    await world.settle();
    await keepAs(world, to);
    server.worker.wake();
    await expect.poll(() => made()[to].length, { timeout: 10_000 }).toBe(3);
    await world.settle();
    expect(await kept()).toEqual(made()[to].map((recordId) => ({ object: to, recordId })));
    expect(await world.statuses()).toEqual({ activated: 4 });
    expect([updated(from), world.warnings]).toEqual([0, []]);

    await keepAs(world, from);
    server.worker.wake();
    await world.ingest([{ id: 'p0', email: 'other@example.com', city: 'Bonn' }]);
    await expect
      .poll(kept, { timeout: 10_000 })
      .toEqual(made()[from].map((recordId) => ({ object: from, recordId })));
    await world.settle();
    // Back in the very records, the one with another key too.
    expect([made()[from].length, made()[to].length]).toEqual([3, 3]);
    await server.stop();
  }, 60_000);

  test('an answer lost before is read where it was written, and one record of each is made', async () => {
    const world = await start(from);
    org.faults({
      rules: [
        {
          match: { method: 'PATCH', path_prefix: '/services/data/v67.0/composite/sobjects' },
          count: 1,
          fault: { kind: 'cut', when: 'after_write' },
        },
      ],
    });
    await world.ingest(people(2));
    const server = world.startServer(directly);
    await expect.poll(() => made()[from].length, { timeout: 10_000 }).toBe(2);
    await keepAs(world, to);
    server.worker.wake();
    await world.settle();
    await server.stop();
    expect([made()[from].length, made()[to].length]).toEqual([2, 2]);
    expect(await kept()).toEqual(made()[to].map((recordId) => ({ object: to, recordId })));
    const claims = await rows<{ object: string; recordId: string }>(
      database.pool,
      `select object, record_id as "recordId" from match_claim where object <> 'Account' order by object, record_id`,
    );
    expect(claims).toEqual(
      (['Contact', 'Lead'] as const).flatMap((object) =>
        made()[object].map((recordId) => ({ object, recordId })),
      ),
    );
  }, 60_000);

  test('the former record leaves the Campaign, and the new one is in it', async () => {
    const world = await start(from, 'campaign');
    await database.pool.query('update dataflow set tells_memberships = true');
    await world.ingest(people(2));
    const server = world.startServer(directly);
    await world.settle();
    await keepAs(world, to, 'campaign');
    server.worker.wake();
    await expect.poll(() => made()[to].length, { timeout: 10_000 }).toBe(2);
    await world.settle();
    await server.stop();
    const left = await rows<{ code: string; object: string }>(
      database.pool,
      'select code, object from export_state where left_behind',
    );
    expect(left).toEqual(Array(2).fill({ code: 'record_superseded', object: from }));
    const statuses = org
      .changes({ object: 'CampaignMember' })
      .flatMap(({ kind, fields }) => [[kind, fields.Status?.new]])
      .toSorted();
    expect(statuses).toEqual([
      ...Array(4).fill(['created', undefined]),
      ...Array(2).fill(['updated', 'Exited']),
    ]);
    expect(world.warnings).toEqual([]);
  }, 60_000);

  test('each object has a key of its own, which the other lacks', async () => {
    const byKey = (object: Kept) => ({ object, membership: 'campaign', match_field: `${object}Key__c` });
    const mappingOf = (object: Kept) =>
      JSON.stringify([
        { source: { identity: 'CRMID' }, target: `${object}Key__c` },
        { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
        company,
      ]);
    const world = await BulkWorld.start(database, org, { details: byKey(from) });
    await database.pool.query('update dataflow set tells_memberships = true, mapping = $1', [
      mappingOf(from),
    ]);
    await world.ingest(people(2));
    const server = world.startServer(directly);
    await world.settle();
    await database.pool.query('update dataflow set mapping = $1', [mappingOf(to)]);
    const details = { details: byKey(to), tellsMemberships: true };
    await updateDetails(database.pool, world.ids.dataflowId, details);
    server.worker.wake();
    await expect.poll(() => made()[to].length, { timeout: 10_000 }).toBe(2);
    await world.settle();
    await server.stop();
    expect([made()[from].length, world.warnings]).toEqual([2, []]);
    const exits = org.changes({ object: 'CampaignMember' }).filter(({ kind }) => kind === 'updated');
    expect(exits.map(({ fields }) => fields.Status?.new)).toEqual(['Exited', 'Exited']);
  }, 60_000);

  test.each(['p0', 'p1'])(
    'two become one before the new records are made, %s goes on',
    async (last) => {
      const world = await start(from);
      await world.ingest([{ id: 'p0' }, { id: 'p1', optedOut: true }]);
      const server = world.startServer(directly);
      await world.settle();
      await server.stop();
      await keepAs(world, to);
      const other = last === 'p0' ? 'p1' : 'p0';
      await world.ingest([{ id: other }, { id: last, links: [other] }]);
      const next = world.startServer(directly);
      await expect.poll(() => made()[to].length, { timeout: 10_000 }).toBe(1);
      await world.settle();
      await next.stop();
      expect([made()[from].length, made()[to].length, updated(from)]).toEqual([1, 1, 0]);
      expect(world.warnings).toEqual([]);
    },
    60_000,
  );
});
