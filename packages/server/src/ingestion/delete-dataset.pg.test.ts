import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { compileSegmentRule, composeSchema, type JsonObject } from '@headrace/core';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { previewDatasetDeletion } from '../catalog/preview-dataset-deletion.ts';
import { activateSegment, plainActivation } from '../delivery/activations.ts';
import { DeliveryWorker } from '../delivery/delivery-worker.ts';
import { markChanges } from '../delivery/mark-changes.ts';
import { evaluateChanges } from '../segmentation/evaluate-changes.ts';
import { rows, transaction } from '../store/database.ts';
import { maintainPartitions } from '../store/maintain-partitions.ts';
import { readPopulationJobs } from '../store/population-jobs.ts';
import { type AppliedRecord, applyBisecting } from './apply-bisecting.ts';
import { beginDatasetDeletion, deleteDatasetHandler, deleteDatasetKind } from './delete-dataset.ts';
import { PopulationJobs } from './population-jobs.ts';
import type { PreparedRecord } from './prepared-record.ts';
import type { ProfileChangeListener } from './save-profiles.ts';

let database: TestDatabase;
let org: MemoryOrg;
let worker: DeliveryWorker;
let stopWorker: () => Promise<void>;
let dataflowId: string;
let segmentId: string;
/** The customers; what the sales room knows of them; what they did. */
let crm: string;
let sales: string;
let orders: string;
const now = () => new Date();

/** Members are people with a last name. */
const rule = compileSegmentRule('person.name.lastName.isNotNull()', {
  profile: composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: ['xdm.demographic-details'] }),
  event: composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: [] }),
});
const onChange: ProfileChangeListener = async (trx, changes, at) => {
  const memberships = await evaluateChanges(trx, changes, [{ segmentId, rule }], at);
  await markChanges(trx, memberships, changes, at);
};

beforeEach(async () => {
  database = await createDatabase();
  org = new MemoryOrg();
  // No call is lost here, however slow the machine.
  org.lostCallMs = 10_000;
  const { pool } = database;
  await maintainPartitions(pool, now());
  const [people, events, accountId] = [randomUUID(), randomUUID(), randomUUID()];
  [dataflowId, segmentId, crm, sales, orders] = [
    randomUUID(),
    randomUUID(),
    randomUUID(),
    randomUUID(),
    randomUUID(),
  ];
  await pool.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
     values ($1, 'people', 'xdm.individual-profile', '{}', '[]', now(), now()),
       ($2, 'events', 'xdm.experience-event', '{}', '[]', now(), now())`,
    [people, events],
  );
  await pool.query(
    `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
     values ($1, 'CRM', $4, now(), now()), ($2, 'Sales', $4, now(), now()), ($3, 'Orders', $5, now(), now())`,
    [crm, sales, orders, people, events],
  );
  await pool.query(`insert into segment values ($1, 'named', '', 'true', now(), now())`, [segmentId]);
  await pool.query(
    `insert into account values ($1, 'memory', 'a', 'none', '{}', '\\x00', null, null, now(), now())`,
    [accountId],
  );
  const mapping = [
    { source: { attribute: 'personalEmail.address' }, target: 'email' },
    { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
  ];
  await pool.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, stopped_by, created_at)
     values ($1, $2, 'To the org', '', '{}', $3, true, null, now())`,
    [dataflowId, accountId, JSON.stringify(mapping)],
  );
  worker = new DeliveryWorker({
    pool,
    connection: { connectionString: database.url },
    connectionFor: async () => org,
    now,
    random: () => 0,
    log: { info: () => undefined, warn: () => undefined },
  });
  startWorker();
  await activateSegment(pool, dataflowId, segmentId, plainActivation, now());
});
afterEach(async () => {
  await stopWorker();
  await database.drop();
});

function startWorker(): void {
  const controller = new AbortController();
  const running = worker.run(controller.signal);
  stopWorker = async () => {
    controller.abort();
    await running;
  };
}

type Person = { id: string; email?: string; lastName?: string; links?: string[]; event?: boolean };
let stamp = Date.UTC(2026, 9, 1);

async function ingest(datasetId: string, ...people: Person[]): Promise<readonly AppliedRecord[]> {
  const records = people.map(({ id, email, lastName, links = [], event = false }): PreparedRecord => {
    const document: JsonObject = {
      ...(email !== undefined && { personalEmail: { address: email } }),
      ...(lastName !== undefined && { person: { name: { lastName } } }),
    };
    stamp += 1_000;
    return {
      datasetId,
      kind: event ? 'event' : 'profile',
      recordId: event ? `event ${stamp}` : id,
      stampMs: stamp,
      receivedMs: stamp,
      batchId: null,
      primary: { namespace: 'CRMID', value: id },
      identities: [id, ...links].map((value) => ({ namespace: 'CRMID', value })),
      document,
    };
  });
  const applied = await transaction(database.pool, (trx) => applyBisecting(trx, records, onChange, now()));
  worker.wake();
  return applied;
}

