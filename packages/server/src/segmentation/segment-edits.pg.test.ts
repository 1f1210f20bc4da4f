import { randomUUID } from 'node:crypto';
import { bucketOf, type JsonObject, type MembershipChange } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PopulationJobs } from '../ingestion/population-jobs.ts';
import { rows, transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { readDocuments } from '../store/profiles.ts';
import { readSuccessors } from '../store/segment-edits.ts';
import {
  countMemberships,
  readCounts,
  readMembershipHistory,
  readProfileMemberships,
  readSegmentMembers,
} from '../store/segment-memberships.ts';

import { evaluateProfiles } from './evaluate-changes.ts';
import { segmentHandlers } from './segment-handlers.ts';
import { SegmentRules } from './segment-rules.ts';
import { Segments } from './segments.ts';

let database: TestDatabase;
let rules: SegmentRules;
let segments: Segments;
/** Since the last time anyone looked. */
let heard: MembershipChange[];
const profileIds: readonly string[] = Array.from({ length: 60 }, () => randomUUID());
const documentOf = (points: number): JsonObject => ({ loyalty: { points } });

beforeEach(async () => {
  database = await createDatabase();
  heard = [];
  rules = new SegmentRules();
  segments = new Segments({
    pool: database.pool,
    rules,
    now: () => new Date(),
    wakePopulationJobs: () => undefined,
  });
  const schemaId = randomUUID();
  await database.pool.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
     values ($1, 's', 'xdm.individual-profile', '{xdm.loyalty-details}', '[]', now(), now())`,
    [schemaId],
  );
  await database.pool.query(
    `insert into profile (bucket, profile_id, document, version, created_at, updated_at)
     select bucket, profile_id, document, 1, now(), now()
     from unnest($1::smallint[], $2::uuid[], $3::jsonb[]) as made (bucket, profile_id, document)`,
    [profileIds.map(bucketOf), profileIds, profileIds.map((_, points) => JSON.stringify(documentOf(points)))],
  );
});
afterEach(() => database.drop());

/** The work of a server until nothing is left to do, or until so many transactions were committed. */
async function work(mostCommits = Number.POSITIVE_INFINITY): Promise<void> {
  const stop = new AbortController();
  let commits = 0;
  const failures: unknown[] = [];
  const handlers = segmentHandlers({
    rules: new SegmentRules(),
    isHeard: async () => true,
    onMemberships: async (_trx, changes) => {
      heard.push(...changes);
    },
  });
  const jobs = new PopulationJobs({
    pool: database.pool,
    handlers: Object.fromEntries(
      Object.entries(handlers).map(([kind, handler]) => [kind, { ...handler, isToldAtEnd: false }]),
    ),
    onCommit: () => {
      commits++;
      if (commits >= mostCommits) stop.abort();
    },
    now: () => new Date(),
    onError: (error) => {
      failures.push(error);
      stop.abort();
    },
  });
  const running = jobs.run(stop.signal);
  while (!stop.signal.aborted) if ((await openJobs()).length === 0) stop.abort();
  await running;
  if (failures.length > 0) throw failures[0];
}

const openJobs = () =>
  rows<{ kind: string; subject: string }>(
    database.pool,
    'select kind, subject_id as subject from population_job where finished_at is null order by created_at',
  );

/** A profile changes, as ingestion changes it. */
const change = (index: number, points: number): Promise<MembershipChange[]> =>
  transaction(database.pool, async (trx) => {
    await lockProfileWrites(trx);
    const profileId = profileIds[index] ?? '';
    const document = documentOf(points);
    const before = (await readDocuments(trx, [profileId])).get(profileId);
    await trx.query('update profile set document = $3 where bucket = $1 and profile_id = $2', [
      bucketOf(profileId),
      profileId,
      JSON.stringify(document),
    ]);
    const changes = [{ profileId, before, document }];
    return evaluateProfiles(trx, changes, { rules: rules.read(trx), isWhole: true }, new Date());
  });

const create = async (name: string, expression: string): Promise<string> => {
  const { segmentId } = await segments.create({ name, description: '', expression });
  await work();
  return segmentId;
};
const membersOf = async (segmentId: string) =>
  (await readSegmentMembers(database.pool, segmentId, { after: undefined, limit: 1_000 }))
    .map(({ profileId }) => profileIds.indexOf(profileId))
    .sort((a, b) => a - b);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const heardOf = (segmentId: string) =>
  heard
    .splice(0)
    .flatMap(({ profileId, before, after }) => {
      const [was, is] = [before.has(segmentId), after.has(segmentId)];
      return was === is ? [] : [`${is ? 'in' : 'out'} ${profileIds.indexOf(profileId)}`];
    })
    .sort();

describe('promise 6: a published segment is edited', () => {
  test('its members are those of the old rule until they are, all at once, those of the new one', async () => {
    const segmentId = await create('rich', 'loyalty.points >= 40');
    heard = [];
    const edited = await segments.change(segmentId, {
      expression: 'loyalty.points >= 30 and loyalty.points < 50',
    });
    expect(edited).toMatchObject({
      expression: 'loyalty.points >= 40',
      editedExpression: 'loyalty.points >= 30 and loyalty.points < 50',
      state: 'published',
    });
    expect((await segments.view(segmentId)).edit?.job).toMatchObject({ finishedAt: null });

    await work(3);
    expect(await membersOf(segmentId)).toEqual(range(40, 60));
    // Ingestion goes on by the old rule, and the new one is not left behind: whichever of the two was evaluated first.
    for (const [index, points] of [
      [0, 45],
      [1, 55],
      [41, 0],
      [59, 35],
      [33, 34],
    ] as const)
      await change(index, points);
    expect(await membersOf(segmentId)).toEqual([0, 1, 40, ...range(42, 59)]);
    const [first = ''] = profileIds;
    expect((await readProfileMemberships(database.pool, first)).map(({ name }) => name)).toEqual(['rich']);
    expect(heardOf(segmentId)).toEqual([]);

    await work();
    expect(await membersOf(segmentId)).toEqual([0, ...range(30, 41), ...range(42, 50), 59]);
    expect(await segments.get(segmentId)).toMatchObject({
      expression: 'loyalty.points >= 30 and loyalty.points < 50',
      editedExpression: null,
    });
    // One change for each that really changed.
    expect(heardOf(segmentId)).toEqual(
      [
        ...range(30, 40).map((index) => `in ${index}`),
        ...[1, ...range(50, 59)].map((index) => `out ${index}`),
        'in 59',
      ].sort(),
    );
  });

  test('whoever reads meanwhile sees the members of one rule or of the other', async () => {
    const segmentId = await create('rich', 'loyalty.points >= 40');
    await segments.change(segmentId, { expression: 'loyalty.points < 30' });
    const seen = new Set<string>();
    let isDone = false;
    const reading = (async () => {
      while (!isDone)
        seen.add(
          JSON.stringify(
            await rows(
              database.pool,
              `select s.expression, count(*) as members, min(document #>> '{loyalty,points}') as least
               from segment s join segment_membership m using (segment_id) join profile using (bucket, profile_id)
               where segment_id = $1 and m.status <> 'exited' group by 1`,
              [segmentId],
            ),
          ),
        );
    })();
    await work();
    isDone = true;
    await reading;
    expect([...seen].map((text) => JSON.parse(text)).filter(([one]) => one.members === 20)).toEqual([
      [{ expression: 'loyalty.points >= 40', members: 20, least: '40' }],
    ]);
    expect(seen.size).toBeLessThanOrEqual(2);
    expect(await membersOf(segmentId)).toEqual(range(0, 30));
  });

  test('history and counts tell one change of each, at one instant; nothing is left of the evaluation', async () => {
    const segmentId = await create('rich', 'loyalty.points >= 40');
    await segments.change(segmentId, { expression: 'loyalty.points >= 50' });
    await work(3);
    await change(10, 55);
    await change(10, 10);
    await work();
    const { evaluatedAt } = await segments.get(segmentId);
    const history = (
      await Promise.all(profileIds.map((profileId) => readMembershipHistory(database.pool, profileId, 10)))
    ).flat();
    expect(history.filter(({ at }) => at.getTime() === evaluatedAt?.getTime())).toHaveLength(10);
    // The tenth profile entered, and left, by the rule of that time.
    expect(history).toHaveLength(11);
    expect(await countMemberships(database.pool, segmentId)).toEqual({
      realized: 0,
      existing: 10,
      exited: 11,
    });
    const counts = await readCounts(database.pool, segmentId, new Date(0));
    expect(counts.at(-1)?.members).toBe(10);
    expect(counts.reduce((sum, { entered }) => sum + entered, 0)).toBe(21);
    for (const table of ['segment', 'segment_membership', 'segment_membership_change', 'segment_count'])
      expect([
        table,
        await rows(database.pool, `select distinct segment_id from ${table} where segment_id <> $1`, [
          segmentId,
        ]),
      ]).toEqual([table, []]);
  });

  test('an edit before that replaces the edit; the former rule ends it; who takes the segment back keeps it', async () => {
    const segmentId = await create('rich', 'loyalty.points >= 40');
    await segments.change(segmentId, { expression: 'loyalty.points >= 50' });
    await work(3);
    await segments.change(segmentId, { expression: 'loyalty.points < 5' });
    // A name of its own does not begin anything anew.
    await work(3);
    const [before] = await readSuccessors(database.pool);
    await segments.change(segmentId, { name: 'few points', description: 'Who has few.' });
    expect(await readSuccessors(database.pool)).toEqual([before]);
    await work();
    expect(await membersOf(segmentId)).toEqual(range(0, 5));

    await segments.change(segmentId, { expression: 'loyalty.points >= 50' });
    await segments.change(segmentId, { expression: 'loyalty.points < 5' });
    expect(await segments.get(segmentId)).toMatchObject({ editedExpression: null });
    expect((await openJobs()).map(({ kind }) => kind)).toEqual(['delete_segment']);
    await work();
    expect(await membersOf(segmentId)).toEqual(range(0, 5));

    await segments.change(segmentId, { expression: 'loyalty.points >= 50' });
    await segments.change(segmentId, { state: 'inactive' });
    expect(await segments.get(segmentId)).toMatchObject({
      expression: 'loyalty.points >= 50',
      editedExpression: null,
    });
    await work();
    expect(await membersOf(segmentId)).toEqual(range(0, 5));
    await segments.change(segmentId, { state: 'published' });
    await work();
    expect(await membersOf(segmentId)).toEqual(range(50, 60));

    await segments.change(segmentId, { expression: 'loyalty.points < 5' });
    await segments.remove(segmentId);
    await work();
    expect(await rows(database.pool, 'select from segment')).toEqual([]);
  });

  test('segments that look at it change with it, in the same instant', async () => {
    const rich = await create('rich', 'loyalty.points >= 40');
    const others = await create('others', `not inSegment("${rich}")`);
    const few = await create('few', `inSegment("${others}") and loyalty.points < 10`);
    await segments.change(rich, { expression: 'loyalty.points >= 50 or loyalty.points < 5' });
    await work(3);
    // Published meanwhile, it goes with the others.
    const late = (await segments.create({ name: 'late', description: '', expression: `inSegment("${few}")` }))
      .segmentId;
    expect((await segments.dependents(rich)).segments.map(({ name }) => name)).toEqual(['others']);
    await work();
    expect(await membersOf(others)).toEqual(range(5, 50));
    expect(await membersOf(few)).toEqual(range(5, 10));
    expect(await membersOf(late)).toEqual(range(5, 10));
    const instants = await rows<{ count: number }>(
      database.pool,
      `select count(distinct last_qualification_time) as count from segment_membership m join segment_membership_change c
       using (bucket, profile_id, segment_id) where c.at = m.last_qualification_time`,
    );
    expect(instants).toEqual([{ count: 1 }]);
    expect(await segments.get(others)).toMatchObject({ expression: `not inSegment("${rich}")` });
  });

  test('a circle is refused and named, also one of edits', async () => {
    const one = await create('one', 'loyalty.points >= 40');
    const two = await create('two', `inSegment("${one}")`);
    const three = await create('three', `inSegment("${two}")`);
    const circle = segments.change(one, { expression: `loyalty.points = 1 or inSegment("${three}")` });
    await expect(circle).rejects.toMatchObject({
      code: 'invalid_input',
      details: [{ pointer: '/expression', position: 32 }],
      message: expect.stringContaining('"one" looks at "three" looks at "two" looks at "one"'),
    });
    await expect(segments.change(one, { expression: `inSegment("${one}")` })).rejects.toThrow(
      '"one" looks at "one"',
    );
    expect(await segments.get(one)).toMatchObject({ editedExpression: null });
    await segments.change(two, { expression: 'loyalty.points = 2' });
    await segments.change(one, { expression: `inSegment("${three}")` });
    await expect(segments.change(two, { expression: `inSegment("${one}")` })).rejects.toThrow(/circle/);
    await work();
    expect([await membersOf(one), await membersOf(two), await membersOf(three)]).toEqual([[2], [2], [2]]);
  });

  test('a server that ends anywhere goes on where it was, at the last step too', async () => {
    const segmentId = await create('rich', 'loyalty.points >= 40');
    await segments.change(segmentId, { expression: 'loyalty.points < 50' });
    // The members of both rules, the rule, and destinations: none of it before all of it.
    await database.pool.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
      create trigger refuse before update of expression on segment for each row
        when (new.edited_expression is null) execute function refuse()`);
    await expect(work()).rejects.toThrow('no');
    expect(await membersOf(segmentId)).toEqual(range(40, 60));
    await database.pool.query('drop trigger refuse on segment');
    heard = [];
    while ((await openJobs()).length > 0) {
      await work(3);
      expect((await membersOf(segmentId)).length).toBeOneOf([20, 50]);
    }
    expect(await membersOf(segmentId)).toEqual(range(0, 50));
    expect(heardOf(segmentId)).toHaveLength(50);
  });
});

