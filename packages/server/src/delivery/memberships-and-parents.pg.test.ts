import { setTimeout as delay } from 'node:timers/promises';
import type { MappingRow } from '@headrace/core';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { rows, transaction } from '../store/database.ts';
import { countDeletion } from '../store/dataflow-deletions.ts';
import { updateMapping } from '../store/dataflows.ts';
import type { ActivationOptions } from '../store/delivery-dataflows.ts';
import { activateSegment, changeActivation, plainActivation } from './activations.ts';
import { evaluateAndMark, insertDelivery, startWorker } from './delivery.fixture.ts';
import type { DeliveryWorker } from './delivery-worker.ts';
import { resyncMembers } from './resync-members.ts';

let database: TestDatabase;
let org: MemoryOrg;
let worker: DeliveryWorker;
let stop: () => Promise<void>;
let dataflowId: string;
let segmentId: string;
let datasetId: string;

beforeEach(async () => {
  database = await createDatabase();
  org = new MemoryOrg();
  ({ dataflowId, segmentId, datasetId } = await insertDelivery(database.pool));
  ({ worker, stop } = startWorker(database, org));
});
afterEach(async () => {
  await stop();
  await database.drop();
});

type Person = {
  id: string;
  email?: string;
  lastName?: string;
  city?: string;
  company?: string;
  optedOut?: boolean;
  links?: string[];
};
let stamp = 1;

async function ingest(...people: Person[]): Promise<void> {
  const records = people.map(
    ({ id, email, lastName, city, company, optedOut, links = [] }): PreparedRecord => {
      const identities = [id, ...links].map((value) => ({ namespace: 'CRMID', value }));
      const address = {
        ...(city !== undefined && { city }),
        ...(company !== undefined && { street1: company }),
      };
      return {
        datasetId,
        kind: 'profile',
        recordId: id,
        stampMs: stamp++,
        receivedMs: 0,
        batchId: null,
        primary: { namespace: 'CRMID', value: id },
        identities,
        document: {
          ...(email !== undefined && { personalEmail: { address: email } }),
          ...(lastName !== undefined && { person: { name: { lastName } } }),
          homeAddress: address,
          ...(optedOut === true && { consents: { marketing: { email: { val: 'n' } } } }),
        },
      };
    },
  );
  const onChange = evaluateAndMark(segmentId);
  await transaction(database.pool, (trx) => applyRecords(trx, records, onChange, new Date()));
  worker.wake();
}

const mapping: MappingRow[] = [
  { source: { attribute: 'personalEmail.address' }, target: 'email' },
  { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
];
const map = async (...more: MappingRow[]): Promise<void> => {
  await updateMapping(database.pool, dataflowId, [...mapping, ...more]);
  worker.wake();
};
const tellMemberships = () =>
  database.pool.query('update dataflow set tells_memberships = true, revision = revision + 1');
const activate = async (options: Partial<ActivationOptions> = {}): Promise<void> => {
  await activateSegment(database.pool, dataflowId, segmentId, { ...plainActivation, ...options }, new Date());
  worker.wake();
};

/** Where people stand once nothing is pending: address, status and code. */
async function settled(): Promise<string[]> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const [open] = await rows<{ count: number }>(
      database.pool,
      `select (select count(*) from export_state where status = 'pending')
         + (select count(*) from activation
            where backfilled_at is null and coalesce(starts_at, now()) <= now() and coalesce(ends_at > now(), true))
         + (select count(*) from activation where ended_at is null and ends_at <= now())
         + (select count(*) from dataflow where remark_wanted) as count`,
    );
    if (open?.count === 0) break;
    if (Date.now() > deadline) throw new Error('Still pending.');
    await delay(20);
  }
  const [run] = await rows<Record<string, number>>(
    database.pool,
    `select coalesce(sum(received), 0)::int as received, coalesce(sum(activated + excluded + failed), 0)::int as settled,
       (select count(*)::int from delivery_outcome) as outcomes from dataflow_run`,
  );
  expect(run).toEqual({ received: run?.settled, settled: run?.settled, outcomes: run?.settled });
  const found = await rows<{ email: string; status: string; code: string | null }>(
    database.pool,
    `select p.document->'personalEmail'->>'address' as email, e.status, e.code
     from export_state e join profile p using (bucket, profile_id) order by email`,
  );
  return found.map(({ email, status, code }) => [email?.split('@')[0], status, code ?? ''].join(' ').trim());
}

