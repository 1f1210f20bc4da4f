import { randomUUID } from 'node:crypto';
import { compileSegmentRule, composeSchema } from '@headrace/core';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import { deletePerson } from '../ingestion/delete-person.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import type { ProfileChangeListener } from '../ingestion/save-profiles.ts';
import { evaluateChanges } from '../segmentation/evaluate-changes.ts';
import { maybeRow, rows, transaction } from '../store/database.ts';
import { countDataflowMembers } from '../store/dataflow-reports.ts';
import { activateSegment, changeActivation, plainActivation } from './activations.ts';
import { insertDelivery, startWorker } from './delivery.fixture.ts';
import type { DeliveryWorker } from './delivery-worker.ts';
import { markChanges } from './mark-changes.ts';
import { reportActivations } from './report-activations.ts';

/* Two segments with a list each: people with a last name, and people with a first name. */

let database: TestDatabase;
let org: MemoryOrg;
let worker: DeliveryWorker;
let stop: () => Promise<void>;
let ids: Awaited<ReturnType<typeof insertDelivery>>;
let second: string;

beforeEach(async () => {
  database = await createDatabase();
  org = new MemoryOrg();
  ids = await insertDelivery(database.pool);
  second = randomUUID();
  await database.pool.query(`insert into segment values ($1, 'second', '', 'true', now(), now())`, [second]);
  await database.pool.query('update dataflow set tells_memberships = true');
  ({ worker, stop } = startWorker(database, org));
});
afterEach(async () => {
  await stop();
  await database.drop();
});

const schemas = {
  profile: composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: ['xdm.demographic-details'] }),
  event: composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: [] }),
};
const rule = compileSegmentRule('person.name.lastName.isNotNull()', schemas);
const secondRule = compileSegmentRule('person.name.firstName.isNotNull()', schemas);
const onChange: ProfileChangeListener = async (trx, changes, now) => {
  const rules = [
    { segmentId: ids.segmentId, rule },
    { segmentId: second, rule: secondRule },
  ];
  await markChanges(trx, await evaluateChanges(trx, changes, rules, now), changes, now);
};

type Person = {
  id: string;
  email: string;
  lastName?: string;
  firstName?: string;
  optedOut?: boolean;
  links?: readonly string[];
};
let stamp = 1;
async function ingest(...people: Person[]): Promise<void> {
  const records = people.map(
    ({ id, email, optedOut, links = [], ...name }): PreparedRecord => ({
      datasetId: ids.datasetId,
      kind: 'profile',
      recordId: id,
      stampMs: stamp++,
      receivedMs: 0,
      batchId: null,
      primary: { namespace: 'CRMID', value: id },
      identities: [id, ...links].map((value) => ({ namespace: 'CRMID', value })),
      document: {
        personalEmail: { address: email },
        person: { name },
        ...(optedOut === true && { consents: { marketing: { email: { val: 'n' } } } }),
      },
    }),
  );
  await transaction(database.pool, (trx) => applyRecords(trx, records, onChange, new Date()));
  worker.wake();
}

const activate = async (segmentId: string = ids.segmentId, startsAt: Date | null = null): Promise<void> => {
  await activateSegment(
    database.pool,
    ids.dataflowId,
    segmentId,
    { ...plainActivation, startsAt },
    new Date(),
  );
  worker.wake();
};

async function settled(): Promise<void> {
  await expect
    .poll(
      () =>
        maybeRow(
          database.pool,
          `select (select count(*) from export_state where status = 'pending')
             + (select count(*) from activation where backfilled_at is null and ended_at is null)
             + (select count(*) from activation where ended_at is null and ends_at <= now())
             + (select count(*) from profile_deletion where finished_at is null)
             + (select count(*) from dataflow where remark_wanted) as open`,
        ),
      { timeout: 20_000, interval: 20 },
    )
    .toEqual({ open: 0 });
}

/** Both lists: record id → status. */
const lists = (): Record<string, string>[] =>
  ['list seg', 'list second'].map((list) => Object.fromEntries(org.lists.get(list) ?? []));

const a = { id: '1', email: 'a@example.com' };
const inFirst = { ...a, lastName: 'A' };
const inBoth = { ...inFirst, firstName: 'A' };

test('promise 8: who opts out before a lost answer was read back leaves the list that the lost request put them on', async () => {
  await activate();
  await activate(second);
  await ingest(inFirst);
  await settled();
  org.lostCallMs = 1_000;
  org.faults.push('applied, answer lost');
  await ingest(inBoth);
  await expect.poll(lists).toEqual([{ 'rec-1': 'member' }, { 'rec-1': 'member' }]);
  await ingest({ ...inBoth, optedOut: true });
  await settled();
  expect(lists()).toEqual([{ 'rec-1': 'exited' }, { 'rec-1': 'exited' }]);
});

test('promise 2: who leaves one of the segments that a lost request made their record with leaves its list', async () => {
  await activate();
  await activate(second);
  await settled();
  org.lostCallMs = 1_000;
  org.faults.push('applied, answer lost');
  await ingest(inBoth);
  await expect.poll(lists).toEqual([{ 'rec-1': 'member' }, { 'rec-1': 'member' }]);
  await ingest(inFirst);
  await settled();
  expect(lists()).toEqual([{ 'rec-1': 'member' }, { 'rec-1': 'exited' }]);
});

