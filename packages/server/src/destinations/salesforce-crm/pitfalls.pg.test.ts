import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BulkWorld, people } from '../../delivery/bulk.fixture.ts';
import { rows } from '../../store/database.ts';

/*
 * What users of connectors to Salesforce report as having gone wrong, where the engine decides: servers on a real
 * database that deliver to an org of the emulator. The rest stands in pitfalls.http.test.ts.
 */

const minute = 60_000;
/** No backlog of a test is large enough for a job. */
const directly = { scarce: 1_000_000, always: 1_000_000 };
let database: TestDatabase;
let org: Org;
let world: BulkWorld;
type Options = Parameters<typeof BulkWorld.start>[2];
type Definition = NonNullable<Parameters<typeof startOrg>[0]>['definition'];

beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  await database.drop();
  await org.close();
});

async function open(options: Options = {}, definition: Definition = {}): Promise<void> {
  org = await startOrg({ definition: { dailyApiRequests: 100_000, ...definition } });
  world = await BulkWorld.start(database, org, options);
}

/** What people and programs beside Headrace do, and what steers the emulator. */
async function steer(method: string, path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${org.url}/emulator${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.status === 204 ? undefined : response.json();
}
const make = async (fields: object): Promise<string> => {
  const made = await steer('POST', '/records/Contact', { fields });
  return typeof made === 'object' && made !== null && 'id' in made ? String(made.id) : '';
};

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`It did not come to this: ${what}. ${world.warnings.join('\n')}`);
}

const ofWrites = { path_prefix: '/services/data/v67.0/composite' };
const writes = () =>
  org.journal({ limit: 1_000 }).filter(({ path }) => path.startsWith(ofWrites.path_prefix));
const isPending = async () => ((await world.statuses()).pending ?? 0) > 0;

describe('Duplicates', () => {
  test('promise 3: a create that timed out and was carried out later is not made again', async () => {
    // Without a key of Salesforce's own, to send it again would make a second one.
    await open({ details: { write: 'create_only' } });
    const fault = { kind: 'late_write', delay_ms: 9 * minute } as const;
    org.faults({ rules: [{ match: { ...ofWrites, method: 'POST' }, count: 1, fault }] });
    await world.ingest(people(3));
    const server = world.startServer(directly);
    await world.settle(20_000);
    await server.stop();
    expect(org.changes({ object: 'Contact' }).map(({ kind }) => kind)).toEqual([
      'created',
      'created',
      'created',
    ]);
    expect(org.journal({ limit: 1_000 }).filter(({ mark }) => mark === 'late')).toHaveLength(1);
    expect(await world.statuses()).toEqual({ activated: 3 });
  });

  test('promise 3: two servers that find new people at once make each of them once', async () => {
    await open({ details: { write: 'create_only' } });
    await world.ingest(people(300));
    const servers = [world.startServer(directly), world.startServer(directly)];
    await world.settle();
    await Promise.all(servers.map((server) => server.stop()));
    expect(await world.contacts()).toHaveLength(300);
    expect(await world.statuses()).toEqual({ activated: 300 });
  });
});

