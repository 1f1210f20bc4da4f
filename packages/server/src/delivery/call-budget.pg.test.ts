import { randomUUID } from 'node:crypto';
import { HeadraceError } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordConnection } from '../store/accounts.ts';
import { countApiCalls } from '../store/api-calls.ts';
import { readCallBudget, updateCallBudget } from '../store/call-budgets.ts';
import { transaction } from '../store/database.ts';
import { createCallBudget, recordFirstCalls } from './call-budget.ts';
import { countedFrom } from './call-limit.ts';

const allowance = 12;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
let database: TestDatabase;
let accountId: string;
let at: Date;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  at = new Date('2025-03-01T09:34:56Z');
  accountId = await insertAccount(null);
});

async function insertAccount(organizationId: string | null): Promise<string> {
  const id = randomUUID();
  await database.pool.query(
    `insert into account values ($1::uuid, 'memory', $1::uuid::text, 'none', '{}', '\\x00', $2, null, now(), now())`,
    [id, organizationId],
  );
  return id;
}
const openBudget = (id = accountId, most = allowance) => {
  const log = { info: () => undefined, warn: () => undefined };
  return createCallBudget({ pool: database.pool, accountId: id, allowance: most, now: () => at, log });
};
const countAll = async (id = accountId) => {
  const calls = await countApiCalls(database.pool, id, countedFrom(at));
  return calls.reduce((sum, row) => sum + row.calls, 0);
};
const refusalOf = async (id = accountId, most = allowance): Promise<HeadraceError> => {
  const refusal = await openBudget(id, most)
    .reserve('deliver')
    .catch((error: unknown) => error);
  if (!(refusal instanceof HeadraceError)) throw new Error('It was not refused.');
  return refusal;
};
/** What is observed is written down beside the answer. */
const observe = async (usage: { used: number; allowed: number }) => {
  openBudget().observe(usage);
  await expect
    .poll(async () => (await readCallBudget(database.pool, accountId))?.observedAt?.getTime())
    .toBe(at.getTime());
};

test('promise 5: however many reserve at once, never more than the allowance', async () => {
  const budgets = Array.from({ length: 4 }, () => openBudget());
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
  at = new Date(at.getTime() + hourMs);
  const freeAt = at.getTime() + ((await refusalOf()).retryAfterMs ?? 0);
  // The end of the bin, and a minute for clocks that differ.
  expect(freeAt).toBe(Date.parse('2025-03-02T09:36:00Z'));
  at = new Date(freeAt - 1);
  await expect(budget.reserve('deliver')).rejects.toThrow(HeadraceError);
  at = new Date(freeAt);
  await budget.reserve('deliver');
  expect(await countAll()).toBe(1);
});

test('promise 5: two processes over days are never over in any 24 hours, and the sum is that of the bins', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ waitMinutes: fc.integer({ min: 0, max: 700 }), calls: fc.integer({ min: 1, max: 8 }) }),
        {
          minLength: 5,
          maxLength: 12,
        },
      ),
      async (steps) => {
        accountId = await insertAccount(null);
        const processes = [openBudget(), openBudget()];
        const made: number[] = [];
        for (const { waitMinutes, calls } of steps) {
          at = new Date(at.getTime() + waitMinutes * minuteMs + 1);
          for (let call = 0; call < calls; call += 1)
            await processes[call % 2]?.reserve('deliver').then(
              () => made.push(at.getTime()),
              () => undefined,
            );
        }
        for (const end of made)
          expect(made.filter((call) => call <= end && call > end - 24 * hourMs).length).toBeLessThanOrEqual(
            allowance,
          );
        const budget = await readCallBudget(database.pool, accountId);
        if (budget === undefined) throw new Error('There is no budget.');
        const bins = await countApiCalls(database.pool, accountId, budget.countedFrom);
        expect(budget.calls).toBe(bins.reduce((sum, row) => sum + row.calls, 0));
      },
    ),
    { numRuns: 15 },
  );
});

test('promise 5: a clock that was a day ahead and is put right lets no call be made twice', async () => {
  const startedAt = at;
  const budget = openBudget();
  for (let call = 0; call < allowance; call += 1) await budget.reserve('deliver');
  at = new Date(startedAt.getTime() + 25 * hourMs);
  await openBudget().reserve('deliver');
  await observe({ used: 90, allowed: 100 });
  at = new Date(startedAt.getTime() + minuteMs);
  await expect(budget.reserve('deliver')).rejects.toThrow(HeadraceError);
  await expect(openBudget().reserve('deliver')).rejects.toThrow(HeadraceError);
  // What the org says is heard again, too.
  await observe({ used: 14, allowed: 100 });
});