const options = (onCommit: () => void = () => worker.wake()) => ({
  pool: database.pool,
  handlers: { [deleteDatasetKind]: deleteDatasetHandler({ onChange }) },
  onCommit,
  now,
  onError: (error: unknown) => {
    throw error;
  },
});
const begin = (datasetId: string, name: string) =>
  beginDatasetDeletion({ pool: database.pool, jobs: new PopulationJobs(options()), now }, datasetId, name);

/** Works until the deletion is done, or `commits` have been made. */
async function runJob(datasetId: string, commits = Number.POSITIVE_INFINITY): Promise<void> {
  const stop = new AbortController();
  let made = 0;
  const onCommit = () => {
    made += 1;
    worker.wake();
    if (made >= commits) stop.abort();
  };
  const running = new PopulationJobs(options(onCommit)).run(stop.signal);
  while (!stop.signal.aborted) {
    const [job] = await readPopulationJobs(database.pool, datasetId);
    if (job?.finishedAt) stop.abort();
    await delay(10);
  }
  await running;
}

async function settled(): Promise<void> {
  const count = async (text: string) => (await rows<{ count: number }>(database.pool, text))[0]?.count;
  const open = `select (select count(*) from export_state where status = 'pending')
    + (select count(*) from activation where backfilled_at is null) as count`;
  await expect.poll(() => count(open), { timeout: 20_000 }).toBe(0);
  // Promise 10: received = activated + excluded + failed + pending, and the history tells the same.
  const [run] = await rows<Record<string, number>>(
    database.pool,
    `select coalesce(sum(received), 0)::int as received,
       coalesce(sum(activated + excluded + failed), 0)::int as settled,
       (select count(*)::int from delivery_outcome) as outcomes
     from dataflow_run`,
  );
  expect(run?.received).toBe(run?.settled);
  expect(run?.outcomes).toBe(run?.settled);
}

/** Members by the customer numbers of their profile. */
const members = () =>
  rows<{ ids: string[]; status: string; code: string | null; recordId: string }>(
    database.pool,
    `select e.status, e.code, e.record_id as "recordId",
       (select array_agg(value order by value) from identity i where i.profile_id = e.profile_id) as ids
     from export_state e where e.member order by ids`,
  );
const emails = () => [...org.records.values()].map(({ email }) => String(email)).sort();
const nameOf = (email: string) => [...org.records.values()].find((one) => one.email === email)?.lastName;

/** Every identity leads to the profile whose document names it, every event stands where its identity is. */
async function expectConsistent(): Promise<void> {
  const astray = await rows(
    database.pool,
    `select i.value from identity i
     full join (
       select profile_id, id->>'id' as value from profile, jsonb_array_elements(document->'identityMap'->'CRMID') as id
     ) as p using (profile_id, value)
     where i.namespace is null or p.value is null
     union all
     select e.event_id from profile_event e
     left join profile_fragment f using (bucket, profile_id, dataset_id, namespace, value) where f.bucket is null`,
  );
  expect(astray).toEqual([]);
}

