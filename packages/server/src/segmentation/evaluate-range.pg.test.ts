import { randomUUID } from 'node:crypto';
import {
  bucketOf,
  compileSegmentRule,
  type JsonObject,
  type MembershipChange,
  type RuleSchema,
} from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows, transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { readDocumentsInBuckets } from '../store/profiles.ts';
import { conditionOf } from '../store/segment-sql/condition-of.ts';
import { evaluateProfiles } from './evaluate-changes.ts';
import { evaluateRange } from './evaluate-range.ts';

const schema: RuleSchema = {
  profile: {
    type: 'object',
    title: 'Profile',
    properties: {
      points: { type: 'number', title: 'n' },
      name: { type: 'string', title: 't' },
    },
  },
  event: {
    type: 'object',
    title: 'Event',
    properties: {
      timestamp: { type: 'string', format: 'date-time', title: 't' },
      total: { type: 'number', title: 'n' },
    },
  },
};
const whole = { firstBucket: 0, lastBucket: 4095 };
const [first, later] = [new Date('2026-03-15T12:10:00Z'), new Date('2026-03-15T14:20:00Z')];
let database: TestDatabase;
const profileIds = Array.from({ length: 300 }, () => randomUUID());

beforeAll(async () => {
  database = await createDatabase();
  await database.pool.query(
    `insert into profile (bucket, profile_id, document, version, created_at, updated_at)
     select bucket, profile_id, document, 1, now(), now()
     from unnest($1::smallint[], $2::uuid[], $3::jsonb[]) as made (bucket, profile_id, document)`,
    [profileIds.map(bucketOf), profileIds, profileIds.map((_, index) => JSON.stringify(documentOf(index)))],
  );
  const buyers = profileIds.flatMap((profileId, index) => Array.from({ length: index % 4 }, () => profileId));
  await database.pool.query(
    `insert into profile_event (bucket, profile_id, dataset_id, event_id, at, namespace, value, document)
     select bucket, profile_id, gen_random_uuid(), 'e', '2026-03-01T00:00:00Z', 'n', 'v',
       '{"timestamp": "2026-03-01T00:00:00Z", "total": 0.1}'
     from unnest($1::smallint[], $2::uuid[]) as made (bucket, profile_id)`,
    [buyers.map(bucketOf), buyers],
  );
});
afterAll(() => database.drop());

const documentOf = (index: number): JsonObject => ({
  points: index % 10,
  name: index % 3 === 0 ? 'Ann' : 'Bo',
});

const newSegment = async (expression: string): Promise<string> => {
  const segmentId = randomUUID();
  await database.pool.query(
    `insert into segment (segment_id, name, description, expression, created_at)
     values ($1, $2, '', $3, now())`,
    [segmentId, segmentId, expression],
  );
  return segmentId;
};
const heard = new Set<string>();

type Way = (segmentId: string, expression: string, now: Date) => Promise<readonly MembershipChange[]>;
const ofRule = (segmentId: string, expression: string) => [
  { segmentId, rule: compileSegmentRule(expression, schema) },
];
const byRange: Way = (segmentId, expression, now) =>
  transaction(database.pool, async (trx) => {
    await lockProfileWrites(trx);
    const { changes, profiles } = await evaluateRange(
      trx,
      { rules: ofRule(segmentId, expression), isHeard: async (_trx, id) => heard.has(id) },
      whole,
      now,
    );
    expect(profiles).toBe(profileIds.length);
    return changes;
  });
const inJavaScript: Way = (segmentId, expression, now) =>
  transaction(database.pool, async (trx) => {
    await lockProfileWrites(trx);
    const profiles = await readDocumentsInBuckets(trx, whole.firstBucket, whole.lastBucket);
    return evaluateProfiles(trx, profiles, { rules: ofRule(segmentId, expression), isWhole: false }, now);
  });

/** All that is written of a segment. */
const writtenOf = async (segmentId: string) => ({
  memberships: await rows(
    database.pool,
    `select profile_id, status, last_qualification_time from segment_membership
     where segment_id = $1 order by profile_id`,
    [segmentId],
  ),
  past: await rows(
    database.pool,
    `select profile_id, status, since, at from segment_membership_change
     where segment_id = $1 order by profile_id, at, since`,
    [segmentId],
  ),
  counts: await rows(
    database.pool,
    'select hour, entered, "left" from segment_count where segment_id = $1 order by hour',
    [segmentId],
  ),
});

test.each([
  ['points > 4 and name = "Ann"', 'points < 7 and name = "Ann"', true],
  ['xEvent[total > 0].count() >= 2', 'xEvent.sum(total) = 0.3', true],
  ['xEvent.count() = 0', 'xEvent.count() != 0', true],
  ['name like "A%" and points > 3', 'name like "B%" and points < 5', false],
])(
  'promise 6: %s, later %s: one statement writes what evaluation in JavaScript does',
  async (expression, edited, isExact) => {
    expect(conditionOf(compileSegmentRule(expression, schema), first).isExact).toBe(isExact);
    const written = await Promise.all(
      [byRange, inJavaScript].map(async (evaluate) => {
        const segmentId = await newSegment(expression);
        const states = [];
        await evaluate(segmentId, expression, first);
        states.push(await writtenOf(segmentId));
        await evaluate(segmentId, edited, later);
        states.push(await writtenOf(segmentId));
        await evaluate(segmentId, edited, new Date(later.getTime() + 1));
        states.push(await writtenOf(segmentId));
        return states;
      }),
    );
    const [inSql = [], apart = []] = written;
    expect(inSql).toEqual(apart);
    expect(inSql[0]?.memberships.length).toBeGreaterThan(20);
    expect(inSql[1]?.past.length).toBeGreaterThan(20);
    expect(inSql[2]).toEqual(inSql[1]);
  },
);

test('promise 6: destinations hear the same of a segment evaluated in SQL', async () => {
  const other = await newSegment('true');
  await inJavaScript(other, 'points = 1 or points = 8', first);
  const told = [];
  for (const evaluate of [byRange, inJavaScript]) {
    const segmentId = await newSegment('true');
    heard.add(segmentId);
    for (const expression of ['points > 4', 'points < 7']) {
      const changes = await evaluate(segmentId, expression, first);
      const named = (ids: ReadonlySet<string>) =>
        [...ids]
          .filter((id) => id === segmentId || id === other)
          .map((id) => (id === segmentId ? 'own' : 'other'))
          .sort();
      told.push(
        changes
          .map(({ bucket, profileId, before, after }) => ({
            bucket,
            profileId,
            before: named(before),
            after: named(after),
          }))
          .filter(({ before, after }) => before.join() !== after.join())
          .sort((a, b) => (a.profileId < b.profileId ? -1 : 1)),
      );
    }
  }
  const [entered, moved, enteredApart, movedApart] = told;
  expect([entered, moved]).toEqual([enteredApart, movedApart]);
  expect(entered?.length).toBe(150);
  expect(entered?.some(({ after }) => after.length === 2)).toBe(true);
});

test('changes that nobody is to hear of are not read', async () => {
  const segmentId = await newSegment('true');
  expect(await byRange(segmentId, 'points > 4', first)).toEqual([]);
  expect((await writtenOf(segmentId)).memberships).toHaveLength(150);
});
