import { randomUUID } from 'node:crypto';
import { HeadraceError } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { countApiCalls } from '../store/api-calls.ts';
import { apiCallWindowStart, createCallBudget } from './call-budget.ts';

const allowance = 12;
const minuteMs = 60_000;
let database: TestDatabase;
let accountId: string;
let at: Date;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  at = new Date('2025-03-01T09:34:56Z');
  accountId = randomUUID();
  await database.pool.query(
    `insert into account values ($1::uuid, 'memory', $1::uuid::text, 'none', '{}', '\\x00', null, null, now(), now())`,
    [accountId],
  );
});

const openBudget = () => {
  const log = { info: () => undefined, warn: () => undefined };
  return createCallBudget({ pool: database.pool, accountId, allowance, now: () => at, log });
};
const countAll = async () => {
  const calls = await countApiCalls(database.pool, accountId, apiCallWindowStart(at));
  return calls.reduce((sum, row) => sum + row.calls, 0);
};

test('promise 5: however many reserve at once, never more than the allowance', async () => {
  const budgets = Array.from({ length: 4 }, openBudget);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) => budgets[index % 4]?.reserve(index % 2 ? 'deliver' : 'read')),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(allowance);
  expect(await countAll()).toBe(allowance);
  const refusals = outcomes.flatMap((outcome): unknown[] =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  );
  for (const refusal of refusals) {
    if (!(refusal instanceof HeadraceError)) throw refusal;
    expect(refusal.code).toBe('destination_rate_limited');
  }
});

test('calls become free again when they are 24 hours old, at the instant the refusal names', async () => {
  const budget = openBudget();
  for (let call = 0; call < allowance; call += 1) await budget.reserve('deliver');
  at = new Date(at.getTime() + 60 * minuteMs);
  const refusal = await budget.reserve('deliver').catch((error: unknown) => error);
  if (!(refusal instanceof HeadraceError)) throw refusal;
  const freeAt = at.getTime() + (refusal.retryAfterMs ?? 0);
  expect(freeAt).toBe(Date.parse('2025-03-02T09:35:00Z'));
  at = new Date(freeAt - 1);
  await expect(budget.reserve('deliver')).rejects.toThrow(HeadraceError);
  at = new Date(freeAt);
  await budget.reserve('deliver');
  expect(await countAll()).toBe(1);
});
