import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { HeadraceError } from '@headrace/core';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import { recordConnection, updateCredentials } from '../store/accounts.ts';
import { rows, transaction } from '../store/database.ts';
import { resumeDataflowsOfAccount } from '../store/dataflows.ts';
import { activateSegment, plainActivation } from './activations.ts';
import { evaluateAndMark, insertDelivery, startWorker } from './delivery.fixture.ts';

const minuteMs = 60_000;
let database: TestDatabase;
let org: MemoryOrg;
let ids: Awaited<ReturnType<typeof insertDelivery>>;
let servers: ReturnType<typeof startWorker>[];
let offsetMs: number;
const now = () => new Date(Date.now() + offsetMs);

beforeEach(async () => {
  database = await createDatabase();
  org = new MemoryOrg();
  offsetMs = 0;
  ids = await insertDelivery(database.pool);
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map(({ stop }) => stop()));
  await database.drop();
});

const startServer = () => servers.push(startWorker(database, org, now));
const activate = (dataflowId = ids.dataflowId) =>
  activateSegment(database.pool, dataflowId, ids.segmentId, plainActivation, now());

/** Another dataflow of the account, activated. */
async function addDataflow(): Promise<void> {
  const dataflowId = randomUUID();
  await database.pool.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, stopped_by, created_at)
     select $1, account_id, 'other', '', '{}', mapping, true, null, now() from dataflow`,
    [dataflowId],
  );
  await activate(dataflowId);
}

async function ingest(id: string): Promise<void> {
  const primary = { namespace: 'CRMID', value: id };
  const record = {
    datasetId: ids.datasetId,
    kind: 'profile' as const,
    recordId: id,
    stampMs: Number(id),
    receivedMs: 0,
    batchId: null,
    primary,
    identities: [primary],
    document: { personalEmail: { address: `p${id}@example.com` }, person: { name: { lastName: 'Rossi' } } },
  };
  const onChange = evaluateAndMark(ids.segmentId);
  await transaction(database.pool, (trx) => applyRecords(trx, [record], onChange, new Date()));
}

const stops = async () =>
  (
    await rows<{ code: string | null }>(database.pool, `select stopped_by->>'code' as code from dataflow`)
  ).map(({ code }) => code);
const pending = async () =>
  (
    await rows<{ count: number }>(
      database.pool,
      `select count(*) as count from export_state where status = 'pending'`,
    )
  )[0]?.count;

/** So many minutes pass, in each of which every server looks at least once. */
async function pass(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    offsetMs += minuteMs;
    // Longer than a server waits until it reads that a dataflow is stopped.
    for (let look = 0; look < 2; look += 1) {
      for (const { worker } of servers) worker.wake();
      await delay(25);
    }
  }
}

/** Time goes on until nothing waits. */
async function delivered(): Promise<void> {
  for (let tries = 0; tries < 30 && (await pending()) !== 0; tries += 1) await pass(1);
  expect(await pending()).toBe(0);
}

test('promise 5: what only a person can mend is asked for ever more rarely, whatever servers come and go', async () => {
  startServer();
  startServer();
  org.fieldRight = 'lost, and told';
  await activate();
  await ingest('1');
  await expect.poll(stops, { timeout: 15_000 }).toEqual(['destination_misconfigured']);
  // After 1, 2, 4 and 8 minutes, then every 15.
  await pass(20);
  expect(org.probes).toBeLessThanOrEqual(4);
  await servers.shift()?.stop();
  startServer();
  await pass(32);
  // Of a busy machine a probe may come minutes late.
  for (let late = 0; org.probes < 3 && late < 60; late++) await pass(1);
  expect(org.probes).toBeGreaterThanOrEqual(3);
  expect(org.probes).toBeLessThanOrEqual(7);
  org.fieldRight = 'there';
  await pass(16);
  await delivered();
  expect(await stops()).toEqual([null]);
});

test('promise 5: a right that only writes show to be lost does not have a dataflow go on and stop all the time', async () => {
  startServer();
  org.fieldRight = 'lost, as only writes show';
  await activate();
  await ingest('1');
  await expect.poll(stops, { timeout: 15_000 }).toEqual(['destination_misconfigured']);
  await pass(40);
  expect(org.probes).toBeGreaterThanOrEqual(2);
  expect(org.probes).toBeLessThanOrEqual(6);
  expect(org.writes).toBeLessThanOrEqual(org.probes + 2);
});

test('a wrong password is tried once in 15 minutes for all dataflows of an account and all servers', async () => {
  org.isPasswordRight = false;
  await activate();
  await addDataflow();
  await ingest('1');
  startServer();
  startServer();
  await expect.poll(stops, { timeout: 15_000 }).toEqual(Array(2).fill('destination_authentication_rejected'));
  await pass(34);
  expect(org.probes).toBeGreaterThanOrEqual(1);
  expect(org.probes).toBeLessThanOrEqual(2);
  org.isPasswordRight = true;
  await pass(16);
  await delivered();
  expect(await stops()).toEqual([null, null]);
});

test('promise 2: an account that was mended through another server goes on here at once', async () => {
  org.isPasswordRight = false;
  await activate();
  await ingest('1');
  startServer();
  await expect.poll(stops, { timeout: 15_000 }).toEqual(['destination_authentication_rejected']);
  org.isPasswordRight = true;
  await replaceCredentials();
  await expect.poll(pending, { timeout: 15_000 }).toBe(0);
});

test('promise 2: a refusal of credentials that were replaced meanwhile stops nothing', async () => {
  startServer();
  await activate();
  org.beforeWrite = async () => {
    org.beforeWrite = async () => undefined;
    await replaceCredentials();
    throw new HeadraceError('destination_authentication_rejected', 'Wrong password.');
  };
  await ingest('1');
  await expect.poll(pending, { timeout: 15_000 }).toBe(0);
  expect(org.probes).toBe(0);
});

/** As another server does for a person. */
async function replaceCredentials(): Promise<void> {
  const [account] = await rows<{ id: string }>(database.pool, 'select account_id as id from account');
  const accountId = account?.id ?? '';
  const report = await new MemoryOrg().test();
  await transaction(database.pool, async (trx) => {
    await updateCredentials(trx, accountId, {
      authentication: 'none',
      settings: {},
      sealedSecrets: Buffer.of(0),
    });
    await recordConnection(trx, accountId, report, now());
    await resumeDataflowsOfAccount(trx, accountId);
  });
}
