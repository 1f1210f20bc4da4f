import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './create-database.ts';

let first: TestDatabase;
let second: TestDatabase;

beforeAll(async () => {
  [first, second] = await Promise.all([createDatabase(), createDatabase({ isEmpty: true })]);
});
afterAll(async () => {
  await Promise.all([first.drop(), second.drop()]);
});

const countTables = async ({ pool }: TestDatabase): Promise<number> =>
  (await pool.query("select from pg_tables where schemaname = 'public'")).rowCount ?? 0;

test('a database holds the migrations, an empty one nothing, and neither sees the other', async () => {
  expect(await countTables(first)).toBeGreaterThan(1);
  expect(await countTables(second)).toBe(0);
  await second.pool.query('create table only_here ()');
  expect(await countTables(second)).toBe(1);
});

test('a dropped database is gone', async () => {
  const gone = await createDatabase();
  await gone.drop();
  const { rowCount } = await first.pool.query('select from pg_database where datname = $1', [
    new URL(gone.url).pathname.slice(1),
  ]);
  expect(rowCount).toBe(0);
});
