import { randomUUID } from 'node:crypto';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows, transaction } from '../store/database.ts';
import { PopulationJobs } from './population-jobs.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('a job that cannot be done lets the others go first, and is tried again', async () => {
  const { pool } = database;
  const stop = new AbortController();
  const errors: unknown[] = [];
  let isMended = false;
  const jobs = new PopulationJobs({
    pool,
    handlers: {
      broken: {
        workOn: async () => {
          if (!isMended) throw new Error('Not now.');
          return 1_000;
        },
      },
      sound: { workOn: async () => 0 },
    },
    onCommit: () => undefined,
    now: () => new Date(),
    onError: (error) => void errors.push(error),
  });
  const begin = (kind: string, at: string) =>
    transaction(pool, (trx) => jobs.begin(trx, { kind, subjectId: randomUUID(), facts: {} }, new Date(at)));
  await begin('broken', '2026-01-01T00:00:00Z');
  await begin('sound', '2026-01-02T00:00:00Z');
  const unfinished = async () =>
    (
      await rows<{ kind: string }>(
        pool,
        'select kind from population_job where finished_at is null order by kind',
      )
    ).map(({ kind }) => kind);

  const running = jobs.run(stop.signal);
  await expect.poll(unfinished, { timeout: 10_000 }).toEqual(['broken']);
  expect(errors.length).toBeGreaterThan(0);
  isMended = true;
  jobs.wake();
  await expect
    .poll(
      async () =>
        (
          await rows<{ next: number }>(
            pool,
            `select next_bucket as next from population_job where kind = 'broken'`,
          )
        )[0]?.next,
      {
        timeout: 10_000,
      },
    )
    .toBeGreaterThan(0);
  stop.abort();
  await running;
});