test('accounts of one org share its allowance', async () => {
  const [first, second] = [await insertAccount('org-a'), await insertAccount('org-a')];
  const other = await insertAccount('org-b');
  for (let call = 0; call < allowance; call += 1)
    await openBudget(call % 2 ? first : second).reserve('deliver');
  expect((await refusalOf(first)).message).toContain(`All ${allowance} calls`);
  expect((await refusalOf(second)).code).toBe('destination_rate_limited');
  await openBudget(other).reserve('deliver');
  expect([await countAll(first), await countAll(second), await countAll(other)]).toEqual([12, 12, 1]);
});

test('what an account called before its org was known counts for the org from then on', async () => {
  const known = await insertAccount('org-c');
  const budget = openBudget();
  for (let call = 0; call < 7; call += 1) await budget.reserve('deliver');
  for (let call = 0; call < 4; call += 1) await openBudget(known).reserve('read');
  const report = {
    organizationId: 'org-c',
    organizationName: 'C',
    instanceUrl: 'memory:',
    apiVersion: '1',
    username: 'ann',
    callsUsed: 0,
    callsAllowed: 1,
    warnings: [],
  };
  await transaction(database.pool, (trx) => recordConnection(trx, accountId, report, at));
  await budget.reserve('deliver');
  expect([await countAll(), await countAll(known)]).toEqual([12, 12]);
  await expect(openBudget(known).reserve('read')).rejects.toThrow(HeadraceError);
  await expect(budget.reserve('deliver')).rejects.toThrow(HeadraceError);
});

test('sign-ins that no account came of are counted', async () => {
  const organization = { destinationType: 'memory', organizationId: 'org-d' };
  await recordFirstCalls(database.pool, organization, new Map([['sign_in', 2]]), at, allowance);
  const later = await insertAccount('org-d');
  await openBudget(later).reserve('deliver');
  expect(await countAll(later)).toBe(3);
});

test('what others used leaves less, for every process, and ages where no news comes', async () => {
  const budget = openBudget();
  for (let call = 0; call < 3; call += 1) await budget.reserve('deliver');
  // 10 of 100 are kept for others by default; of 90, others have used 83, which leaves us 7.
  await observe({ used: 86, allowed: 100 });
  for (let call = 0; call < 4; call += 1) await openBudget().reserve('deliver');
  expect((await refusalOf()).message).toContain('All 7 calls');
  at = new Date(at.getTime() + 12 * hourMs);
  for (let call = 0; call < 2; call += 1) await openBudget().reserve('deliver');
  expect(await countAll()).toBe(9);
});

test('promise 5: where others leave none one call in five minutes asks whether they still do, never over the allowance', async () => {
  for (let call = 0; call < 3; call += 1) await openBudget().reserve('deliver');
  await observe({ used: 100, allowed: 100 });
  const askedAt: number[] = [];
  const startedAt = at.getTime();
  for (let minute = 0; minute < 60; minute += 1) {
    at = new Date(startedAt + minute * minuteMs);
    // However many servers want to.
    const asked = await Promise.allSettled([1, 2, 3].map(() => openBudget().reserve('deliver')));
    askedAt.push(...asked.flatMap(({ status }) => (status === 'fulfilled' ? [minute] : [])));
  }
  // 3 and 9 are 12, which are allowed.
  expect(askedAt).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45]);
  expect(await countAll()).toBe(allowance);
});

test('a refusal says when it is looked again whether others leave calls', async () => {
  await openBudget().reserve('deliver');
  await observe({ used: 100, allowed: 100 });
  expect((await refusalOf()).retryAfterMs).toBe(5 * minuteMs);
});

test('a person raises and lowers allowance and reserve, at once for whoever is at it', async () => {
  const budget = openBudget();
  for (let call = 0; call < 6; call += 1) await budget.reserve('deliver');
  await updateCallBudget(database.pool, accountId, { allowance: 6 });
  await expect(budget.reserve('deliver')).rejects.toThrow('All 6 calls');
  await updateCallBudget(database.pool, accountId, { allowance: 7 });
  await budget.reserve('deliver');
  await observe({ used: 7, allowed: 100 });
  await updateCallBudget(database.pool, accountId, { allowance: null, keptForOthers: 93 });
  await expect(budget.reserve('deliver')).rejects.toThrow('All 7 calls');
});
