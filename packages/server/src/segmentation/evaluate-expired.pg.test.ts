import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activateSegment, plainActivation } from '../delivery/activations.ts';
import { insertDelivery } from '../delivery/delivery.fixture.ts';
import { markChanges } from '../delivery/mark-changes.ts';
import { applyRecords } from '../ingestion/apply-records.ts';
import {
  beginDatasetDeletion,
  deleteDatasetHandler,
  deleteDatasetKind,
} from '../ingestion/delete-dataset.ts';
import { type ExpiryListener, expireEvents } from '../ingestion/expire-events.ts';
import { PopulationJobs } from '../ingestion/population-jobs.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import type { ProfileChangeListener } from '../ingestion/save-profiles.ts';
import { rows, transaction } from '../store/database.ts';
import { maintainPartitions } from '../store/maintain-partitions.ts';
import { listMonths } from '../store/month-partitions.ts';
import { readMembershipHistory, readMemberships } from '../store/segment-memberships.ts';
import { evaluateChanges } from './evaluate-changes.ts';
import { evaluateExpired } from './evaluate-expired.ts';
import { SegmentRules } from './segment-rules.ts';
import {
  eventRecord,
  insertDatasets,
  insertSegment,
  membersFromScratch,
  personRecord,
  storedMembers,
} from './segments.fixture.ts';
import { TimedEvaluations } from './timed-evaluation.ts';

const dayMs = 86_400_000;
const start = new Date('2026-03-10T12:00:00Z');
const people = 1_300;

let database: TestDatabase;
let datasets: { people: string; events: string };
let now: Date;
const rules = new SegmentRules();

beforeEach(async () => {
  now = start;
  database = await createDatabase();
  await maintainPartitions(database.pool, now);
  datasets = await insertDatasets(database.pool, 30);
});
afterEach(() => database.drop());

const after = (days: number) => new Date(start.getTime() + days * dayMs);

const onChange: ProfileChangeListener = async (trx, changes, at) => {
  const memberships = await evaluateChanges(trx, changes, rules.read(trx), at);
  await markChanges(trx, memberships, changes, at);
};
const ingest = (records: readonly PreparedRecord[]) =>
  transaction(database.pool, (trx) => applyRecords(trx, records, onChange, now));
const evaluateAndMark: ExpiryListener = async (trx, expired, at) =>
  markChanges(trx, await evaluateExpired(trx, rules, expired, at), [], at);

/** One daily run, until a chunk was committed where it is to stop then. */
async function expire(onExpired = evaluateAndMark, isStopped = false): Promise<number> {
  const stop = new AbortController();
  const onCommit = () => (isStopped ? stop.abort() : undefined);
  return expireEvents({ pool: database.pool, onExpired, onCommit, now: () => now, signal: stop.signal });
}

/** Holds what is stored against an evaluation of everyone. @returns how many are in a segment. */
async function expectFromScratch(segmentId: string): Promise<number> {
  const stored = await storedMembers(database.pool);
  expect(stored).toEqual(await membersFromScratch(database.pool, await rules.read(database.pool), now));
  return [...stored.values()].filter((segmentIds) => segmentIds.includes(segmentId)).length;
}

test('promise 6: events that retention removes leave what an evaluation from scratch finds; stopped anywhere, too', async () => {
  const { pool } = database;
  const bought = await insertSegment(pool, 'bought', 'exists E from xEvent where E.eventType = "buy"');
  const twice = await insertSegment(
    pool,
    'looks at another',
    `inSegment("${bought}") and xEvent[eventType = "buy"].count() >= 2`,
  );
  const never = await insertSegment(
    pool,
    'never bought',
    'loyalty.points > 0 and not exists E from xEvent where E.eventType = "buy"',
  );
  const { dataflowId } = await insertDelivery(pool);
  await activateSegment(pool, dataflowId, never, plainActivation, now);
  const buy = (n: number, id: string, at: Date) =>
    eventRecord(datasets.events, `p${n}`, { id, at, type: 'buy' });
  await ingest(
    Array.from({ length: people }, (_, n) => [
      personRecord(datasets.people, `p${n}`, now, { loyalty: { points: 1 } }),
      buy(n, `first ${n}`, now),
    ]).flat(),
  );
  await ingest(Array.from({ length: 100 }, (_, n) => buy(n, `other ${n}`, after(-1))));
  await ingest(Array.from({ length: 40 }, (_, n) => buy(n, `later ${n}`, after(20))));
  expect(await expectFromScratch(bought)).toBe(people);
  expect(await expectFromScratch(twice)).toBe(100);
  expect(await expectFromScratch(never)).toBe(0);

  now = after(29.5);
  expect(await expire()).toBe(100);
  expect(await expectFromScratch(twice)).toBe(40);

  now = after(31);
  expect(await expire(evaluateAndMark, true)).toBe(1_000);
  const half = await expectFromScratch(never);
  expect(half).toBeGreaterThan(900);
  const fails: ExpiryListener = async (trx, expired, at) => {
    await evaluateAndMark(trx, expired, at);
    throw new Error('The server went down.');
  };
  await expect(expire(fails)).rejects.toThrow('The server went down.');
  expect(await expectFromScratch(never)).toBe(half);
  expect(await expire()).toBe(300);
  expect(await expectFromScratch(never)).toBe(people - 40);
  expect(await expectFromScratch(bought)).toBe(40);
  expect(await expectFromScratch(twice)).toBe(0);

  const due = await rows<{ count: number }>(
    pool,
    'select count(*)::integer as count from export_state where dataflow_id = $1 and due_at is not null',
    [dataflowId],
  );
  expect(due).toEqual([{ count: people - 40 }]);
  const [counted] = await rows<{ members: number }>(
    pool,
    'select sum(entered - "left")::integer as members from segment_count where segment_id = $1',
    [never],
  );
  expect(counted).toEqual({ members: people - 40 });
});

