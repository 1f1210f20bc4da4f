import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DestinationCall } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pruneCalls, readCalls } from '../store/destination-calls.ts';
import { CallLog, whileDelivering } from './call-log.ts';

let database: TestDatabase;
const [accountId, otherId] = [randomUUID(), randomUUID()];
const warned: string[] = [];
const log = { info: () => undefined, warn: (_facts: object, message: string) => void warned.push(message) };
const now = () => new Date('2026-06-01T12:00:00Z');

beforeAll(async () => {
  database = await createDatabase();
  for (const id of [accountId, otherId])
    await database.pool.query(
      `insert into account (account_id, destination_type, name, authentication, settings, sealed_secrets, created_at)
       values ($1, 'memory', $1::uuid::text, 'none', '{}', '', now())`,
      [id],
    );
});
afterAll(() => database.drop());

const call = (at: string, more: Partial<DestinationCall> = {}): DestinationCall => ({
  purpose: 'deliver',
  startedAt: new Date(at),
  durationMs: 12.5,
  method: 'PATCH',
  path: '/records',
  status: 200,
  wasSent: true,
  code: null,
  requestBytes: 10,
  responseBytes: 20,
  records: 3,
  usage: { used: 5, allowed: 100 },
  ...more,
});
const everything = {
  accountId,
  dataflowId: undefined,
  batchId: undefined,
  purpose: undefined,
  code: undefined,
  isFailed: undefined,
  since: undefined,
  until: undefined,
};
const read = (filter: Partial<typeof everything> | { readonly isFailed: boolean } = {}) =>
  readCalls(database.pool, { ...everything, ...filter }, { after: undefined, limit: 1_000 });

test('calls are kept with the dataflow and batch that they were made for, also behind awaits', async () => {
  const calls = new CallLog({ pool: database.pool, now, log });
  const [dataflowId, batchId] = [randomUUID(), randomUUID()];
  await whileDelivering(dataflowId, batchId, async () => {
    await delay(1);
    calls.recorderFor(accountId).record(call('2026-06-01T10:00:00Z'));
  });
  const failed = { status: null, code: 'ECONNRESET', records: null, usage: null, purpose: 'read' } as const;
  calls.recorderFor(accountId).record(call('2026-06-01T11:00:00Z', failed));
  calls.recorderFor(otherId).record(call('2026-06-01T11:00:00Z'));
  expect(await read()).toEqual([]);
  await calls.flush();
  await calls.flush();
  expect(await read()).toMatchObject([
    { ...failed, dataflowId: null, batchId: null },
    { ...call('2026-06-01T10:00:00Z'), dataflowId, batchId },
  ]);
  expect(await read({ isFailed: true })).toMatchObject([failed]);
  expect(await read({ isFailed: false })).toHaveLength(1);
  await database.pool.query('delete from destination_call');
});

test('pages show each call once, also those of one instant', async () => {
  const calls = new CallLog({ pool: database.pool, now, log });
  for (let at = 0; at < 10; at++)
    calls.recorderFor(accountId).record(call('2026-06-01T10:00:00Z', { durationMs: at }));
  await calls.flush();
  const seen: number[] = [];
  for (let after: Awaited<ReturnType<typeof read>>[number] | undefined; ; ) {
    const page = await readCalls(database.pool, everything, { after, limit: 3 });
    seen.push(...page.map(({ durationMs }) => durationMs));
    after = page.at(-1);
    if (page.length < 3) break;
  }
  expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  await database.pool.query('delete from destination_call');
});

test('it is bounded by age and, for each account, by number: the oldest go', async () => {
  const calls = new CallLog({ pool: database.pool, now, log });
  for (let at = 0; at < 30; at++) {
    const startedAt = new Date(Date.parse('2026-05-01T00:00:00Z') + at * 86_400_000);
    calls.recorderFor(accountId).record({ ...call('2026-05-01'), startedAt });
    if (at % 3 === 0) calls.recorderFor(otherId).record({ ...call('2026-05-01'), startedAt });
  }
  await calls.flush();
  const bounds = { since: new Date('2026-05-06T00:00:00Z'), perAccount: 8 };
  while ((await pruneCalls(database.pool, bounds, 4)) >= 4);
  const left = (await read()).map(({ startedAt }) => startedAt.toISOString().slice(5, 10));
  expect(left).toEqual(['05-30', '05-29', '05-28', '05-27', '05-26', '05-25', '05-24', '05-23']);
  expect(await read({ accountId: otherId })).toHaveLength(8);
  await database.pool.query('delete from destination_call');
});

test('what could not be written is written later, in the order it came', async () => {
  const calls = new CallLog({ pool: database.pool, now, log });
  const stop = new AbortController();
  await database.pool.query('alter table destination_call rename to elsewhere');
  calls.recorderFor(accountId).record(call('2026-06-01T10:00:00Z'));
  const running = calls.run(stop.signal);
  for (const until = Date.now() + 10_000; warned.length === 0 && Date.now() < until; ) await delay(10);
  expect(warned).toEqual(['The log of calls could not be written; it is tried again.']);
  await database.pool.query('alter table elsewhere rename to destination_call');
  calls.recorderFor(accountId).record(call('2026-06-01T10:00:01Z'));
  stop.abort();
  await running;
  expect((await read()).map(({ startedAt }) => startedAt.getUTCSeconds())).toEqual([1, 0]);
});