test('promise 2: who leaves after a list was written, and another failed for good, leaves that list too', async () => {
  await activate();
  await activate(second);
  await ingest(inFirst);
  await settled();
  const deliver = org.deliver.bind(org);
  org.deliver = async (batch) => {
    org.deliver = deliver;
    const [done] = await deliver(batch);
    if (done?.kind !== 'activated') return [];
    const { recordId } = done;
    return [
      {
        kind: 'failed',
        code: 'LIST_GONE',
        message: 'A list is gone.',
        retryable: false,
        recordId,
        created: false,
      },
    ];
  };
  await ingest(inBoth);
  await settled();
  expect(lists()[1]).toEqual({ 'rec-1': 'member' });
  await ingest(a);
  await settled();
  expect(lists()).toEqual([{ 'rec-1': 'exited' }, { 'rec-1': 'exited' }]);
});

test.each([0, 1_500])(
  'promise 2: members kept already are told of a segment activated later, which begins after %s ms',
  async (ms) => {
    await activate();
    await ingest(inBoth);
    await settled();
    await activate(second, new Date(Date.now() + ms));
    await settled();
    expect(lists()).toEqual([{ 'rec-1': 'member' }, { 'rec-1': 'member' }]);
  },
);

test.each([
  ['1', '2'],
  ['2', '1'],
])(
  'promise 2: people made in the order %s, %s become one, whose record leaves what the other person alone was in',
  async (...order) => {
    const two = { id: '2', email: 'b@example.com', lastName: 'B' };
    await activate();
    await activate(second);
    for (const id of order) {
      await ingest(id === '1' ? inFirst : { ...two, firstName: 'B' });
      await settled();
    }
    const [[first = ''], [other = '']] = [org.idsOf('a@example.com'), org.idsOf('b@example.com')];
    expect(lists()).toEqual([{ [first]: 'member', [other]: 'member' }, { [other]: 'member' }]);
    await ingest({ ...two, links: ['1'] });
    await settled();
    expect(lists()).toEqual([{ [first]: 'exited', [other]: 'member' }, { [other]: 'exited' }]);
  },
);

test('promise 2: of a merge while the record of one is being made, the same', async () => {
  const two = { id: '2', email: 'b@example.com', lastName: 'B' };
  await activate();
  await activate(second);
  await ingest(inFirst);
  await settled();
  let isFirst = true;
  org.beforeWrite = async () => {
    if (!isFirst) return;
    isFirst = false;
    await ingest({ ...two, links: ['1'] });
  };
  await ingest({ ...two, firstName: 'B' });
  await settled();
  const [[first = ''], [other = '']] = [org.idsOf('a@example.com'), org.idsOf('b@example.com')];
  expect(lists()).toEqual([{ [first]: 'exited', [other]: 'member' }, { [other]: 'exited' }]);
});

test('promise 1: who leaves two dataflows at once, while another waits for their key in both, leaves them', async () => {
  const other = randomUUID();
  await database.pool.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, stopped_by, created_at)
     select $1, account_id, 'other', '', '{}', mapping, true, null, now() from dataflow`,
    [other],
  );
  await activate();
  await activateSegment(database.pool, other, ids.segmentId, plainActivation, new Date());
  await ingest(inFirst);
  await settled();
  await ingest({ ...inFirst, id: '2' });
  await settled();
  await ingest(a);
  await settled();
  const states = await rows(
    database.pool,
    'select status, count(*) as count from export_state group by 1 order by 1',
  );
  expect(states).toEqual([
    { status: 'activated', count: 2 },
    { status: 'exited', count: 2 },
  ]);
});

test('promise 10: an activation that has ended counts nobody, and neither does the dataflow', async () => {
  await activate();
  await ingest(inFirst);
  await settled();
  const report = async () => [
    (await reportActivations(database.pool, ids.dataflowId, () => performance.now()))[0],
    await countDataflowMembers(database.pool, ids.dataflowId),
  ];
  expect(await report()).toMatchObject([
    { profiles: 1, activated: 1 },
    { members: 1, activated: 1 },
  ]);
  await changeActivation(database.pool, ids.dataflowId, ids.segmentId, { endsAt: new Date() }, new Date());
  worker.wake();
  await settled();
  expect(await report()).toMatchObject([
    { profiles: 0, pending: 0 },
    { members: 0, pending: 0 },
  ]);
  await activate(second, new Date(Date.now() + 600_000));
  const reports = await reportActivations(database.pool, ids.dataflowId, () => performance.now());
  expect(reports.map(({ profiles, pending }) => [profiles, pending])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test('promise 9: of a deleted person no hash of a value stays, of the record they left behind neither', async () => {
  await activate();
  await ingest(inFirst, { id: '2', email: 'b@example.com', lastName: 'B' });
  await settled();
  await ingest({ id: '2', email: 'b@example.com', lastName: 'B', links: ['1'] });
  await settled();
  const hashes = () =>
    rows(
      database.pool,
      `select distinct left_behind as "isLeft" from export_state where sent is not null or sent_hash is not null
       order by left_behind`,
    );
  expect(await hashes()).toEqual([{ isLeft: false }, { isLeft: true }]);
  const [profile] = await rows<{ profileId: string }>(
    database.pool,
    'select profile_id as "profileId" from profile',
  );
  await deletePerson(
    { pool: database.pool, onChange, onCommit: () => worker.wake(), now: () => new Date() },
    { profileId: profile?.profileId ?? '', atDestinations: 'keep', principal: 'test' },
  );
  await settled();
  expect(await hashes()).toEqual([]);
});
