import { randomUUID } from 'node:crypto';
import type { BulkWriting } from '@headrace/core';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { insertBulkJob, moveBulkJob } from '../store/bulk-jobs.ts';
import { rows, transaction } from '../store/database.ts';
import { updateMapping } from '../store/dataflows.ts';
import {
  claimActivationList,
  readActivatedDataflows,
  releaseActivationList,
  setActivationList,
} from '../store/delivery-dataflows.ts';
import { activateSegment, changeActivation, plainActivation } from './activations.ts';
import { backfillActivations } from './backfill.ts';
import { claimIntoJob } from './bulk-claim.ts';
import { BulkContent } from './bulk-content.ts';
import { claimBatches } from './claim-batches.ts';
import { deliveryRulesOf } from './decide-delivery.ts';
import { evaluateAndMark, insertDelivery } from './delivery.fixture.ts';
import { endActivations } from './end-activations.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { putOff } from './row-results.ts';
import { settleBatch } from './settle-batch.ts';

/* What stands between two workers, one step at a time. */

const everywhere = { firstBucket: 0, lastBucket: 4_095 };
let database: TestDatabase;
let keeper: LeaseKeeper;
let ids: Awaited<ReturnType<typeof insertDelivery>>;

beforeEach(async () => {
  database = await createDatabase();
  ids = await insertDelivery(database.pool);
  keeper = new LeaseKeeper({ connectionString: database.url });
  await activateSegment(database.pool, ids.dataflowId, ids.segmentId, plainActivation, new Date());
  const { signal } = new AbortController();
  await backfillActivations({
    pool: database.pool,
    now: () => new Date(),
    signal,
    onRange: () => undefined,
  });
});
afterEach(async () => {
  await keeper.release();
  await database.drop();
});

let stamp = 1;
const ingest = (id: string, lastName?: string): Promise<void> => ingestAll([id], lastName);
async function ingestAll(people: readonly string[], lastName = 'A'): Promise<void> {
  const records = people.map(
    (id): PreparedRecord => ({
      datasetId: ids.datasetId,
      kind: 'profile',
      recordId: id,
      stampMs: stamp++,
      receivedMs: 0,
      batchId: null,
      primary: { namespace: 'CRMID', value: id },
      identities: [{ namespace: 'CRMID', value: id }],
      document: { personalEmail: { address: `${id}@example.com` }, person: { name: { lastName } } },
    }),
  );
  const onChange = evaluateAndMark(ids.segmentId);
  await transaction(database.pool, (trx) => applyRecords(trx, records, onChange, new Date()));
}

const dataflowOf = async (dataflowId = ids.dataflowId) => {
  const found = (await readActivatedDataflows(database.pool, new Date())).find(
    (dataflow) => dataflow.dataflowId === dataflowId,
  );
  if (found === undefined) throw new Error('The dataflow has no activation.');
  return found;
};

async function claim(
  options: { ownerId?: string; deadlineMs?: number; dataflow?: Awaited<ReturnType<typeof dataflowOf>> } = {},
) {
  const dataflow = options.dataflow ?? (await dataflowOf());
  return claimBatches({
    pool: database.pool,
    ownerId: options.ownerId ?? keeper.ownerId,
    dataflow,
    rules: deliveryRulesOf(dataflow, new MemoryOrg()),
    range: everywhere,
    limit: 200,
    deadlineMs: options.deadlineMs ?? 1_000,
    lookAgainAt: new Date(Date.now() + 60_000),
    now: new Date(),
  });
}

test('promise 4: a worker claims only in buckets that it holds, and for longer than its request may take', async () => {
  await ingest('a');
  await keeper.renew();
  const nothing = { batches: [], claimed: 0 };
  expect(await claim({ ownerId: randomUUID() })).toEqual(nothing);
  expect(await claim({ deadlineMs: 3_600_000 })).toEqual(nothing);
  expect(await claim()).toMatchObject({
    batches: [{ purpose: 'create', rows: [{ matchKey: 'a@example.com' }] }],
  });
  // In flight it is not due.
  expect(await claim()).toEqual(nothing);
});