/** Who is on the list, by address. */
const listed = (): Record<string, string> =>
  Object.fromEntries(
    [...(org.lists.get('list seg') ?? [])].map(([id, status]) => [
      String(org.records.get(id)?.email).split('@')[0],
      status,
    ]),
  );
const a = { id: '1', email: 'a@example.com', lastName: 'A' };
const b = { id: '2', email: 'b@example.com', lastName: 'B' };

describe('promise 2: memberships are told', () => {
  beforeEach(tellMemberships);

  test('who enters, leaves and comes back is so listed; nothing else of the record is touched by an exit', async () => {
    await activate();
    await ingest(a, b);
    expect(await settled()).toEqual(['a activated', 'b activated']);
    expect(listed()).toEqual({ a: 'member', b: 'member' });
    expect(org.listCalls).toBe(1);
    await ingest({ id: '1', email: 'other@example.com' });
    expect(await settled()).toEqual(['b activated', 'other exited segment_exited']);
    expect(listed()).toEqual({ a: 'exited', b: 'member' });
    await ingest(a);
    expect(await settled()).toEqual(['a activated', 'b activated']);
    expect(listed()).toEqual({ a: 'member', b: 'member' });
  });

  test('promise 8: after an opt-out the exit is written, and nothing else', async () => {
    await activate();
    await ingest(a);
    await settled();
    await ingest({ ...a, lastName: 'Secret', optedOut: true });
    expect(await settled()).toEqual(['a excluded consent_withdrawn']);
    expect(listed()).toEqual({ a: 'exited' });
    expect([...org.records.values()]).toEqual([{ email: 'a@example.com', lastName: 'A' }]);
  });

  test.each([
    ['remove', {}],
    ['nothing', { a: 'member' }],
  ] as const)('an exit can be chosen: %s', async (onExit, left) => {
    await activate({ onExit });
    await ingest(a);
    await settled();
    await ingest({ id: '1', email: 'a@example.com' });
    await settled();
    expect(listed()).toEqual(left);
  });

  test('a segment is kept between its start and its end, and everyone has left it then', async () => {
    await ingest(a, b);
    await activate({ startsAt: new Date(Date.now() + 1_500), endsAt: new Date(Date.now() + 600_000) });
    await delay(700);
    expect(org.writes).toBe(0);
    await expect.poll(listed, { timeout: 5_000 }).toEqual({ a: 'member', b: 'member' });
    await settled();
    await changeActivation(database.pool, dataflowId, segmentId, { endsAt: new Date() }, new Date());
    expect(await settled()).toEqual(['a exited segment_exited', 'b exited segment_exited']);
    expect(listed()).toEqual({ a: 'exited', b: 'exited' });
    await activate();
    expect(await settled()).toEqual(['a activated', 'b activated']);
    expect(listed()).toEqual({ a: 'member', b: 'member' });
  });

  test('who leaves before a lost answer was read back is taken off all the same', async () => {
    await activate();
    await settled();
    org.faults.push('applied, answer lost');
    await ingest(a);
    await expect.poll(() => org.writes, { timeout: 5_000 }).toBe(1);
    await ingest({ id: '1', email: 'a@example.com' });
    expect(await settled()).toEqual(['a exited segment_exited']);
    expect(listed()).toEqual({ a: 'exited' });
  });

  test.each(['lists locked', 'lists unanswered'] as const)(
    'a record that was made before its list failed (%s) counts as made, for good',
    async (fault) => {
      await activate();
      await settled();
      org.faults.push(fault);
      await ingest(a);
      expect(await settled()).toEqual(['a activated']);
      expect([listed(), org.records.size]).toEqual([{ a: 'member' }, 1]);
      await ingest({ ...a, lastName: 'Later' });
      expect(await settled()).toEqual(['a activated']);
      const outcomes = await rows(database.pool, 'select created from delivery_outcome order by seq');
      expect(outcomes).toEqual([{ created: true }, { created: false }]);
      const [account] = await rows<{ accountId: string }>(
        database.pool,
        'select account_id as "accountId" from account',
      );
      const dataflow = { dataflowId, accountId: account?.accountId ?? '' };
      const everywhere = { firstBucket: 0, lastBucket: 4_095 };
      expect(await countDeletion(database.pool, dataflow, everywhere)).toMatchObject({ created: 1 });
    },
  );

  test('who was held up by another under a new key leaves their own record, not the other', async () => {
    await activate();
    await ingest(a, b);
    await settled();
    await ingest({ ...a, email: 'b@example.com' });
    expect(await settled()).toEqual(['b activated', 'b excluded match_key_held']);
    await ingest({ id: '1', email: 'b@example.com' });
    expect(await settled()).toEqual(['b activated', 'b exited segment_exited']);
    expect(listed()).toEqual({ a: 'exited', b: 'member' });
    expect([...org.records.values()].map(({ lastName }) => lastName).sort()).toEqual(['A', 'B']);
  });

  test('who waits for the key of one that leaves has it once the exit is written', async () => {
    await activate();
    await ingest(a);
    await settled();
    await ingest({ ...b, email: 'a@example.com' });
    expect(await settled()).toEqual(['a activated', 'a excluded match_key_held']);
    let isFirst = true;
    org.beforeWrite = async () => {
      // Both are looked at before the exit is answered.
      if (isFirst) await delay(500);
      isFirst = false;
    };
    await ingest({ id: '1', email: 'left@example.com' });
    expect(await settled()).toEqual(['a activated', 'left exited segment_exited']);
    expect([org.records.size, listed()]).toEqual([1, { a: 'member' }]);
  });

  test('a lost answer is read back with its list', async () => {
    await activate();
    await settled();
    org.faults.push('applied, answer lost');
    await ingest(a);
    expect(await settled()).toEqual(['a activated']);
    expect([listed(), org.reads, org.records.size]).toEqual([{ a: 'member' }, 1, 1]);
  });
});