test('a month of events is dropped when its events have expired and were heard of, not before', async () => {
  const { pool } = database;
  const bought = await insertSegment(pool, 'bought', 'exists E from xEvent where E.eventType = "buy"');
  await ingest([eventRecord(datasets.events, 'p', { id: 'e', at: after(-20), type: 'buy' })]);
  const oldest = async () => (await listMonths(pool, 'profile_event'))[0]?.name;
  now = after(60);
  await maintainPartitions(pool, now);
  expect(await oldest()).toBe('profile_event_202602');
  expect(await expectFromScratch(bought)).toBe(1);
  expect(await expire()).toBe(1);
  expect(await expectFromScratch(bought)).toBe(0);
  await maintainPartitions(pool, now);
  expect(await oldest()).toBe('profile_event_202604');
});

test('promise 6: events that go with their dataset leave what an evaluation from scratch finds', async () => {
  const { pool } = database;
  const bought = await insertSegment(pool, 'bought', 'exists E from xEvent where E.eventType = "buy"');
  const others = await insertDatasets(pool);
  await ingest(
    Array.from({ length: 30 }, (_, n) => [
      personRecord(datasets.people, `p${n}`, now, { loyalty: { points: 1 } }),
      eventRecord(datasets.events, `p${n}`, { id: `${n}`, at: now, type: 'buy' }),
      // Of these every third is known to have bought by another dataset, too.
      ...(n % 3 === 0 ? [eventRecord(others.events, `p${n}`, { id: `${n}`, at: now, type: 'buy' })] : []),
    ]).flat(),
  );
  expect(await expectFromScratch(bought)).toBe(30);
  const stop = new AbortController();
  const jobs = new PopulationJobs({
    pool,
    handlers: { [deleteDatasetKind]: deleteDatasetHandler({ onChange }) },
    onCommit: () => undefined,
    now: () => now,
    onError: (error) => {
      throw error;
    },
  });
  await beginDatasetDeletion({ pool, jobs, now: () => now }, datasets.events, datasets.events);
  const running = jobs.run(stop.signal);
  await expect
    .poll(() => rows(pool, 'select from population_job where finished_at is null'), { timeout: 20_000 })
    .toEqual([]);
  stop.abort();
  await running;
  expect(await expectFromScratch(bought)).toBe(10);
});

test('who is overdue can be waited for, so that no event expires that a rule has still to look at', async () => {
  const { pool } = database;
  const segmentId = await insertSegment(
    pool,
    'recent',
    'exists E from xEvent where E.eventType = "buy" and E.timestamp occurs <= 10 days before now',
  );
  await ingest([eventRecord(datasets.events, 'p', { id: 'e', at: after(0), type: 'buy' })]);
  const [profileId = ''] = (await storedMembers(pool)).keys();
  now = after(40);
  const timed = new TimedEvaluations({
    pool,
    rules,
    onMemberships: async () => undefined,
    onCommit: () => undefined,
    now: () => now,
    wakePopulationJobs: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  const stop = new AbortController();
  const states: unknown[] = [];
  const waiting = timed.caughtUp(stop.signal).then(async () => {
    states.push(...(await readMemberships(pool, [profileId])).values());
  });
  const running = timed.run(stop.signal);
  await waiting;
  stop.abort();
  await running;
  expect(states).toMatchObject([new Map([[segmentId, { status: 'exited' }]])]);
});

test('nobody is evaluated where no rule looks back so far; who is overdue is taken through it first', async () => {
  const { pool } = database;
  const segmentId = await insertSegment(
    pool,
    'recent',
    'exists E from xEvent where E.eventType = "buy" and E.timestamp occurs <= 10 days before now',
  );
  await ingest([eventRecord(datasets.events, 'p', { id: 'e', at: after(0), type: 'buy' })]);
  const [profileId = ''] = (await storedMembers(pool)).keys();
  const expired = (days: number) =>
    transaction(pool, (trx) =>
      evaluateExpired(trx, rules, { profileIds: [profileId], before: after(days) }, now),
    );
  now = after(9);
  expect(await expired(-21)).toEqual([]);
  expect(await expired(0)).toMatchObject([{ profileId }]);
  // Due on the tenth day, and nobody looked.
  now = after(40);
  expect(await expired(5)).toMatchObject([{ profileId, after: new Set() }]);
  const [left] = await readMembershipHistory(pool, profileId, 5);
  expect(left).toMatchObject({ segmentId, status: 'realized', since: after(0) });
  expect(Math.abs((left?.at.getTime() ?? 0) - after(10).getTime())).toBeLessThan(2);
});
