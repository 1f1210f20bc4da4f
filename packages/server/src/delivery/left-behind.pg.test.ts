import { setTimeout as delay } from 'node:timers/promises';
import type { FieldValue } from '@headrace/core';
import { createDatabase, MemoryOrg, type MemoryOrgFault, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import { deletePerson } from '../ingestion/delete-person.ts';
import { IdentityGraph } from '../ingestion/part-identities.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { rows, transaction } from '../store/database.ts';
import { readDataflowRecords } from '../store/dataflow-reports.ts';
import type { ActivationOptions } from '../store/delivery-dataflows.ts';
import { findProfileByIdentity } from '../store/identities.ts';
import { activateSegment, plainActivation } from './activations.ts';
import { evaluateAndMark, insertDelivery, startWorker } from './delivery.fixture.ts';
import type { DeliveryWorker } from './delivery-worker.ts';
import { resyncMembers } from './resync-members.ts';

/* Records that merges and splits leave with nobody behind them: two lists and a field tell of one segment. */

let database: TestDatabase;
let org: MemoryOrg;
let worker: DeliveryWorker;
let stop: () => Promise<void>;
let ids: Awaited<ReturnType<typeof insertDelivery>>;

beforeEach(async () => {
  database = await createDatabase();
  org = new MemoryOrg();
  ids = await insertDelivery(database.pool);
  await database.pool.query('update dataflow set tells_memberships = true');
  ({ worker, stop } = startWorker(database, org));
});
afterEach(async () => {
  await stop();
  await database.drop();
});

const activate = async (options: Partial<ActivationOptions> = {}): Promise<void> => {
  const chosen = { ...plainActivation, mappingId: 'loyal', ...options };
  await activateSegment(database.pool, ids.dataflowId, ids.segmentId, chosen, new Date());
  worker.wake();
};

const id = (value: string) => ({ namespace: 'CRMID', value });
const mailOf = (value: string) => `${value}@example.com`;
type Person = { id: string; email?: string; lastName?: string; links?: readonly string[] };
let stamp = 1;
async function ingest(...people: Person[]): Promise<void> {
  const records = people.map(
    ({ id: own, email = mailOf(own), lastName, links = [] }): PreparedRecord => ({
      datasetId: ids.datasetId,
      kind: 'profile',
      recordId: own,
      stampMs: stamp++,
      receivedMs: 0,
      batchId: null,
      primary: id(own),
      identities: [own, ...links].map(id),
      document: {
        personalEmail: { address: email },
        ...(lastName !== undefined && { person: { name: { lastName } } }),
      },
    }),
  );
  const onChange = evaluateAndMark(ids.segmentId);
  await transaction(database.pool, (trx) => applyRecords(trx, records, onChange, new Date()));
  worker.wake();
}

const people = () => ({
  pool: database.pool,
  onChange: evaluateAndMark(ids.segmentId),
  onCommit: () => worker.wake(),
  now: () => new Date(),
});

async function settled(): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const open = await rows(
      database.pool,
      `select e.* from export_state e where status = 'pending'
       union all select null from activation where backfilled_at is null and ended_at is null
       union all select null from profile_deletion where finished_at is null`.replace('e.*', 'e.code'),
    );
    if (open.length === 0) break;
    if (Date.now() > deadline) throw new Error(`Still pending: ${JSON.stringify(open)}`);
    await delay(20);
  }
  const [run] = await rows<Record<string, number>>(
    database.pool,
    `select coalesce(sum(received), 0)::int as received, coalesce(sum(activated + excluded + failed), 0)::int as settled,
       (select count(*)::int from delivery_outcome) as outcomes from dataflow_run`,
  );
  expect(run).toEqual({ received: run?.settled, settled: run?.settled, outcomes: run?.settled });
}

type Told = { name: FieldValue | undefined; list: string | undefined; field: FieldValue | undefined };
/** What the records of some addresses say, by who they were made for. */
const told = (...who: string[]): Record<string, Told> =>
  Object.fromEntries(
    who.map((one) => {
      const [recordId = ''] = made.get(one) ?? [];
      const record = org.records.get(recordId);
      return [
        one,
        { name: record?.lastName, list: org.lists.get('list seg')?.get(recordId), field: record?.loyal },
      ];
    }),
  );
const made = new Map<string, string[]>();

async function begin(options: Partial<ActivationOptions> = {}): Promise<void> {
  await activate(options);
  await ingest({ id: '1', lastName: 'One' }, { id: '2', lastName: 'Two' });
  await settled();
  for (const one of ['1', '2']) made.set(one, org.idsOf(mailOf(one)));
}

