import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, rows, type Trx, together, transaction } from './database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.pool.query('create table word (word text primary key)');
});
afterAll(() => database.drop());

const say = (trx: Trx, word: string) => trx.query('insert into word values ($1)', [word]);
const words = async () => (await rows<{ word: string }>(database.pool, 'select word from word')).length;

test('promise 1: no transaction resolves of which a statement failed, not even one that nobody heard', async () => {
  const unheard = transaction(database.pool, async (trx) => {
    await say(trx, 'kept');
    await say(trx, 'kept').catch(() => undefined);
  });
  await expect(unheard).rejects.toThrow('nothing of it was committed');
  expect(await words()).toBe(0);
});

test('of statements under way the reason is thrown, and what was sent behind it is undone', async () => {
  const failing = transaction(database.pool, (trx) =>
    together(say(trx, 'one'), trx.query('select 1 / 0'), say(trx, 'two')),
  );
  await expect(failing).rejects.toMatchObject({ code: '22012' });
  expect(await words()).toBe(0);
});

test('a savepoint takes back what was under way when one of it failed, and the rest goes on', async () => {
  await transaction(database.pool, async (trx) => {
    await say(trx, 'before');
    await trx.query('savepoint attempt');
    const attempt = together(say(trx, 'one'), trx.query('select 1 / 0'), say(trx, 'two'));
    await expect(attempt).rejects.toMatchObject({ code: '22012' });
    await trx.query('rollback to savepoint attempt');
    await say(trx, 'after');
  });
  expect(await rows(database.pool, 'select word from word order by word')).toEqual([
    { word: 'after' },
    { word: 'before' },
  ]);
  await database.pool.query('truncate word');
});

test('a connection cut with statements under way fails them all and is not used again', async () => {
  const pool = openDatabase({
    config: { connectionString: database.url },
    maxConnections: 1,
    onIdleError: () => undefined,
  });
  const cut = transaction(pool, async (trx) => {
    const [own] = await rows<{ pid: number }>(trx, 'select pg_backend_pid() as pid');
    const waiting = together(say(trx, 'one'), trx.query('select pg_sleep(20)'), say(trx, 'two'));
    await database.pool.query('select pg_terminate_backend($1)', [own?.pid]);
    await waiting;
  });
  await expect(cut).rejects.toThrow();
  expect(await words()).toBe(0);
  await transaction(pool, (trx) => say(trx, 'next'));
  expect(await words()).toBe(1);
  await pool.end();
});

test('a connection that is cut between statements fails that transaction and nothing else', async () => {
  const cut = transaction(database.pool, async (trx) => {
    const [own] = await rows<{ pid: number }>(trx, 'select pg_backend_pid() as pid');
    await database.pool.query('select pg_terminate_backend($1)', [own?.pid]);
    await delay(100);
    return words();
  });
  await expect(cut).rejects.toThrow();
  expect(await rows(database.pool, 'select 1 as one')).toEqual([{ one: 1 }]);
});
