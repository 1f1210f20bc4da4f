import type { DeliveryBatch, RemovalBatch } from '@headrace/core';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import { deletePerson } from '../ingestion/delete-person.ts';
import { rows, transaction } from '../store/database.ts';
import { activateSegment, plainActivation } from './activations.ts';
import { evaluateAndMark, insertDelivery, startWorker } from './delivery.fixture.ts';

/** Takes few records at a time, and writes down what it was given. */
class SmallOrg extends MemoryOrg {
  override maxBatchRecords = 3;
  readonly batches: DeliveryBatch[] = [];
  readonly removedBatches: RemovalBatch[] = [];

  override deliver(batch: DeliveryBatch) {
    this.batches.push(batch);
    return super.deliver(batch);
  }

  override remove(batch: RemovalBatch) {
    this.removedBatches.push(batch);
    return super.remove(batch);
  }
}

const people = 10;
let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

test('batches are no larger than the destination takes, and their versions rise', async () => {
  const { pool } = database;
  const org = new SmallOrg();
  const { dataflowId, segmentId, datasetId } = await insertDelivery(pool);
  const onChange = evaluateAndMark(segmentId);
  const records = Array.from({ length: people }, (_, at) => {
    const primary = { namespace: 'CRMID', value: String(at) };
    return {
      datasetId,
      kind: 'profile' as const,
      recordId: primary.value,
      stampMs: 1,
      receivedMs: 0,
      batchId: null,
      primary,
      identities: [primary],
      document: { personalEmail: { address: `p${at}@example.com` }, person: { name: { lastName: 'Roe' } } },
    };
  });
  await transaction(pool, (trx) => applyRecords(trx, records, onChange, new Date()));
  const { worker, stop } = startWorker(database, org);
  await activateSegment(pool, dataflowId, segmentId, plainActivation, new Date());
  worker.wake();
  await expect.poll(() => org.records.size, { timeout: 15_000 }).toBe(people);
  const pending = () => rows(pool, `select from export_state where status = 'pending'`);
  await expect.poll(pending, { timeout: 15_000 }).toEqual([]);

  const options = { pool, onChange, onCommit: () => worker.wake(), now: () => new Date() };
  for (const { profileId } of await rows<{ profileId: string }>(
    pool,
    'select profile_id as "profileId" from profile',
  ))
    await deletePerson(options, { profileId, atDestinations: 'delete', principal: 'test' });
  await expect.poll(() => org.records.size, { timeout: 15_000 }).toBe(0);
  await stop();

  const sizes = [
    ...org.batches.map(({ items }) => items.length),
    ...org.removedBatches.map(({ recordIds }) => recordIds.length),
  ];
  expect(Math.max(...sizes)).toBeLessThanOrEqual(3);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2 * people);
  const lastWritten = Math.max(...org.batches.map(({ version }) => version));
  expect(new Set(org.batches.map(({ version }) => version)).size).toBeGreaterThan(1);
  expect(Math.min(...org.removedBatches.map(({ version }) => version))).toBeGreaterThan(lastWritten);
});