describe('promise 2: two people with a record each become one', () => {
  test.each([
    ['1', {}, 'exited', 'exited'],
    ['2', {}, 'exited', 'exited'],
    ['1', { onExit: 'remove' }, undefined, null],
    ['2', { onExit: 'remove' }, undefined, null],
    ['1', { onExit: 'nothing' }, 'member', 'member'],
    ['2', { onExit: 'nothing' }, 'member', 'member'],
  ] as const)('%s goes on; what is written of the other: %o', async (newest, options, list, field) => {
    const other = newest === '1' ? '2' : '1';
    await begin(options);
    const names = told('1', '2');
    await ingest({ id: newest, lastName: 'Joined', links: [other] });
    await settled();
    expect(told(newest, other)).toEqual({
      [newest]: { name: 'Joined', list: 'member', field: 'member' },
      [other]: { name: names[other]?.name, list, field },
    });
    const records = await readDataflowRecords(database.pool, {
      dataflowId: ids.dataflowId,
      status: 'activated',
      code: undefined,
      after: undefined,
      limit: 10,
    });
    expect(records).toMatchObject([
      {
        recordId: made.get(newest)?.[0],
        supersededRecords: [{ recordId: made.get(other)?.[0], status: 'exited', code: 'record_superseded' }],
      },
    ]);
    // They part: each goes on with what is their own.
    await new IdentityGraph(people()).unlink([id('1'), id('2')], 'test');
    await settled();
    for (const one of ['1', '2']) expect(told(one)[one]).toMatchObject({ list: 'member', field: 'member' });
    await new IdentityGraph(people()).relink([id('1'), id('2')]);
    await settled();
    expect(told(other)[other]).toMatchObject({ list, field });
  });

  test('restored to an older state, the record that was left says so once more', async () => {
    await begin();
    const older = new Map(org.lists.get('list seg'));
    await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
    await settled();
    expect(told('2')).toMatchObject({ 2: { list: 'exited' } });
    org.lists.set('list seg', older);
    await resyncMembers(database.pool, ids.dataflowId, () => new Date());
    worker.wake();
    await settled();
    expect(told('1', '2')).toMatchObject({ 1: { list: 'member' }, 2: { list: 'exited' } });
  });

  test('who goes on has left: both records say so', async () => {
    await begin();
    await ingest({ id: '1', links: ['2'] }, { id: '2' });
    await settled();
    const exited = { list: 'exited', field: 'exited' };
    expect(told('1', '2')).toEqual({ 1: { name: 'One', ...exited }, 2: { name: 'Two', ...exited } });
  });

  test('one that had no record takes over the other, which nobody is taken out of', async () => {
    await activate();
    await ingest({ id: '1', lastName: 'One' }, { id: '2' });
    await settled();
    made.set('1', org.idsOf(mailOf('1')));
    const { writes } = org;
    await ingest({ id: '2', lastName: 'Two', links: ['1'] });
    await settled();
    expect(told('1')).toEqual({ 1: { name: 'Two', list: 'member', field: 'member' } });
    expect([org.records.size, org.writes]).toEqual([1, writes + 1]);
  });

  test('who comes back to the record that was left is in it again, and out of the other', async () => {
    await begin();
    await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
    await settled();
    await ingest({ id: '1', lastName: 'Joined', email: mailOf('2'), links: ['2'] });
    await settled();
    expect(told('1', '2')).toEqual({
      1: { name: 'Joined', list: 'exited', field: 'exited' },
      2: { name: 'Joined', list: 'member', field: 'member' },
    });
  });
});

