import { randomUUID } from 'node:crypto';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, transaction } from '../store/database.ts';
import { SegmentRules } from './segment-rules.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const insert = (db: Db, expression: string) =>
  db.query(
    `insert into segment (segment_id, name, description, expression, evaluated_at, created_at)
     values ($1, $2, '', $2, now(), now())`,
    [randomUUID(), expression],
  );
const rulesOf = async (rules: SegmentRules, db: Db = database.pool) =>
  (await rules.read(db)).map(({ rule }) => rule.text);

test('rules are read again after whatever wrote a segment, and not otherwise', async () => {
  const [rules, ofAnotherServer] = [new SegmentRules(), new SegmentRules()];
  expect(await rules.read(database.pool)).toEqual([]);
  await insert(database.pool, '1 = 1');
  const first = await rules.read(database.pool);
  expect(first).toHaveLength(1);
  expect(await rules.read(database.pool)).toBe(first);
  expect(await rulesOf(ofAnotherServer)).toEqual(['1 = 1']);

  await database.pool.query(`update segment set expression = 'false'`);
  expect(await rulesOf(rules)).toEqual(['false']);
  await database.pool.query(`update segment set state = 'inactive'`);
  expect(await rulesOf(rules)).toEqual([]);
  expect(await rulesOf(ofAnotherServer)).toEqual([]);
  await database.pool.query(`update segment set state = 'published'`);
  expect(await rulesOf(rules)).toEqual(['false']);
  await database.pool.query('delete from segment');
  expect(await rulesOf(rules)).toEqual([]);
});

test('what a transaction read that was rolled back is never taken for what another wrote', async () => {
  const rules = new SegmentRules();
  const seenInside: string[][] = [];
  const rolledBack = transaction(database.pool, async (trx) => {
    await insert(trx, '2 = 2');
    seenInside.push(await rulesOf(rules, trx));
    throw new Error('given up');
  });
  await expect(rolledBack).rejects.toThrow('given up');
  expect(seenInside).toEqual([['2 = 2']]);
  expect(await rulesOf(rules)).toEqual([]);
  await insert(database.pool, '3 = 3');
  expect(await rulesOf(rules)).toEqual(['3 = 3']);
});
