import { createDatabase } from '@headrace/testkit';
import { expect, test } from 'vitest';
import { maybeRow, rows, transaction } from './database.ts';

test('a connection that is cut inside a transaction fails that transaction and nothing else', async () => {
  const database = await createDatabase();
  const cut = transaction(database.pool, async (trx) => {
    const self = await maybeRow<{ pid: number }>(trx, 'select pg_backend_pid() as pid');
    await database.pool.query('select pg_terminate_backend($1)', [self?.pid]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return rows(trx, 'select 1');
  });
  await expect(cut).rejects.toThrow();
  expect(await rows(database.pool, 'select 1 as one')).toEqual([{ one: 1 }]);
  await database.drop();
});