describe('deleting a dataset', () => {
  test('promises 2, 3 and 10: people it connected part, its values go, records at the destination stay', async () => {
    await ingest(
      crm,
      { id: 'a', email: 'a@example.com', lastName: 'Ames' },
      { id: 'b', email: 'b@example.com', lastName: 'Bird' },
      { id: 'c', email: 'c@example.com', lastName: 'Cole' },
      { id: 'd', email: 'd@example.com' },
    );
    await settled();
    await ingest(
      sales,
      { id: 'a', lastName: 'Ames-Bird', links: ['b'] },
      { id: 'd', lastName: 'Dean' },
      { id: 'e', email: 'e@example.com', lastName: 'East' },
      { id: 'f', email: 'f@example.com' },
      { id: 'g', email: 'g@example.com', lastName: 'Gray' },
    );
    await ingest(orders, { id: 'b', event: true }, { id: 'e', event: true });
    await settled();
    const before = await members();
    expect(before.map(({ ids }) => ids)).toEqual([['a', 'b'], ['c'], ['d'], ['e'], ['g']]);
    expect(org.records.size).toBe(6);
    const { writes } = org;

    const preview = await previewDatasetDeletion(database.pool, sales, Date.now);
    expect(preview).toMatchObject({
      name: 'Sales',
      isEstimate: false,
      fragments: 5,
      events: 0,
      profiles: 5,
      profilesEnding: 2,
      membershipsEnding: 1,
      dataflows: [{ name: 'To the org', members: 5, membersTouched: 4, membersEnding: 1 }],
    });

    await database.pool.query(
      `insert into merge_policy values (gen_random_uuid(), 'Sales first', 'pdg', 'dataSetPrecedence', $1, false, now())`,
      [[sales, crm]],
    );
    expect((await previewDatasetDeletion(database.pool, sales, Date.now)).mergePolicyNames).toEqual([
      'Sales first',
    ]);
    await begin(sales, 'Sales');
    await runJob(sales);
    await settled();

    const after = await members();
    expect(after.map(({ ids, status }) => [ids, status])).toEqual([
      [['a'], 'activated'],
      [['b'], 'activated'],
      [['c'], 'activated'],
    ]);
    expect(
      await rows(database.pool, `select distinct member, status from export_state where not member`),
    ).toEqual([{ member: false, status: 'exited' }]);
    expect(await rows(database.pool, `select from segment_membership where status <> 'exited'`)).toHaveLength(
      3,
    );
    expect(new Set(after.map(({ recordId }) => recordId)).size).toBe(3);
    // Two records are written again: those of the people that parted.
    expect(emails()).toEqual([
      'a@example.com',
      'b@example.com',
      'c@example.com',
      'd@example.com',
      'e@example.com',
      'g@example.com',
    ]);
    expect([nameOf('a@example.com'), nameOf('b@example.com')]).toEqual(['Ames', 'Bird']);
    expect(nameOf('c@example.com')).toBe('Cole');
    expect(org.writes).toBeGreaterThan(writes);
    expect(await rows(database.pool, 'select from profile_fragment where dataset_id = $1', [sales])).toEqual(
      [],
    );
    expect(await rows(database.pool, 'select from dataset where dataset_id = $1', [sales])).toEqual([]);
    expect(
      await rows(database.pool, `select dataset_order as order from merge_policy where name = 'Sales first'`),
    ).toEqual([{ order: [crm] }]);
    await expectConsistent();
    // "e" lives on by its order; "f" and "g" had nothing else.
    expect(await rows(database.pool, `select value from identity order by value`)).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((value) => ({ value })),
    );
  });

  test('promise 2: people that part hold their own values again, whichever profile went on', async () => {
    const pairs = Array.from({ length: 8 }, (_, index) => index);
    const email = (who: string) => `${who}@example.com`;
    for (const pair of pairs)
      for (const who of [`a${pair}`, `b${pair}`])
        await ingest(crm, { id: who, email: email(who), lastName: who });
    await settled();
    for (const pair of pairs)
      await ingest(sales, { id: `a${pair}`, lastName: 'Joined', links: [`b${pair}`] });
    await settled();
    expect(await members()).toHaveLength(8);
    await begin(sales, 'Sales');
    await runJob(sales);
    await settled();
    for (const who of pairs.flatMap((pair) => [`a${pair}`, `b${pair}`]))
      expect([who, nameOf(email(who))]).toEqual([who, who]);
    expect(org.records.size).toBe(16);
    expect((await members()).map(({ status, code }) => [status, code])).toEqual(
      Array(16).fill(['activated', null]),
    );
  });

  test('stopped half-way and started again, beside ingestion, it ends the same', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `p${index}`);
    await ingest(crm, ...ids.map((id) => ({ id, email: `${id}@example.com` })));
    await ingest(sales, ...ids.map((id) => ({ id: `s-${id}`, lastName: 'Known', links: [id] })));
    await settled();
    expect(org.records.size).toBe(300);
    await database.pool.query(
      `insert into batch (batch_id, dataset_id, status, file_name, file_digest, file_bytes, mapping, received_at)
       values ($1, $2, 'loading', 'f.csv', '', 0, '{}', now())`,
      [randomUUID(), sales],
    );
    await begin(sales, 'Sales');
    expect(await rows(database.pool, 'select status from batch')).toEqual([{ status: 'aborted' }]);
    await runJob(sales, 10);
    const [job] = await readPopulationJobs(database.pool, sales);
    expect(job).toMatchObject({ finishedAt: null });
    expect(job?.nextBucket).toBeGreaterThan(0);
    const [left] = await rows<{ count: number }>(
      database.pool,
      'select count(*) as count from profile_fragment where dataset_id = $1',
      [sales],
    );
    expect(left?.count).toBeGreaterThan(0);
    expect(left?.count).toBeLessThan(300);
    const beside = [
      ingest(sales, { id: 's-p1', lastName: 'Too late' }),
      ingest(crm, ...ids.slice(0, 50).map((id) => ({ id, email: `${id}@example.com`, lastName: 'New' }))),
    ];
    await runJob(sales);
    const [refused, taken] = await Promise.all(beside);
    expect(refused).toMatchObject([{ status: 'failed', errors: [{ keyword: 'dataset' }] }]);
    expect(taken?.every(({ status }) => status === 'ingested')).toBe(true);
    await settled();
    expect(await rows(database.pool, `select from identity where value like 's-%'`)).toEqual([]);
    expect(await rows(database.pool, `select from profile`)).toHaveLength(300);
    expect(await rows(database.pool, `select from batch`)).toEqual([]);
    expect((await members()).map(({ ids: [id] }) => id).sort()).toEqual(ids.slice(0, 50).sort());
    expect(org.records.size).toBe(300);
    await expectConsistent();
  }, 60_000);

  test('promise 2: the records of people that end say that they have left, and stay otherwise', async () => {
    await database.pool.query('update dataflow set tells_memberships = true, revision = revision + 1');
    await ingest(crm, { id: 'a', email: 'a@example.com', lastName: 'Ames' });
    await ingest(sales, { id: 'e', email: 'e@example.com', lastName: 'East' });
    await settled();
    const [list] = org.lists.values();
    expect([...(list?.values() ?? [])]).toEqual(['member', 'member']);
    await begin(sales, 'Sales');
    await runJob(sales);
    await settled();
    const statusOf = (email: string) => list?.get(org.idsOf(email)[0] ?? '');
    expect([statusOf('a@example.com'), statusOf('e@example.com')]).toEqual(['member', 'exited']);
    expect(nameOf('e@example.com')).toBe('East');
    expect(await rows(database.pool, 'select status, code from export_state where not member')).toEqual([
      { status: 'exited', code: 'profile_ended' },
    ]);
  });

  test('members that were not sent before they ended are told why', async () => {
    await stopWorker();
    await ingest(sales, { id: 'e', email: 'e@example.com', lastName: 'East' });
    await begin(sales, 'Sales');
    await runJob(sales);
    startWorker();
    await settled();
    expect(await rows(database.pool, 'select member, status, code from export_state')).toEqual([
      { member: false, status: 'exited', code: 'profile_ended' },
    ]);
    expect(org.records.size).toBe(0);
  });

  test('of events, with those of people that end', async () => {
    await ingest(crm, { id: 'a', email: 'a@example.com', lastName: 'Ames' });
    await ingest(orders, { id: 'a', event: true }, { id: 'a', event: true }, { id: 'z', event: true });
    expect(await previewDatasetDeletion(database.pool, orders, Date.now)).toMatchObject({
      fragments: 2,
      events: 3,
      profiles: 2,
      profilesEnding: 1,
    });
    await begin(orders, 'Orders');
    await runJob(orders);
    expect(await rows(database.pool, 'select from profile_event')).toEqual([]);
    expect(await rows(database.pool, 'select value from identity')).toEqual([{ value: 'a' }]);
    await settled();
  });

  test('needs its name, letter by letter, and is begun once', async () => {
    await expect(begin(sales, 'sales')).rejects.toMatchObject({ details: [{ pointer: '/confirm' }] });
    expect(await readPopulationJobs(database.pool, sales)).toEqual([]);
    const first = await begin(sales, 'Sales');
    expect(await begin(sales, 'Sales')).toEqual(first);
    expect(await readPopulationJobs(database.pool, sales)).toHaveLength(1);
    await expect(begin(randomUUID(), 'Sales')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('what cannot be counted in time is estimated', async () => {
    const people = Array.from({ length: 2_000 }, (_, index) => ({ id: `p${index}`, lastName: 'L' }));
    for (let from = 0; from < people.length; from += 500)
      await ingest(crm, ...people.slice(from, from + 500));
    let time = 0;
    const preview = await previewDatasetDeletion(database.pool, crm, () => (time += 150));
    expect(preview.isEstimate).toBe(true);
    expect(preview.fragments).toBeGreaterThan(500);
    expect(preview.fragments).toBeLessThan(8_000);
    expect(preview.profilesEnding).toBe(preview.fragments);
    expect(preview.dataflows[0]?.membersEnding).toBe(preview.fragments);
    await settled();
  });
});