test('promise 6: however segments are edited while people change, they end as if evaluated anew', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('change' as const), index: fc.nat(59), points: fc.nat(20) }),
    fc.record({ kind: fc.constant('edit' as const), index: fc.nat(3), points: fc.nat(20), other: fc.nat(4) }),
    fc.record({ kind: fc.constant('work' as const), commits: fc.integer({ min: 1, max: 6 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      await database.pool.query('truncate segment, population_job, segment_count cascade');
      const ids: string[] = [];
      for (const name of ['a', 'b', 'c', 'd'])
        ids.push(
          (await segments.create({ name, description: '', expression: 'loyalty.points > 10' })).segmentId,
        );
      for (const one of steps) {
        if (one.kind === 'change') await change(one.index, one.points);
        else if (one.kind === 'work') await work(one.commits);
        else {
          const [own = '', other] = [ids[one.index], ids[one.other]];
          const expression = `loyalty.points > ${one.points}${other === undefined ? '' : ` or inSegment("${other}")`}`;
          await segments.change(own, { expression }).catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'invalid_input' });
          });
        }
      }
      await work();
      for (const segmentId of ids) {
        const { name, expression } = await segments.get(segmentId);
        const anew = await create(`${name} anew`, expression);
        expect(await membersOf(anew)).toEqual(await membersOf(segmentId));
        const { realized, existing } = await countMemberships(database.pool, segmentId);
        expect((await readCounts(database.pool, segmentId, new Date(0))).at(-1)?.members ?? 0).toBe(
          realized + existing,
        );
      }
      expect(await readSuccessors(database.pool)).toEqual([]);
    }),
    { numRuns: 12, endOnFailure: true },
  );
});
