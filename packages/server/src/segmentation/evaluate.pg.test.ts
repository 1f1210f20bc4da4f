import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { MembershipChange } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import { PopulationJobs } from '../ingestion/population-jobs.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { transaction } from '../store/database.ts';
import { countMemberships, readMemberships, readSegmentMembers } from '../store/segment-memberships.ts';
import { readSegment } from '../store/segments.ts';
import { deleteSegmentHandler, deleteSegmentKind } from './delete-segment.ts';
import { evaluateChanges } from './evaluate-changes.ts';
import { evaluateSegmentHandler, evaluateSegmentKind } from './evaluate-population.ts';
import { SegmentRules } from './segment-rules.ts';
import { Segments } from './segments.ts';

let database: TestDatabase;
let segments: Segments;
let stop: () => Promise<void>;
const rules = new SegmentRules();
const datasetId = randomUUID();
const heard: MembershipChange[] = [];
const now = () => new Date();

beforeAll(async () => {
  database = await createDatabase();
  const schemaId = randomUUID();
  await database.pool.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
     values ($1, 's', 'xdm.individual-profile', '{xdm.loyalty-details}', '[]', now(), now())`,
    [schemaId],
  );
  await database.pool.query(
    `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at) values ($1, 'd', $2, now(), now())`,
    [datasetId, schemaId],
  );
  const jobs = new PopulationJobs({
    pool: database.pool,
    handlers: {
      [evaluateSegmentKind]: evaluateSegmentHandler({
        isHeard: async () => true,
        rules,
        onMemberships: async (_trx, changes) => {
          heard.push(...changes);
        },
      }),
      [deleteSegmentKind]: deleteSegmentHandler,
    },
    now,
    onCommit: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  segments = new Segments({ pool: database.pool, rules, now, wakePopulationJobs: () => jobs.wake() });
  const controller = new AbortController();
  const running = jobs.run(controller.signal);
  stop = async () => {
    controller.abort();
    await running;
  };
});
afterAll(async () => {
  await stop();
  await database.drop();
});

const ingest = (points: readonly number[]) =>
  transaction(database.pool, (trx) =>
    applyRecords(
      trx,
      points.map((value, index): PreparedRecord => {
        const primary = { namespace: 'CRMID', value: String(index) };
        return {
          datasetId,
          kind: 'profile',
          recordId: String(index),
          stampMs: Date.now(),
          receivedMs: 0,
          batchId: null,
          primary,
          identities: [primary],
          document: { loyalty: { points: value } },
        };
      }),
      async (inside, changes, at) => {
        await evaluateChanges(inside, changes, await rules.read(inside), at);
      },
      now(),
    ),
  );

const evaluated = async (segmentId: string) => {
  while ((await readSegment(database.pool, segmentId))?.evaluatedAt === null) await delay(10);
};
const membersOf = async (segmentId: string) =>
  (await readSegmentMembers(database.pool, segmentId, { after: undefined, limit: 1_000 })).map(
    (member) => member.profileId,
  );

test('promise 6: a segment has the same members as a stream and over the whole population', async () => {
  const expression = 'loyalty.points > 100';
  const streamed = await segments.create({ name: 'streamed', description: '', expression });
  await evaluated(streamed.segmentId);
  await ingest(Array.from({ length: 200 }, (_, index) => index));
  const later = await segments.create({ name: 'later', description: '', expression });
  await evaluated(later.segmentId);
  expect(await membersOf(later.segmentId)).toEqual(await membersOf(streamed.segmentId));
  expect(await countMemberships(database.pool, later.segmentId)).toEqual({
    realized: 99,
    existing: 0,
    exited: 0,
  });
  expect(heard.filter((change) => change.after.has(later.segmentId))).toHaveLength(99);

  await ingest(Array.from({ length: 200 }, (_, index) => 199 - index));
  expect(await membersOf(later.segmentId)).toEqual(await membersOf(streamed.segmentId));
  expect(await countMemberships(database.pool, later.segmentId)).toEqual({
    realized: 99,
    existing: 0,
    exited: 99,
  });
  const [member = ''] = await membersOf(later.segmentId);
  expect((await readMemberships(database.pool, [member])).get(member)?.get(later.segmentId)).toMatchObject({
    status: 'realized',
  });
});

test('a rule over an unknown field, and a name that is taken, are refused', async () => {
  await expect(
    segments.create({ name: 'wrong', description: '', expression: 'loyalty.pionts > 1' }),
  ).rejects.toThrow(/loyalty\.points/);
  await expect(
    segments.create({ name: 'streamed', description: '', expression: 'loyalty.points > 1' }),
  ).rejects.toMatchObject({ code: 'conflict' });
});

describe('promise 6: states', () => {
  const expression = 'loyalty.points > 150';
  const membersNow = async (segmentId: string) => (await countMemberships(database.pool, segmentId)).realized;

  test('a draft has no members until it is published; one taken back keeps its members until published again', async () => {
    const draft = await segments.create({ name: 'draft', description: '', expression, state: 'draft' });
    await ingest(Array.from({ length: 200 }, (_, index) => index));
    expect(await membersNow(draft.segmentId)).toBe(0);
    await segments.change(draft.segmentId, { state: 'published' });
    await evaluated(draft.segmentId);
    expect(await membersNow(draft.segmentId)).toBe(49);

    await segments.change(draft.segmentId, { state: 'inactive' });
    await ingest(Array.from({ length: 200 }, () => 0));
    expect(await membersNow(draft.segmentId)).toBe(49);
    await segments.change(draft.segmentId, { expression: 'loyalty.points = 0', state: 'published' });
    await evaluated(draft.segmentId);
    // The same 49 qualify by the new rule: none of them left and entered again.
    expect(await countMemberships(database.pool, draft.segmentId)).toEqual({
      realized: 151,
      existing: 49,
      exited: 0,
    });
    const changes = await database.pool.query(
      'select count(*)::integer as count from segment_membership_change where segment_id = $1',
      [draft.segmentId],
    );
    expect(changes.rows).toEqual([{ count: 0 }]);
    await expect(segments.change(draft.segmentId, { state: 'draft' })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('what others look at is neither deleted nor taken back, and no circle can be written', async () => {
    const base = await segments.create({ name: 'base', description: '', expression, state: 'draft' });
    const looking = `inSegment("${base.segmentId}")`;
    await expect(
      segments.create({ name: 'reader', description: '', expression: looking }),
    ).rejects.toMatchObject({ code: 'invalid_input' });
    await segments.change(base.segmentId, { state: 'published' });
    const reader = await segments.create({ name: 'reader', description: '', expression: looking });
    expect(await segments.dependents(base.segmentId)).toMatchObject({
      dataflows: [],
      segments: [{ segmentId: reader.segmentId, name: 'reader', state: 'published' }],
    });
    await expect(segments.remove(base.segmentId)).rejects.toThrow(/"reader"/);
    await expect(segments.change(base.segmentId, { state: 'inactive' })).rejects.toThrow(/"reader"/);
    await segments.change(reader.segmentId, { state: 'inactive' });
    await segments.change(base.segmentId, { state: 'inactive' });
    for (const { segmentId } of [base, reader])
      await expect(
        segments.change(base.segmentId, { expression: `inSegment("${segmentId}")` }),
      ).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(segments.change(reader.segmentId, { state: 'published' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
    await segments.remove(reader.segmentId);
    await segments.remove(base.segmentId);
  });

  test('a deleted segment frees its name at once and leaves nothing behind', async () => {
    const first = await segments.create({ name: 'short', description: '', expression: 'true' });
    await evaluated(first.segmentId);
    expect(await membersNow(first.segmentId)).toBe(200);
    await segments.remove(first.segmentId);
    await expect(segments.get(first.segmentId)).rejects.toMatchObject({ code: 'not_found' });
    const second = await segments.create({ name: 'short', description: '', expression: 'true' });
    expect(second.segmentId).not.toBe(first.segmentId);
    await expect
      .poll(
        async () =>
          (await database.pool.query('select from segment where segment_id = $1', [first.segmentId]))
            .rowCount,
        { timeout: 10_000 },
      )
      .toBe(0);
    expect(await membersNow(first.segmentId)).toBe(0);
  });
});