describe('records that profiles belong to', () => {
  const company: MappingRow = { source: { attribute: 'homeAddress.street1' }, target: 'company' };
  beforeEach(() => map(company));

  test('promise 3: one is made for all who name it, before them, and they carry its id', async () => {
    await activate();
    await ingest(
      { ...a, company: 'Acme' },
      { ...b, company: 'ACME' },
      { id: '3', email: 'c@example.com', lastName: 'C' },
    );
    expect(await settled()).toEqual(['a activated', 'b activated', 'c activated']);
    const companies = [...org.records].filter(([, { name }]) => name !== undefined);
    expect(companies).toHaveLength(1);
    const people = [...org.records.values()].filter(({ email }) => email !== undefined);
    const id = companies[0]?.[0];
    expect(people.map(({ companyId }) => companyId).sort()).toEqual([id, id, undefined]);
    const members = await rows(database.pool, 'select from export_state where member');
    expect(members).toHaveLength(3);
  });

  test('who names another one later belongs to that; what it is called follows who changed last', async () => {
    await activate();
    await ingest({ ...a, company: 'Acme' });
    await settled();
    await ingest({ ...b, company: 'ACME' });
    await settled();
    const nameOf = (of: string) =>
      [...org.records.values()].find(({ email }) => email === `${of}@example.com`)?.companyId;
    expect(org.records.get(String(nameOf('a')))).toEqual({ name: 'ACME' });
    await ingest({ ...a, company: 'Initech' });
    await settled();
    expect(org.records.get(String(nameOf('a')))).toEqual({ name: 'Initech' });
    expect(org.records.get(String(nameOf('b')))).toEqual({ name: 'ACME' });
  });

  test('promise 2: those whose company is refused fail with it, and go on with it', async () => {
    await activate();
    await ingest({ ...a, company: 'refused@example.com' });
    expect(await settled()).toEqual(['a failed parent_failed']);
    await ingest({ ...a, company: 'Acme' });
    expect(await settled()).toEqual(['a activated']);
  });

  test('promise 3: a lost answer makes no second one', async () => {
    await activate();
    org.faults.push('applied, answer lost');
    await ingest({ ...a, company: 'Acme' });
    expect(await settled()).toEqual(['a activated']);
    expect(org.records.size).toBe(2);
  });
});

