import { expect, test } from 'vitest';
import { openDatabase, QueryTimeout } from './database.ts';

test('a statement that asks in_time() ends when its time is up, and only then', () => {
  const database = openDatabase(undefined);
  const statement = database.prepare('select in_time() as ok');
  expect(database.withTimeLimit(60_000, () => statement.get())).toEqual({ ok: 1 });
  expect(() => database.withTimeLimit(-1, () => statement.get())).toThrow(QueryTimeout);
  expect(statement.get()).toEqual({ ok: 1 });
  database.close();
});
