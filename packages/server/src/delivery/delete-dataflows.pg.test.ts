import { randomUUID } from 'node:crypto';
import { bucketOf, HeadraceError } from '@headrace/core';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows } from '../store/database.ts';
import { readDataflowDeletion } from '../store/dataflow-deletions.ts';
import { beginDataflowDeletion } from './begin-dataflow-deletion.ts';
import { DeleteDataflows } from './delete-dataflows.ts';
import { insertDelivery } from './delivery.fixture.ts';

let database: TestDatabase;
const org = new MemoryOrg();
const everywhere = [{ firstBucket: 0, lastBucket: 4095 }];
let now = new Date();
let dataflowId: string;
const people = 50;

beforeAll(async () => {
  database = await createDatabase();
  ({ dataflowId } = await insertDelivery(database.pool));
  org.maxBatchRecords = 10;
  for (let at = 0; at < people; at++) {
    const profileId = randomUUID();
    org.records.set(`rec-${at}`, { email: `p${at}@example.com` });
    await database.pool.query(
      `insert into export_state (bucket, dataflow_id, profile_id, member, status, wanted_seq, object, match_key, record_id, created_record_id)
       values ($1, $2, $3, true, 'activated', 1, 'Person', $4, $5, $5)`,
      [bucketOf(profileId), dataflowId, profileId, `p${at}@example.com`, `rec-${at}`],
    );
  }
});
afterAll(() => database.drop());

/** A process of its own, which knows nothing of those before. */
const newWorker = () =>
  new DeleteDataflows({
    pool: database.pool,
    connectionFor: async () => org,
    now: () => now,
    random: () => 0,
    log: { info: () => undefined, warn: () => undefined },
  });

test('promise 10: a request under way holds it up; ended after any batch, it goes on there and counts each record once', async () => {
  const { pool } = database;
  const [busy] = await rows<{ profileId: string }>(
    pool,
    `update export_state set status = 'pending', pending_since = now(), due_at = $2, in_flight = $3, sending_seq = 1
     where profile_id = (select min(profile_id::text)::uuid from export_state where dataflow_id = $1)
     returning profile_id as "profileId"`,
    [dataflowId, new Date(now.getTime() + 60_000), randomUUID()],
  );
  const request = {
    dataflowId,
    confirmedName: 'f',
    atDestination: 'delete_created',
    principal: 'me',
  } as const;
  await beginDataflowDeletion(pool, request, now);
  const never = new AbortController().signal;
  expect(await newWorker().advance(everywhere, never)).toBe(0);
  expect(await newWorker().advance([{ firstBucket: 0, lastBucket: -1 }], never)).toBe(0);
  expect([org.removals, org.records.size]).toEqual([0, people]);
  now = new Date(now.getTime() + 61_000);
  expect(busy).toBeDefined();

  const remove = org.remove.bind(org);
  for (let batches = 1; batches <= 3; batches++) {
    const stop = new AbortController();
    // Deleted there, and the process ends before it hears of it.
    org.remove = async (batch) => {
      await remove(batch);
      stop.abort();
      throw new HeadraceError('destination_outcome_unknown', 'Gone.');
    };
    expect(await newWorker().advance(everywhere, stop.signal)).toBe(0);
    // Asked again: answered and written down, and then it ends.
    const second = new AbortController();
    org.remove = async (batch) => {
      const outcomes = await remove(batch);
      second.abort();
      return outcomes;
    };
    expect(await newWorker().advance(everywhere, second.signal)).toBe(0);
    expect(org.records.size).toBe(people - 10 * batches);
    expect(await readDataflowDeletion(pool, dataflowId)).toMatchObject({
      recordsAbsent: 10 * batches,
      recordsDeleted: 0,
      finishedAt: null,
    });
  }
  org.remove = remove;
  org.removalFaults.push('record locked');
  const worker = newWorker();
  expect(await worker.advance(everywhere, never)).toBe(0);
  const asked = org.removals;
  expect(await worker.advance(everywhere, never)).toBe(0);
  expect(org.removals).toBe(asked);
  now = new Date(now.getTime() + 60_000);
  expect(await worker.advance(everywhere, never)).toBe(1);
  expect(org.records.size).toBe(0);
  expect(await readDataflowDeletion(pool, dataflowId)).toMatchObject({
    recordsAbsent: 30,
    recordsDeleted: 20,
    recordsFailed: 0,
    nextBucket: 4096,
    finishedAt: now,
  });
  expect(await rows(pool, 'select from export_state')).toEqual([]);
  expect(await rows(pool, 'select from dataflow')).toEqual([]);
});

test('what becomes of records can be changed until its rows are going', async () => {
  const { pool } = database;
  const request = { dataflowId, confirmedName: 'f', principal: 'me' };
  await expect(beginDataflowDeletion(pool, { ...request, atDestination: 'keep' }, now)).rejects.toMatchObject(
    {
      code: 'not_found',
    },
  );
  const other = randomUUID();
  await pool.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, created_at)
     select $1, account_id, 'f', '', '{}', '[]', true, now() from account`,
    [other],
  );
  const begin = (atDestination: 'keep' | 'delete_created') =>
    beginDataflowDeletion(pool, { ...request, dataflowId: other, atDestination }, now);
  await begin('delete_created');
  expect((await begin('keep')).atDestination).toBe('keep');
  await pool.query('update dataflow_deletion set next_bucket = 64 where dataflow_id = $1', [other]);
  expect((await begin('keep')).atDestination).toBe('keep');
  await expect(begin('delete_created')).rejects.toMatchObject({ code: 'conflict' });
});