describe('what the destination holds is read first', () => {
  const city: MappingRow = {
    source: { attribute: 'homeAddress.city' },
    target: 'city',
    overwrite: 'if_empty',
  };

  test('what is equal is not written, what differs is, and what is missing is made', async () => {
    org.compare = 'first';
    org.records.set('x', { email: 'a@example.com', lastName: 'A', theirs: 'kept' });
    org.records.set('y', { email: 'b@example.com', lastName: 'Other', theirs: 'kept' });
    await activate();
    await ingest(a);
    expect([await settled(), org.writes, org.reads]).toEqual([['a activated'], 0, 1]);
    await ingest(b, { id: '3', email: 'c@example.com', lastName: 'C' });
    expect(await settled()).toEqual(['a activated', 'b activated', 'c activated']);
    expect(org.records.get('y')).toEqual({ email: 'b@example.com', lastName: 'B', theirs: 'kept' });
    expect(org.records.size).toBe(3);
  });

  test('a field that is to be filled only where it is empty stays as somebody filled it', async () => {
    await map(city);
    await activate();
    await ingest({ ...a, city: 'Ulm' });
    await settled();
    const [id] = org.idsOf('a@example.com');
    expect(org.records.get(String(id))).toMatchObject({ city: 'Ulm' });
    org.records.set(String(id), { ...org.records.get(String(id)), city: 'Bonn' });
    await ingest({ ...a, lastName: 'New', city: 'Kiel' });
    expect(await settled()).toEqual(['a activated']);
    expect(org.records.get(String(id))).toMatchObject({ city: 'Bonn', lastName: 'New' });
  });

  test('promise 3: answers that are lost in between lead to one record', async () => {
    org.compare = 'always';
    await activate();
    org.faults.push('applied, answer lost', 'not applied, answer lost');
    await ingest(a, b);
    expect(await settled()).toEqual(['a activated', 'b activated']);
    expect(org.records.size).toBe(2);
  });

  test('promise 8: an opt-out between the read and the write is kept to', async () => {
    org.compare = 'always';
    await activate();
    const read = org.read.bind(org);
    org.read = async (batch) => {
      org.read = read;
      const found = await read(batch);
      await ingest({ ...a, optedOut: true });
      return found;
    };
    await ingest(a, b);
    expect(await settled()).toEqual(['a excluded consent_withdrawn', 'b activated']);
    expect([...org.records.values()]).toEqual([{ email: 'b@example.com', lastName: 'B' }]);
  });

  test('several records under one key are left to a person', async () => {
    org.compare = 'first';
    org.records.set('x', { email: 'a@example.com' });
    org.records.set('y', { email: 'a@example.com' });
    await activate();
    await ingest(a);
    expect([await settled(), org.writes]).toEqual([['a failed several_matches'], 0]);
  });
});

