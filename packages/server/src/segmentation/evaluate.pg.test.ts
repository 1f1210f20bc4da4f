import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { MembershipChange } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { transaction } from '../store/database.ts';
import { countMemberships, readMemberships } from '../store/segment-memberships.ts';
import { readSegment, readSegmentMembers } from '../store/segments.ts';
import { evaluateChanges } from './evaluate-changes.ts';
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
  segments = new Segments({
    pool: database.pool,
    rules,
    now,
    onCommit: () => undefined,
    onError: (error) => {
      throw error;
    },
    onMemberships: async (_trx, changes) => {
      heard.push(...changes);
    },
    isHeard: async () => true,
  });
  const controller = new AbortController();
  const running = segments.run(controller.signal);
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
  (await readSegmentMembers(database.pool, segmentId, undefined, 1_000)).map((member) => member.profileId);

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
