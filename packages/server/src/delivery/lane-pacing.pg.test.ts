import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import { readCallBudget } from '../store/call-budgets.ts';
import { rows, transaction } from '../store/database.ts';
import { activateSegment, plainActivation } from './activations.ts';
import { createCallBudget } from './call-budget.ts';
import { evaluateAndMark, insertDelivery, startWorker } from './delivery.fixture.ts';

const allowance = 100_000;
let database: TestDatabase;
let org: MemoryOrg;
let delivery: ReturnType<typeof startWorker>;
let ids: Awaited<ReturnType<typeof insertDelivery>>;

beforeEach(async () => {
  database = await createDatabase();
  org = new MemoryOrg();
  ids = await insertDelivery(database.pool);
  const log = { info: () => undefined, warn: () => undefined };
  const budget = createCallBudget({
    pool: database.pool,
    accountId: await readAccountId(),
    allowance,
    now: () => new Date(),
    log,
  });
  await budget.reserve('sign_in');
  org.beforeWrite = () => budget.reserve('deliver');
});
afterEach(async () => {
  await delivery.stop();
  await database.drop();
});

async function readAccountId(): Promise<string> {
  const [account] = await rows<{ id: string }>(database.pool, 'select account_id as id from account');
  return account?.id ?? '';
}

/** So many calls were made an hour ago. */
const haveCalled = (calls: number) =>
  database.pool.query(
    `with called as (update call_budget set calls = calls + $1, revision = revision + 1 returning budget_key)
     insert into api_call_bin select budget_key, to_timestamp(floor(extract(epoch from now()) / 300) * 300 - 3600), 'deliver', $1
     from called`,
    [calls],
  );
async function start(): Promise<void> {
  delivery = startWorker(database, org);
  await activateSegment(database.pool, ids.dataflowId, ids.segmentId, plainActivation, new Date());
}
async function change(id: number): Promise<void> {
  const primary = { namespace: 'CRMID', value: `p${id}` };
  const record = {
    datasetId: ids.datasetId,
    kind: 'profile' as const,
    recordId: primary.value,
    stampMs: id,
    receivedMs: 0,
    batchId: null,
    primary,
    identities: [primary],
    document: { personalEmail: { address: `p${id}@example.com` }, person: { name: { lastName: 'Rossi' } } },
  };
  await transaction(database.pool, (trx) =>
    applyRecords(trx, [record], evaluateAndMark(ids.segmentId), new Date()),
  );
  delivery.worker.wake();
}
const standing = () =>
  rows(
    database.pool,
    'select status, max(attempts) as attempts, count(*) from export_state group by 1 order by 1',
  );

test('promise 5: as calls get scarce changes are sent together, later, and none fails', async () => {
  // What is to spare and kept together are about 1.2 calls a second.
  await haveCalled(27_000);
  await start();
  for (let id = 0; id < 60; id += 1) {
    await change(id);
    await delay(50);
  }
  await expect.poll(standing, { timeout: 5_000 }).toEqual([{ status: 'activated', attempts: 0, count: 60 }]);
  expect(org.writes).toBeLessThanOrEqual(10);
});

test('while calls are plentiful a change goes at once', async () => {
  await start();
  for (let id = 0; id < 10; id += 1) {
    await change(id);
    await expect.poll(() => org.records.size, { timeout: 5_000, interval: 5 }).toBe(id + 1);
  }
  expect(org.writes).toBe(10);
});

test('promise 5: with no calls left nothing is claimed and nothing fails; it goes on when the allowance is raised', async () => {
  await haveCalled(allowance - 1);
  await start();
  await change(1);
  await delay(1_500);
  expect(await standing()).toEqual([{ status: 'pending', attempts: 0, count: 1 }]);
  expect(org.writes).toBe(0);
  await database.pool.query(
    'update call_budget set allowance = 2 * default_allowance, revision = revision + 1',
  );
  await expect.poll(standing, { timeout: 5_000 }).toEqual([{ status: 'activated', attempts: 0, count: 1 }]);
});

test('promise 5: that others have let go of calls is heard within minutes, by one call at a time', async () => {
  let offsetMs = 0;
  const now = () => new Date(Date.now() + offsetMs);
  let [others, ours] = [1_000, 0];
  const accountId = await readAccountId();
  const log = { info: () => undefined, warn: () => undefined };
  const budget = createCallBudget({ pool: database.pool, accountId, allowance, now, log });
  org.beforeWrite = async () => {
    await budget.reserve('deliver');
    ours += 1;
    budget.observe({ used: others + ours, allowed: 1_000 });
  };
  const pass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      offsetMs += 60_000;
      delivery.worker.wake();
      await delay(150);
    }
  };
  delivery = startWorker(database, org, now);
  await activateSegment(database.pool, ids.dataflowId, ids.segmentId, plainActivation, now());
  await change(1);
  await expect.poll(() => org.records.size, { timeout: 5_000 }).toBe(1);
  await expect.poll(async () => (await readCallBudget(database.pool, accountId))?.othersUsed).toBe(999);
  for (let id = 2; id < 6; id += 1) {
    await change(id);
    await pass(5);
  }
  expect(org.writes).toBeGreaterThanOrEqual(3);
  expect(org.writes).toBeLessThanOrEqual(6);
  others = 0;
  await change(6);
  await pass(7);
  await expect.poll(() => org.records.size, { timeout: 5_000 }).toBe(6);
  // And the next at once.
  await change(7);
  await expect.poll(() => org.records.size, { timeout: 5_000 }).toBe(7);
});