test('promise 4: who was overtaken settles nothing of what another has sent since', async () => {
  await ingest('a');
  await keeper.renew();
  const dataflow = await dataflowOf();
  const [first] = (await claim()).batches;
  if (first === undefined) throw new Error('Nothing was claimed.');
  // Its time is up, and the row is sent anew.
  await database.pool.query(`update export_state set due_at = now() - interval '1 s'`);
  const [second] = (await claim()).batches;
  expect(second).toMatchObject({ purpose: 'recover' });
  const late = { code: 'late', message: 'Late.' };
  await settleBatch(database.pool, dataflow, first, putOff(first, late, new Date()), new Date());
  expect(await rows(database.pool, 'select in_flight as "batchId", code from export_state')).toEqual([
    { batchId: second?.batchId, code: null },
  ]);
});

test('promise 2: nothing is claimed by a mapping that is not the present one', async () => {
  await ingest('a');
  await keeper.renew();
  const old = await dataflowOf();
  await updateMapping(database.pool, ids.dataflowId, [
    { source: { attribute: 'personalEmail.address' }, target: 'email' },
  ]);
  expect(await claim({ dataflow: old })).toEqual({ batches: [], claimed: 0 });
  expect((await claim()).claimed).toBe(1);
});

test('promise 2: nothing marked as an activation begins or ends by time is claimed by what was read before', async () => {
  await ingest('a');
  await keeper.renew();
  const { signal } = new AbortController();
  const work = { pool: database.pool, signal, onRange: () => undefined };
  const inAnHour = new Date(Date.now() + 3_600_000);
  const inTwoHours = new Date(Date.now() + 7_200_000);
  await changeActivation(
    database.pool,
    ids.dataflowId,
    ids.segmentId,
    { startsAt: inAnHour, endsAt: inTwoHours },
    new Date(),
  );
  const other = randomUUID();
  await database.pool.query(`insert into segment values ($1, 'other', '', 'true', now(), now())`, [other]);
  await activateSegment(database.pool, ids.dataflowId, other, plainActivation, new Date());
  const before = await dataflowOf();
  expect(await backfillActivations({ ...work, now: () => inAnHour })).toBe(2);
  expect(await claim({ dataflow: before })).toEqual({ batches: [], claimed: 0 });
  const begun = await dataflowOf();
  expect(await endActivations({ ...work, now: () => inTwoHours })).toBe(1);
  expect(await claim({ dataflow: begun })).toEqual({ batches: [], claimed: 0 });
});

