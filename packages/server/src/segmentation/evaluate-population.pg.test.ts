import { randomUUID } from 'node:crypto';
import { bucketOf } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PopulationJobs } from '../ingestion/population-jobs.ts';
import { rows } from '../store/database.ts';
import { readPopulationJobs } from '../store/population-jobs.ts';
import { countMemberships } from '../store/segment-memberships.ts';
import { readSegment } from '../store/segments.ts';
import { evaluateSegmentHandler, evaluateSegmentKind } from './evaluate-population.ts';
import { SegmentRules } from './segment-rules.ts';
import { Segments } from './segments.ts';

const profiles = 2_000;
const now = () => new Date();
let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  const ids = Array.from({ length: profiles }, () => randomUUID());
  await database.pool.query(
    `insert into profile (bucket, profile_id, document, version, created_at, updated_at)
     select bucket, profile_id, '{}', 1, now(), now() from unnest($1::smallint[], $2::uuid[]) as made (bucket, profile_id)`,
    [ids.map(bucketOf), ids],
  );
});
afterAll(() => database.drop());

/** A server as it is after a restart, until a chunk is the last. */
async function workUntil(onChunk: (stop: AbortController) => void): Promise<unknown[]> {
  const stop = new AbortController();
  const errors: unknown[] = [];
  const jobs = new PopulationJobs({
    pool: database.pool,
    handlers: {
      [evaluateSegmentKind]: evaluateSegmentHandler({
        isHeard: async () => true,
        rules: new SegmentRules(),
        onMemberships: async () => onChunk(stop),
      }),
    },
    onCommit: () => stop.abort(),
    now,
    onError: (error) => {
      errors.push(error);
      stop.abort();
    },
  });
  await jobs.run(stop.signal);
  return errors;
}

test('an evaluation over everyone that is stopped half-way goes on behind its checkpoint', async () => {
  const rules = new SegmentRules();
  const segments = new Segments({ pool: database.pool, rules, now, wakePopulationJobs: () => undefined });
  const { segmentId } = await segments.create({ name: 'all', description: '', expression: 'true' });
  const job = async () => (await readPopulationJobs(database.pool, segmentId))[0];

  let chunks = 0;
  await workUntil((stop) => {
    chunks++;
    if (chunks === 3) stop.abort();
  });
  const half = await job();
  expect(half?.finishedAt).toBeNull();
  expect(half?.profilesDone).toBeGreaterThan(0);
  expect(half?.profilesDone).toBeLessThan(profiles);
  expect((await countMemberships(database.pool, segmentId)).realized).toBe(half?.profilesDone);

  // What a chunk that fails had written is gone with its checkpoint.
  const errors = await workUntil(() => {
    throw new Error('The server went down.');
  });
  expect(errors).toHaveLength(1);
  const error = 'An unexpected error; the log of the server says which.';
  expect(await job()).toEqual({ ...half, error });
  expect((await countMemberships(database.pool, segmentId)).realized).toBe(half?.profilesDone);

  await workUntil(() => undefined);
  expect(await job()).toMatchObject({
    profilesDone: profiles,
    entered: profiles,
    left: 0,
    finishedAt: expect.any(Date),
    error: null,
  });
  expect((await readSegment(database.pool, segmentId))?.evaluatedAt).not.toBeNull();
  expect((await countMemberships(database.pool, segmentId)).realized).toBe(profiles);

  await segments.evaluate(segmentId);
  await segments.evaluate(segmentId);
  const jobs = await readPopulationJobs(database.pool, segmentId);
  expect(jobs.map(({ finishedAt, error }) => finishedAt === null || error).toSorted()).toEqual([
    null,
    'superseded',
    true,
  ]);
  await workUntil(() => undefined);
  const counted = await rows<{ entered: number }>(
    database.pool,
    'select sum(entered)::integer as entered from segment_count where segment_id = $1',
    [segmentId],
  );
  expect(counted).toEqual([{ entered: profiles }]);
});