describe('promises 2, 3 and 4: while the exit is under way', () => {
  const isExit = (items: readonly { readonly fields: object }[]) =>
    items.some(({ fields }) => Object.values(fields).includes('exited'));

  test.each([
    'applied, answer lost',
    'not applied, answer lost',
    'record locked',
    'lists locked',
    'lists unanswered',
  ] as const)('it is %s', async (fault: MemoryOrgFault) => {
    await begin();
    org.beforeWrite = async ({ items }) => {
      if (isExit(items)) return;
      org.beforeWrite = async () => undefined;
      // The next write is the exit.
      org.faults.push(fault);
    };
    await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
    await settled();
    expect(org.faults).toEqual([]);
    expect(told('1', '2')).toEqual({
      1: { name: 'Joined', list: 'member', field: 'member' },
      2: { name: 'Two', list: 'exited', field: 'exited' },
    });
    expect(org.records.size).toBe(2);
  });

  test.each(['answered', 'applied, answer lost', 'not applied, answer lost'] as const)(
    'the record is taken up again; the exit is %s',
    async (fault) => {
      await begin();
      let exits = 0;
      let isUnderWay = false;
      const meanwhile: (string | null)[] = [];
      org.beforeWrite = async ({ items }) => {
        if (isUnderWay) meanwhile.push(...items.map(({ recordId }) => recordId));
        if (!isExit(items) || exits++ > 0) return;
        isUnderWay = true;
        await ingest({ id: '1', lastName: 'Back', email: mailOf('2'), links: ['2'] });
        await delay(400);
        isUnderWay = false;
      };
      org.lostCallMs = 700;
      await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
      if (fault !== 'answered') {
        await expect.poll(() => org.writes, { timeout: 5_000 }).toBeGreaterThanOrEqual(2);
        org.faults.push(fault);
      }
      await settled();
      expect(exits).toBeGreaterThan(0);
      expect(meanwhile).not.toContain(made.get('2')?.[0]);
      expect(told('1', '2')).toEqual({
        1: { name: expect.any(String), list: 'exited', field: 'exited' },
        2: { name: 'Back', list: 'member', field: 'member' },
      });
    },
  );

  test.each(['answered', 'applied, answer lost', 'not applied, answer lost'] as const)(
    'they became one while the other was being made, %s',
    async (fault) => {
      await activate();
      await ingest({ id: '1', lastName: 'One' });
      await settled();
      if (fault !== 'answered') org.faults.push(fault);
      org.beforeWrite = async () => {
        org.beforeWrite = async () => undefined;
        await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
      };
      await ingest({ id: '2', lastName: 'Two' });
      await settled();
      for (const one of ['1', '2']) made.set(one, org.idsOf(mailOf(one)));
      expect(told('1')).toEqual({ 1: { name: 'Joined', list: 'member', field: 'member' } });
      if (made.get('2')?.length === 1)
        expect(told('2')[2]).toMatchObject({ list: 'exited', field: 'exited' });
      else expect(fault).toBe('not applied, answer lost');
    },
  );
});

test('promise 8: nothing is written to the record of a person who was deleted, and nothing of them is left', async () => {
  await begin();
  await stop();
  await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
  const profileId = (await findProfileByIdentity(database.pool, id('1'))) ?? '';
  await deletePerson(people(), { profileId, atDestinations: 'keep', principal: 'test' });
  ({ worker, stop } = startWorker(database, org));
  await settled();
  expect(told('1', '2')).toMatchObject({ 1: { list: 'member' }, 2: { list: 'member' } });
  expect(JSON.stringify(await rows(database.pool, 'select * from export_state'))).not.toContain(
    '@example.com',
  );
});

test('promise 8: nothing is written to a record left behind while it is still to be deleted with its person', async () => {
  await begin();
  await stop();
  await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
  const profileId = (await findProfileByIdentity(database.pool, id('1'))) ?? '';
  await deletePerson(people(), { profileId, atDestinations: 'delete', principal: 'test' });
  const remove = org.remove.bind(org);
  org.remove = async (batch) => {
    const pending = () =>
      rows(database.pool, `select from export_state where left_behind and status = 'pending'`);
    await expect.poll(pending, { timeout: 10_000 }).toEqual([]);
    return remove(batch);
  };
  ({ worker, stop } = startWorker(database, org));
  await settled();
  expect([org.records.size, Object.values(told('1', '2')).map(({ list }) => list)]).toEqual([
    0,
    ['member', 'member'],
  ]);
});

test.each(['deleted', 'merged into the other'])(
  'promise 3: a record that was %s there is told nothing, and neither is the other',
  async (how) => {
    await begin();
    await stop();
    await ingest({ id: '1', lastName: 'Joined', links: ['2'] });
    const [one = '', two = ''] = [made.get('1')?.[0], made.get('2')?.[0]];
    org.records.delete(two);
    if (how !== 'deleted') org.moved.set(two, one);
    ({ worker, stop } = startWorker(database, org));
    await settled();
    expect([...org.records.keys()]).toEqual([one]);
    expect(told('1')).toEqual({ 1: { name: 'Joined', list: 'member', field: 'member' } });
    const [row] = await readDataflowRecords(database.pool, {
      dataflowId: ids.dataflowId,
      status: 'activated',
      code: undefined,
      after: undefined,
      limit: 10,
    });
    expect(row).toMatchObject({ recordId: one, supersededRecords: [] });
  },
);