describe('what is sent', () => {
  test('promise 2: after the destination was restored to an older state, everyone is written again, whole', async () => {
    await map({ source: { attribute: 'homeAddress.street1' }, target: 'company' });
    await activate();
    await ingest({ ...a, company: 'Acme' }, { ...b, company: 'Acme' });
    await settled();
    const before = new Map(org.records);
    // One record is gone, one holds older values, and so does the company of both.
    const [gone, older] = [org.idsOf('a@example.com')[0] ?? '', org.idsOf('b@example.com')[0] ?? ''];
    org.records.delete(gone);
    org.records.set(older, { email: 'b@example.com', lastName: 'Older' });
    expect(await resyncMembers(database.pool, dataflowId, () => new Date())).toBe(2);
    worker.wake();
    expect(await settled()).toEqual(['a activated', 'b activated']);
    const valuesOf = (records: Iterable<unknown>) =>
      [...records].map((record) => JSON.stringify(record)).sort();
    expect(valuesOf([...org.records.values()].map((record) => Object.entries(record).sort()))).toEqual(
      valuesOf([...before.values()].map((record) => Object.entries(record).sort())),
    );
  });

  test('promise 2: a request under way while the destination was restored says nothing of what is there now', async () => {
    await activate();
    await ingest(a);
    await settled();
    const [id] = org.idsOf('a@example.com');
    // It is written; then an older state is restored, and a resync asked for, before its answer is written down.
    const deliver = org.deliver.bind(org);
    org.deliver = async (batch) => {
      org.deliver = deliver;
      const outcomes = await deliver(batch);
      org.records.set(String(id), { email: 'a@example.com', lastName: 'Older' });
      await resyncMembers(database.pool, dataflowId, () => new Date());
      return outcomes;
    };
    await ingest({ ...a, lastName: 'New' });
    expect(await settled()).toEqual(['a activated']);
    expect(org.records.get(String(id))).toEqual({ email: 'a@example.com', lastName: 'New' });
  });

  test('promise 2: lists that are gone are made anew, and who left or opted out is taken off once more', async () => {
    await tellMemberships();
    await activate();
    const c = { id: '3', email: 'c@example.com', lastName: 'C' };
    await ingest(a, b, c);
    await settled();
    const [list] = org.lists.keys();
    const older = new Map(org.lists.get(String(list)));
    await ingest({ id: '2', email: 'b@example.com' }, { ...c, optedOut: true });
    await settled();
    const newer = new Map(org.lists.get(String(list)));
    org.lists.set(String(list), older);
    await resyncMembers(database.pool, dataflowId, () => new Date());
    worker.wake();
    await settled();
    expect(org.lists.get(String(list))).toEqual(newer);
    expect(org.listCalls).toBe(2);
  });

  test('promise 2: a list that was found before a resync is looked for again', async () => {
    await tellMemberships();
    const ensureList = org.ensureList.bind(org);
    org.ensureList = async (segment) => {
      org.ensureList = ensureList;
      const listId = await ensureList(segment);
      await resyncMembers(database.pool, dataflowId, () => new Date());
      return listId;
    };
    await activate();
    await ingest(a);
    expect(await settled()).toEqual(['a activated']);
    expect(org.listCalls).toBe(2);
  });

  test('of a known record only what changed, so that what others changed there stays', async () => {
    await activate();
    await ingest(a);
    await settled();
    const [id] = org.idsOf('a@example.com');
    org.records.set(String(id), { email: 'theirs@example.com', lastName: 'A' });
    await ingest({ ...a, lastName: 'New' });
    await settled();
    expect(org.records.get(String(id))).toEqual({ email: 'theirs@example.com', lastName: 'New' });
  });

  test('the first identity of a namespace, and again when it is another; a cleared field where that was chosen', async () => {
    await map(
      { source: { identity: 'CRMID' }, target: 'key' },
      { source: { attribute: 'homeAddress.city' }, target: 'city', when_empty: 'clear' },
    );
    await activate();
    await ingest({ ...b, city: 'Ulm' });
    await settled();
    const held = () => [...org.records.values()];
    expect(held()).toEqual([{ email: 'b@example.com', lastName: 'B', key: '2', city: 'Ulm' }]);
    await ingest(b);
    await settled();
    expect(held()).toMatchObject([{ key: '2', city: null }]);
    // An older record turns up, and with it an identity that was there before.
    stamp = 0;
    await ingest({ id: 'old', links: ['2'] });
    await settled();
    stamp = 1_000;
    expect(held()).toMatchObject([{ key: '2' }]);
    const { writes } = org;
    await ingest({ ...b, links: ['later'] });
    await settled();
    expect(org.writes).toBe(writes);
  });
});