test('promise 3: while one dataflow makes a record under a key, another waits', async () => {
  const other = randomUUID();
  await database.pool.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, created_at)
     select $1, account_id, 'other', '', details, mapping, true, now() from dataflow`,
    [other],
  );
  await activateSegment(database.pool, other, ids.segmentId, plainActivation, new Date());
  await ingest('a');
  await keeper.renew();
  expect((await claim()).batches).toHaveLength(1);
  expect(await claim({ dataflow: await dataflowOf(other) })).toEqual({ batches: [], claimed: 1 });
  expect(await rows(database.pool, 'select code from export_state where dataflow_id = $1', [other])).toEqual([
    { code: 'record_busy' },
  ]);
});

test('promise 3: one server at a time looks for a list, and nobody before a lost call can no longer be running', async () => {
  const key = { dataflowId: ids.dataflowId, segmentId: ids.segmentId };
  const at = new Date();
  const until = new Date(at.getTime() + 60_000);
  expect(await claimActivationList(database.pool, key, at, until)).toBe(true);
  expect(await claimActivationList(database.pool, key, at, until)).toBe(false);
  const next = new Date(until.getTime() + 60_000);
  expect(await claimActivationList(database.pool, key, until, next)).toBe(true);
  // The first one wakes up.
  await releaseActivationList(database.pool, key, until);
  expect(await claimActivationList(database.pool, key, until, next)).toBe(false);
  await releaseActivationList(database.pool, key, next);
  expect(await claimActivationList(database.pool, key, until, next)).toBe(true);
});

test('promise 2: the list of a segment that is activated anew is looked for again, and only by who begins then', async () => {
  const { pool } = database;
  const { dataflowId, segmentId } = ids;
  const key = { dataflowId, segmentId };
  const activation = () => rows(pool, 'select list_id, ended_at from activation');
  const until = new Date(Date.now() + 60_000);
  await claimActivationList(pool, key, new Date(), until);
  await transaction(pool, (trx) => setActivationList(trx, key, 'gone', until));
  expect(await activation()).toEqual([{ list_id: 'gone', ended_at: null }]);
  await changeActivation(pool, dataflowId, segmentId, { endsAt: new Date() }, new Date());
  const { signal } = new AbortController();
  await endActivations({ pool, now: () => new Date(), signal, onRange: () => undefined });
  await activateSegment(pool, dataflowId, segmentId, plainActivation, new Date());
  await transaction(pool, (trx) => setActivationList(trx, key, 'gone', until));
  expect(await activation()).toEqual([{ list_id: null, ended_at: null }]);
});

test('promise 3: nothing goes into a job that somebody else gave up', async () => {
  await ingest('a');
  await keeper.renew();
  const { pool } = database;
  const dataflow = await dataflowOf();
  const now = new Date();
  const bulkJobId = randomUUID();
  await insertBulkJob(pool, { ...dataflow, bulkJobId, group: 'create' }, now);
  const intoJob = () =>
    claimIntoJob(
      {
        pool,
        ownerId: keeper.ownerId,
        dataflow,
        rules: deliveryRulesOf(dataflow, new MemoryOrg()),
        range: everywhere,
        limit: 200,
        deadlineMs: 1_000,
        lookAgainAt: new Date(now.getTime() + 60_000),
        now,
        forBulk: { isKnown: false },
      },
      bulkJobId,
      (row) => ({ rowKey: row.matchKey, text: row.matchKey }),
      new Set(),
    );
  await moveBulkJob(pool, bulkJobId, { from: 'uploading', to: 'abandoning', lookAt: now, now });
  expect(await intoJob()).toBeUndefined();
  expect(await rows(pool, 'select in_flight as "jobId" from export_state')).toEqual([{ jobId: null }]);
  await pool.query(`update bulk_job set state = 'uploading'`);
  expect(await intoJob()).toMatchObject({ entries: [{ text: 'a@example.com' }], claimed: 1 });
  expect(await rows(pool, 'select in_flight as "jobId" from export_state')).toEqual([{ jobId: bulkJobId }]);
  // In a job it is sent by no other path.
  expect(await claim()).toEqual({ batches: [], claimed: 0 });
});

test('what a job cannot carry stays due for direct writes, and more than a page of it ends the job', async () => {
  await ingestAll(Array.from({ length: 2_500 }, (_, at) => `p${at}`));
  await keeper.renew();
  const dataflow = await dataflowOf();
  const bulkJobId = randomUUID();
  await insertBulkJob(database.pool, { ...dataflow, bulkJobId, group: 'create' }, new Date());
  const bulk = {
    maxRecords: 100_000,
    maxBytes: 100_000,
    encode: () => undefined,
  } as Partial<BulkWriting> as BulkWriting;
  const filling = {
    pool: database.pool,
    ownerId: keeper.ownerId,
    dataflow,
    rules: deliveryRulesOf(dataflow, new MemoryOrg()),
    ranges: [everywhere],
    deadlineMs: 1_000,
    bulk,
    bulkJobId,
    group: 'create',
    now: () => new Date(),
    lookAgainAt: (at: Date) => new Date(at.getTime() + 60_000),
  } as const;
  const content = new BulkContent(filling);
  expect([await content.begin(), content.unfit]).toEqual([undefined, 2_000]);
  // Another job is not offered them again.
  const next = new BulkContent(filling);
  expect([await next.begin(), next.unfit]).toEqual([undefined, 500]);
  const inFlight =
    'select count(in_flight)::int as "inFlight", count(*) filter (where due_at <= now())::int as due from export_state';
  expect(await rows(database.pool, inFlight)).toEqual([{ inFlight: 0, due: 2_500 }]);
  const { batches } = await claim();
  expect(batches.flatMap(({ rows }) => rows)).toHaveLength(200);
});