describe('Quota', () => {
  test('promise 5: it stops before the quota that others share, fails nobody, and goes on when calls are free', async () => {
    await open({}, { dailyApiRequests: 1_000 });
    const server = world.startServer(directly);
    await world.ingest(people(1));
    await until('one is delivered', async () => !(await isPending()));
    // Other programs have used what they may: a tenth of the day is left to them.
    await steer('PUT', '/limits', { consume: 900 });
    const before = world.calls.length;
    for (let at = 1; at < 40; at++) {
      await world.ingest([{ id: `p${at}` }]);
      server.worker.wake();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await until('it stops', () => world.warnings.some((text) => text.includes('destination_rate_limited')));
    expect(world.calls.length - before).toBeLessThan(10);
    const { activated = 0, ...others } = await world.statuses();
    expect(others).toEqual({ pending: 40 - activated });
    expect(writes().every(({ status }) => status === 200)).toBe(true);
    await steer('DELETE', '/limits', {});
    await world.settle(60 * minute);
    await server.stop();
    expect(await world.statuses()).toEqual({ activated: 40 });
  });

  test('a backlog goes as one job of a few calls', async () => {
    await open();
    await world.ingest(people(3_000));
    const server = world.startServer({ scarce: 2_000, always: 2_000 });
    await world.settle();
    await server.stop();
    expect(await world.jobs()).toMatchObject([{ records: 3_000, settled: 3_000 }]);
    expect(world.calls.length).toBeLessThanOrEqual(12);
  });
});

describe('Sparse CSV', () => {
  test('promise 8: rows of one job that carry different fields clear nothing that they do not carry', async () => {
    await open();
    for (const { id } of people(30))
      await make({
        LastName: id,
        Email: `${id}@example.com`,
        MailingPostalCode: 'theirs',
        MailingCity: 'theirs',
      });
    await world.ingest(people(30, (at) => (at % 2 === 0 ? { postalCode: 'ours', city: 'ours' } : {})));
    const server = world.startServer();
    await world.settle();
    await server.stop();
    expect(await world.jobs()).toMatchObject([{ records: 30, settled: 30 }]);
    // A mapping keeps what is there where a profile has no value, and clears it only where it says so.
    for (const { Email, MailingPostalCode, MailingCity } of await world.contacts()) {
      const isOurs = Number(/\d+/.exec(String(Email))) % 2 === 0;
      expect({ MailingPostalCode, MailingCity }).toEqual(
        isOurs
          ? { MailingPostalCode: 'ours', MailingCity: 'ours' }
          : { MailingPostalCode: 'theirs', MailingCity: null },
      );
    }
  });

  test('a text that would clear a field in a file, `#N/A`, is written as it is', async () => {
    await open();
    await world.ingest(people(40, (at) => (at === 5 ? { lastName: '#N/A' } : {})));
    const server = world.startServer();
    await world.settle();
    await server.stop();
    expect(await world.jobs()).toMatchObject([{ records: 39, settled: 39 }]);
    expect((await world.contacts()).find(({ Email }) => Email === 'p5@example.com')).toMatchObject({
      LastName: '#N/A',
    });
  });
});

describe('Deleted/merged', () => {
  test.each(['deleted', 'merged'])(
    'promises 2 and 3: who was %s in Salesforce is matched again, and is one record',
    async (how) => {
      await open();
      await world.ingest(people(2));
      const server = world.startServer(directly);
      await world.settle();
      const [first] = await world.contacts();
      const id = String(first?.Id);
      let goesOn: string | undefined;
      if (how === 'deleted') await world.asOther('DELETE', `/sobjects/Contact/${id}`);
      else {
        goesOn = await make({ LastName: 'Theirs', Email: 'p0@example.com' });
        await steer('POST', '/merge', { object: 'Contact', master_id: goesOn, ids: [id] });
      }
      await world.ingest([{ id: 'p0', lastName: 'Newest' }]);
      await world.settle();
      await server.stop();
      const contacts = await world.contacts();
      expect(contacts.map(({ LastName }) => LastName)).toEqual(['Newest', 'Name p1']);
      if (goesOn === undefined) expect(contacts[0]?.Id).not.toBe(id);
      else expect(contacts[0]?.Id).toBe(goesOn);
      expect(
        await rows(database.pool, 'select record_id as id from export_state order by record_id'),
      ).toEqual(
        contacts
          .map((contact) => ({ id: contact.Id }))
          .toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1)),
      );
    },
  );
});

describe('Slow triggers', () => {
  test('promise 2: records whose Account others lock are tried again, alone, until everyone is written', async () => {
    await open({ mapping: [{ source: { constant: 'Acme' }, target: 'company' }] });
    await world.ingest(people(20));
    const server = world.startServer(directly);
    await world.settle();
    const [{ recordId } = { recordId: '' }] = await rows<{ recordId: string }>(
      database.pool,
      'select record_id as "recordId" from export_state where record_id like \'001%\'',
    );
    org.faults({ locks: { transaction_ms: 700, timeout_ms: 50 } });
    const theirs = world.asOther('PATCH', `/sobjects/Account/${recordId}`, { Phone: '1' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await world.ingest(people(20, () => ({ lastName: 'Newest' })));
    server.worker.wake();
    const refused = () =>
      writes().filter(({ response }) => JSON.stringify(response).includes('UNABLE_TO_LOCK_ROW'));
    await until('Salesforce refuses', () => refused().length > 0);
    expect((await world.statuses()).failed).toBeUndefined();
    await theirs;
    org.faults({});
    await world.settle();
    await server.stop();
    expect((await world.contacts()).map(({ LastName }) => LastName)).toEqual(Array(20).fill('Newest'));
    expect(await world.statuses()).toEqual({ activated: 21 });
  });

  test('promise 2: with ConcurrentPerOrgLongTxn fewer calls run at once, and everyone is written', async () => {
    await open();
    org.faults({
      concurrency: { limit: 2, long_ms: 50 },
      rules: [{ fault: { kind: 'latency', ms: 300 } }],
    });
    await world.ingest(people(3_000));
    const server = world.startServer(directly);
    await world.settle();
    await server.stop();
    const refused = writes().filter(({ status }) => status === 403);
    // With five at a time all along, more would be refused than are let through.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(10);
    expect(await world.contacts()).toHaveLength(3_000);
    expect(await world.statuses()).toEqual({ activated: 3_000 });
  });
});

describe('Order', () => {
  test('promise 4: what changed last is what stands, also while an older write is slow', async () => {
    await open();
    await world.ingest(people(2));
    const server = world.startServer(directly);
    await world.settle();
    org.faults({ rules: [{ match: ofWrites, count: 1, fault: { kind: 'latency', ms: 700 } }] });
    await world.ingest([{ id: 'p0', lastName: 'Older' }]);
    server.worker.wake();
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const lastName of ['Newer', 'Newest']) {
      await world.ingest([{ id: 'p0', lastName }]);
      server.worker.wake();
    }
    await world.settle(0);
    await server.stop();
    const names = org
      .changes({ object: 'Contact' })
      .flatMap(({ fields }) => (fields.LastName ? [fields.LastName.new] : []));
    expect(names[0]).toBe('Newest');
    expect(names).toContain('Older');
    expect(await world.contacts()).toMatchObject([{ LastName: 'Newest' }, { LastName: 'Name p1' }]);
  });
});
