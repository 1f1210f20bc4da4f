import { createDatabase } from '@headrace/testkit';
import { expect, test } from 'vitest';
import { rows } from './database.ts';
import { maintainPartitions } from './maintain-partitions.ts';

test('partitions are made two months ahead and dropped after three', async () => {
  const database = await createDatabase();
  const names = async () =>
    (
      await rows<{ name: string }>(
        database.pool,
        `select inhrelid::regclass::text as name from pg_inherits
         where inhparent = 'delivery_outcome'::regclass order by 1`,
      )
    ).map((row) => row.name.replace('delivery_outcome_', ''));
  await maintainPartitions(database.pool, new Date('2026-11-30T23:59:59Z'));
  expect(await names()).toEqual(['202611', '202612', '202701', 'default']);
  await maintainPartitions(database.pool, new Date('2027-03-01T00:00:00Z'));
  await maintainPartitions(database.pool, new Date('2027-03-01T00:00:00Z'));
  expect(await names()).toEqual(['202612', '202701', '202703', '202704', '202705', 'default']);
  await database.drop();
});
