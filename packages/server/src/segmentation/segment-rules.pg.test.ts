import { randomUUID } from 'node:crypto';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '../store/database.ts';
import { SegmentRules } from './segment-rules.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const insert = (db: Pick<TestDatabase['pool'], 'query'>, name: string) =>
  db.query(
    `insert into segment (segment_id, name, description, expression, evaluated_at, created_at)
     values ($1, $2, '', 'true', now(), now())`,
    [randomUUID(), name],
  );
const namesOf = async (rules: SegmentRules, db: TestDatabase['pool'] = database.pool) =>
  (await rules.read(db)).map(({ name }) => name);

test('rules are read again after whatever wrote a segment, and not otherwise', async () => {
  const [rules, ofAnotherServer] = [new SegmentRules(), new SegmentRules()];
  expect(await rules.read(database.pool)).toEqual([]);
  await insert(database.pool, 'a');
  const first = await rules.read(database.pool);
  expect(first).toHaveLength(1);
  expect(await rules.read(database.pool)).toBe(first);
  expect(await namesOf(ofAnotherServer)).toEqual(['a']);

  await database.pool.query(`update segment set expression = 'false'`);
  expect((await rules.read(database.pool)).map(({ rule }) => rule.text)).toEqual(['false']);
  await database.pool.query(`update segment set state = 'inactive'`);
  expect(await namesOf(rules)).toEqual([]);
  expect(await namesOf(ofAnotherServer)).toEqual([]);
  await database.pool.query(`update segment set state = 'published'`);
  expect(await namesOf(rules)).toEqual(['a']);
  await database.pool.query('delete from segment');
  expect(await namesOf(rules)).toEqual([]);
});

test('what a transaction read that was rolled back is never taken for what another wrote', async () => {
  const rules = new SegmentRules();
  const seenInside: string[][] = [];
  const rolledBack = transaction(database.pool, async (trx) => {
    await insert(trx, 'never');
    seenInside.push((await rules.read(trx)).map(({ name }) => name));
    throw new Error('given up');
  });
  await expect(rolledBack).rejects.toThrow('given up');
  expect(seenInside).toEqual([['never']]);
  expect(await namesOf(rules)).toEqual([]);
  await insert(database.pool, 'b');
  expect(await namesOf(rules)).toEqual(['b']);
});
