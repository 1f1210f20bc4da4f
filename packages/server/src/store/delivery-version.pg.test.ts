import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { transaction } from './database.ts';
import { nextDeliveryVersion } from './delivery-version.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

test('promise 4: versions rise, and are the time in microseconds', async () => {
  const before = Date.now() * 1_000;
  const first = await nextDeliveryVersion(database.pool);
  const second = await nextDeliveryVersion(database.pool);
  expect(first).toBeGreaterThanOrEqual(before - 1_000_000);
  expect(first).toBeLessThanOrEqual(Date.now() * 1_000 + 1_000_000);
  expect(second).toBeGreaterThan(first);
});

test('promise 4: they rise where the clock was put back, and after the database was restored to an earlier state', async () => {
  const { pool } = database;
  const ahead = Date.now() * 1_000 + 3_600_000_000;
  await pool.query('update delivery_version set version = $1', [ahead]);
  expect(await nextDeliveryVersion(pool)).toBe(ahead + 1);
  expect(await nextDeliveryVersion(pool)).toBe(ahead + 2);
  await pool.query('update delivery_version set version = 0');
  expect(await nextDeliveryVersion(pool)).toBeGreaterThan(ahead - 3_700_000_000);
});

test('promise 4: whoever draws a version waits for the transaction that drew the one before', async () => {
  const { pool } = database;
  const order: string[] = [];
  let later: Promise<number> | undefined;
  const earlier = await transaction(pool, async (trx) => {
    const version = await nextDeliveryVersion(trx);
    later = transaction(pool, (other) => nextDeliveryVersion(other)).finally(() => order.push('later'));
    await delay(200);
    order.push('earlier');
    return version;
  });
  expect(await later).toBeGreaterThan(earlier);
  expect(order).toEqual(['earlier', 'later']);
});
