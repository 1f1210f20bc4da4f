import { createDatabase } from '@headrace/testkit';
import { expect, test } from 'vitest';
import { rows } from './database.ts';
import { maintainPartitions } from './maintain-partitions.ts';
import { listMonths } from './month-partitions.ts';

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

test('the history of profiles is kept for 90 days, events for 36 months and where retention says so', async () => {
  const database = await createDatabase();
  const months = async (table: string) =>
    (await listMonths(database.pool, table)).map(({ month }) => month?.toISOString().slice(0, 7));
  await maintainPartitions(database.pool, new Date('2026-02-10T00:00:00Z'));
  expect(await months('profile_change')).toEqual(['2026-02', '2026-03', '2026-04', undefined]);
  const events = await months('profile_event');
  expect([events[0], events.at(-2), events.length]).toEqual(['2023-02', '2026-04', 40]);
  await maintainPartitions(database.pool, new Date('2026-05-29T00:00:00Z'));
  expect((await months('profile_change'))[0]).toBe('2026-02');
  await maintainPartitions(database.pool, new Date('2026-05-30T00:00:00Z'));
  expect((await months('profile_change'))[0]).toBe('2026-03');
  expect((await months('profile_event'))[0]).toBe('2023-02');
  await database.drop();
});

test('rows that came before their month had a partition move into it', async () => {
  const database = await createDatabase();
  await database.pool.query(
    `insert into delivery_outcome (settled_at, bucket, dataflow_id, profile_id, seq, run_started_at, status)
     select at, 1, gen_random_uuid(), gen_random_uuid(), 1, at, 'activated'
     from unnest(array['2026-11-01T00:00:00Z', '2026-11-30T23:59:59.999Z', '2027-06-01T00:00:00Z']::timestamptz[]) as at`,
  );
  await maintainPartitions(database.pool, new Date('2026-11-15T00:00:00Z'));
  const found = await rows<{ partition: string; count: number }>(
    database.pool,
    'select tableoid::regclass::text as partition, count(*) from delivery_outcome group by 1 order by 1',
  );
  expect(found).toEqual([
    { partition: 'delivery_outcome_202611', count: 2 },
    { partition: 'delivery_outcome_default', count: 1 },
  ]);
  const write = `insert into delivery_outcome (settled_at, bucket, dataflow_id, profile_id, seq, run_started_at, status)
     values ('2026-11-20Z', 1, gen_random_uuid(), gen_random_uuid(), 1, now(), 'activated')`;
  await database.pool.query(write);
  expect(
    await rows(
      database.pool,
      'select from delivery_outcome group by delivery_outcome_id having count(*) > 1',
    ),
  ).toEqual([]);
  await database.drop();
});
