import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { clockAt, compileSegmentRule, type JsonObject, type MembershipChange } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import { IdentityGraph } from '../ingestion/part-identities.ts';
import { PopulationJobs } from '../ingestion/population-jobs.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { transaction } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { maintainPartitions } from '../store/maintain-partitions.ts';
import { readCounts, readMembershipHistory, readMemberships } from '../store/segment-memberships.ts';
import { beginCalendarPass } from './evaluate-calendar.ts';
import { evaluateChanges } from './evaluate-changes.ts';
import { evaluateDue } from './evaluate-due.ts';
import { segmentHandlers } from './segment-handlers.ts';
import { SegmentRules } from './segment-rules.ts';
import { Segments } from './segments.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.parse('2026-02-10T00:00:00Z');

let database: TestDatabase;
const [profiles, events] = [randomUUID(), randomUUID()];
const heard: MembershipChange[] = [];
let now = new Date(start);

beforeAll(async () => {
  database = await createDatabase();
  await maintainPartitions(database.pool, now);
  for (const [datasetId, classId, groups] of [
    [profiles, 'xdm.individual-profile', '{xdm.loyalty-details,xdm.demographic-details}'],
    [events, 'xdm.experience-event', '{}'],
  ]) {
    const schemaId = randomUUID();
    await database.pool.query(
      `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
       values ($1, $2, $2, $3, '[]', now(), now())`,
      [schemaId, classId, groups],
    );
    await database.pool.query(
      `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
       values ($1, $2, $3, now(), now())`,
      [datasetId, classId, schemaId],
    );
  }
});
afterAll(() => database.drop());

const addSegment = async (name: string, expression: string): Promise<string> => {
  const segmentId = randomUUID();
  compileSegmentRule(expression, await readRuleSchema(database.pool));
  await database.pool.query(
    `insert into segment (segment_id, name, description, expression, evaluated_at, created_at)
     values ($1, $2, '', $3, now(), now())`,
    [segmentId, name, expression],
  );
  return segmentId;
};

/** A server as it is after a restart: nothing but the database is kept. */
const startAgain = () => {
  const rules = new SegmentRules();
  const onMemberships = async (_trx: unknown, changes: readonly MembershipChange[]) => {
    heard.push(...changes);
  };
  const options = {
    pool: database.pool,
    rules,
    onMemberships,
    onCommit: () => undefined,
    now: () => now,
  };
  const jobs = new PopulationJobs({
    ...options,
    handlers: segmentHandlers({ ...options, isHeard: async () => true }),
    onError: (error) => {
      throw error;
    },
  });
  const signal = new AbortController().signal;
  return {
    ingest: (records: readonly PreparedRecord[]) =>
      transaction(database.pool, (trx) =>
        applyRecords(
          trx,
          records,
          async (inside, changes, at) => {
            heard.push(...(await evaluateChanges(inside, changes, rules.read(inside), at)));
          },
          now,
        ),
      ),
    tick: async () => {
      const evaluated = await evaluateDue(options, signal);
      const stop = new AbortController();
      const running = jobs.run(stop.signal);
      while (await beginCalendarPass(database.pool, rules, () => now)) {
        jobs.wake();
        await delay(20);
      }
      stop.abort();
      await running;
      return evaluated;
    },
  };
};

const person = (key: string, document: JsonObject): PreparedRecord => {
  const primary = { namespace: 'CRMID', value: key };
  return {
    datasetId: profiles,
    kind: 'profile',
    recordId: key,
    stampMs: now.getTime(),
    receivedMs: now.getTime(),
    batchId: null,
    primary,
    identities: [primary],
    document,
  };
};
const event = (key: string, id: string, at: number, eventType: string): PreparedRecord => ({
  ...person(key, { _id: id, timestamp: new Date(at).toISOString(), eventType }),
  datasetId: events,
  kind: 'event',
  recordId: id,
  stampMs: at,
});
const profileOf = async (key: string): Promise<string> => {
  const { rows } = await database.pool.query<{ profile_id: string }>(
    `select profile_id from identity where namespace = 'CRMID' and value = $1`,
    [key],
  );
  return rows[0]?.profile_id ?? '';
};
const stateOf = async (key: string, segmentId: string) => {
  const profileId = await profileOf(key);
  return (await readMemberships(database.pool, [profileId])).get(profileId)?.get(segmentId);
};

test('an event alone makes a member, and time alone ends it at the very instant', async () => {
  const segmentId = await addSegment(
    'recent',
    'exists E from xEvent where E.eventType = "buy" and E.timestamp occurs <= 7 days before now',
  );
  const server = startAgain();
  await server.ingest([person('a', { loyalty: { points: 1 } })]);
  expect(await stateOf('a', segmentId)).toBeUndefined();
  now = new Date(start + hourMs);
  await server.ingest([event('a', 'e1', start + hourMs, 'buy')]);
  expect(await stateOf('a', segmentId)).toEqual({ status: 'realized', since: now });

  // A month later, after a restart.
  now = new Date(start + 31 * dayMs);
  heard.length = 0;
  await startAgain().tick();
  const instant = new Date(start + hourMs + 7 * dayMs + 1);
  expect(await stateOf('a', segmentId)).toEqual({ status: 'exited', since: instant });
  expect(heard).toHaveLength(1);
  expect(await readMembershipHistory(database.pool, await profileOf('a'), 10)).toEqual([
    { segmentId, status: 'realized', since: new Date(start + hourMs), at: instant },
  ]);
  const counts = await readCounts(database.pool, segmentId, new Date(0));
  expect(counts.map(({ members }) => members)).toEqual([1, 0]);
  expect(await startAgain().tick()).toBe(0);
});

test('an end behind all calendars is not waited for, and holds nobody up', async () => {
  const soon = await addSegment('soon', 'exists E from xEvent where E.timestamp occurs <= 1 day before now');
  const ever = await addSegment(
    'ever',
    'exists E from xEvent where E.timestamp occurs <= 300000 years before now',
  );
  await startAgain().ingest([event('far', 'far', now.getTime(), 'buy')]);
  expect(await stateOf('far', ever)).toMatchObject({ status: 'realized' });
  now = new Date(now.getTime() + 2 * dayMs);
  expect(await startAgain().tick()).toBe(1);
  expect(await stateOf('far', soon)).toMatchObject({ status: 'exited' });
  expect(await stateOf('far', ever)).toMatchObject({ status: 'realized' });
  await database.pool.query('delete from segment where segment_id = any($1)', [[soon, ever]]);
});

test('promise 6: memberships that begin or end by time are those of an evaluation from scratch', async () => {
  const rules = {
    bought: 'xEvent[eventType = "buy" and timestamp occurs < 5 days before now].count() >= 2',
    lapsed: 'not (exists E from xEvent where E.timestamp occurs <= 10 days before now)',
    birthday:
      'person.birthDate.getMonth() = currentMonth() and person.birthDate.getDayOfMonth() = currentDayOfMonth()',
    today: 'exists E from xEvent where E.eventType = "visit" and E.timestamp occurs today',
    chain:
      'CHAIN(xEvent, timestamp, [A: WHAT(eventType = "visit") WHEN(< 3 days before now), B: WHAT(eventType = "buy") WHEN(<= 1 day after A)])',
  };
  const ids = new Map<string, string>();
  for (const [name, expression] of Object.entries(rules)) ids.set(name, await addSegment(name, expression));
  const both = await addSegment('both', `inSegment("${ids.get('bought')}") and loyalty.points > 5`);
  ids.set('both', both);
  const schema = await readRuleSchema(database.pool);
  const compiled = [
    ...Object.entries(rules),
    ['both', `inSegment("${ids.get('bought')}") and loyalty.points > 5`],
  ].map(([name = '', text = '']) => ({ name, rule: compileSegmentRule(text, schema) }));

  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const people = Array.from({ length: 60 }, (_, index) => `p${index}`);
  const known = new Map<string, { document: JsonObject; events: JsonObject[] }>();
  let server = startAgain();
  let eventIds = 0;
  const first = now.getTime();
  for (let step = 0; step < 40; step++) {
    now = new Date(first + step * 17 * hourMs);
    if (step % 5 === 4) server = startAgain();
    await server.tick();
    const changed = people.filter(() => random(4) === 0);
    await server.ingest(
      changed.map((key) => {
        const document = {
          loyalty: { points: random(12) },
          person: { birthDate: `1990-${step % 2 ? '03' : '04'}-${String(1 + random(28)).padStart(2, '0')}` },
        };
        known.set(key, { document, events: known.get(key)?.events ?? [] });
        return person(key, document);
      }),
    );
    const withEvents = [...known.keys()].filter(() => random(3) === 0);
    await server.ingest(
      withEvents.map((key) => {
        // Late ones, and some of the future.
        const at = now.getTime() + (random(10) - 8) * 20 * hourMs;
        const made = event(key, `x${eventIds++}`, at, random(2) ? 'buy' : 'visit');
        known.get(key)?.events.push(made.document);
        return made;
      }),
    );
    for (const [key, { document, events: own }] of known) {
      const profileId = await profileOf(key);
      const states = (await readMemberships(database.pool, [profileId])).get(profileId);
      const found = [...ids].flatMap(([name, id]) => {
        const status = states?.get(id)?.status ?? 'exited';
        return status === 'exited' ? [] : [name];
      });
      const segments = new Set<string>();
      const expected = compiled.flatMap(({ name, rule }) => {
        const isMember = rule.evaluate({ document, events: [...own], segments }, clockAt(now));
        if (isMember) segments.add(ids.get(name) ?? '');
        return isMember ? [name] : [];
      });
      expect([...found].sort(), `${key} at ${now.toISOString()}`).toEqual([...expected].sort());
    }
  }
  // The counts are those of the rows.
  for (const id of ids.values()) {
    const { rows } = await database.pool.query<{ count: number }>(
      `select count(*) as count from segment_membership where segment_id = $1 and status <> 'exited'`,
      [id],
    );
    const counts = await readCounts(database.pool, id, new Date(0));
    expect(counts.at(-1)?.members ?? 0).toBe(rows[0]?.count);
  }
}, 120_000);

describe('promise 6: days that begin while no server runs', () => {
  const isBirthday =
    'person.birthDate.getMonth() = currentMonth() and person.birthDate.getDayOfMonth() = currentDayOfMonth()';
  const at = (text: string) => new Date(`2027-${text}:00Z`);
  const born = (day: string) => ({ person: { birthDate: `1990-${day}` } });
  const historyOf = async (key: string, segmentId: string): Promise<string[]> => {
    const profileId = await profileOf(key);
    const present = await stateOf(key, segmentId);
    const past = (await readMembershipHistory(database.pool, profileId, 100)).filter(
      (state) => state.segmentId === segmentId,
    );
    const states = [...(present === undefined ? [] : [present]), ...past];
    return states.map(({ status, since }) => `${status} ${since.toISOString().slice(5, 19)}`).reverse();
  };
  let birthday: string;
  let server: ReturnType<typeof startAgain>;

  beforeEach(async () => {
    await database.pool.query(
      'truncate segment, segment_membership, segment_membership_change, evaluation_due, population_job cascade',
    );
    now = at('02-10T12:00');
    birthday = await addSegment('birthday', isBirthday);
    server = startAgain();
    // The day that the test begins on is no missed one.
    await database.pool.query('truncate calendar_evaluation, calendar_caught_up');
    await server.tick();
  });

  test('each membership carries the midnight at which it began or ended', async () => {
    await server.ingest(['02-11', '02-12', '02-13', '02-14'].map((day) => person(`day ${day}`, born(day))));
    now = at('02-13T08:00');
    heard.length = 0;
    await startAgain().tick();
    expect(await historyOf('day 02-11', birthday)).toEqual([
      'realized 02-11T00:00:00',
      'exited 02-12T00:00:00',
    ]);
    expect(await historyOf('day 02-12', birthday)).toEqual([
      'realized 02-12T00:00:00',
      'exited 02-13T00:00:00',
    ]);
    expect(await historyOf('day 02-13', birthday)).toEqual(['realized 02-13T00:00:00']);
    expect(await historyOf('day 02-14', birthday)).toEqual([]);
    // Destinations hear once of each, of what it came to.
    expect(heard.filter(({ after }) => after.has(birthday))).toHaveLength(1);
  });

  test('who changes before the pass went through them as they were', async () => {
    await server.ingest([
      person('touched', born('02-12')),
      person('corrected', born('02-20')),
      person('moved', born('02-13')),
    ]);
    now = at('02-13T08:00');
    server = startAgain();
    await server.ingest([
      person('touched', { ...born('02-12'), loyalty: { points: 1 } }),
      person('corrected', born('02-12')),
      person('moved', born('02-20')),
      person('new', born('02-12')),
      person('new today', born('02-13')),
    ]);
    const expected = async () => {
      expect(await historyOf('touched', birthday)).toEqual([
        'realized 02-12T00:00:00',
        'exited 02-13T00:00:00',
      ]);
      // Nobody knew of it on that day.
      expect(await historyOf('corrected', birthday)).toEqual([]);
      expect(await historyOf('moved', birthday)).toEqual([
        'realized 02-13T00:00:00',
        'exited 02-13T08:00:00',
      ]);
      expect(await historyOf('new', birthday)).toEqual([]);
      expect(await historyOf('new today', birthday)).toEqual(['realized 02-13T08:00:00']);
    };
    await expected();
    await server.tick();
    await expected();
    const { rows } = await database.pool.query('select from calendar_caught_up');
    expect(rows).toEqual([]);
  });

  test('instants that follow from a midnight are found, whether a server ran or not', async () => {
    const hours = await addSegment(
      'hours',
      `${isBirthday} and not (exists E from xEvent where E.timestamp occurs <= 30 hours before now)`,
    );
    for (const key of ['asleep', 'awake'])
      await server.ingest([person(key, born('02-12')), event(key, `${key} e`, now.getTime(), 'buy')]);
    const expected = ['realized 02-12T00:00:00', 'exited 02-13T00:00:00'];
    const late = event('late', 'late e', at('02-11T09:00').getTime(), 'buy');
    now = at('02-11T10:00');
    await server.tick();
    await server.ingest([person('late', born('02-12')), late]);
    now = at('02-13T08:00');
    await startAgain().tick();
    expect(await historyOf('asleep', hours)).toEqual(expected);
    expect(await historyOf('late', hours)).toEqual(['realized 02-12T15:00:00', 'exited 02-13T00:00:00']);
  });

  test('a segment published before the pass does not hide the midnights of others', async () => {
    await server.ingest([person('one', born('02-12'))]);
    now = at('02-12T08:00');
    await database.pool.query(
      `insert into population_job (population_job_id, kind, subject_id, created_at)
       values (gen_random_uuid(), 'evaluate_segment', $1, now())`,
      [birthday],
    );
    await startAgain().tick();
    expect(await historyOf('one', birthday)).toEqual(['realized 02-12T00:00:00']);
  });

  test('a rule says nothing of instants before it was the rule, whatever was missed then', async () => {
    await server.ingest([
      person('one', born('02-12')),
      event('one', 'one e', at('02-10T12:00').getTime(), 'buy'),
    ]);
    const recent = await addSegment(
      'recent',
      'exists E from xEvent where E.timestamp occurs <= 30 hours before now',
    );
    now = at('02-10T13:00');
    await server.ingest([person('one', { ...born('02-12'), loyalty: { points: 3 } })]);
    // No server runs until the 13th; published on the 12th at noon by another that evaluated nobody.
    now = at('02-13T08:00');
    await database.pool.query(
      `insert into segment (segment_id, name, description, expression, evaluated_at, created_at, in_force_since)
       values ($1, 'later', '', $2, now(), now(), $3)`,
      [birthday.replace(/^.{8}/, '00000000'), isBirthday, at('02-12T12:00')],
    );
    const later = birthday.replace(/^.{8}/, '00000000');
    await startAgain().tick();
    expect(await historyOf('one', birthday)).toEqual(['realized 02-12T00:00:00', 'exited 02-13T00:00:00']);
    expect(await historyOf('one', recent)).toEqual(['realized 02-10T13:00:00', 'exited 02-11T18:00:00']);
    expect(await historyOf('one', later)).toEqual(['realized 02-12T12:00:00', 'exited 02-13T00:00:00']);
  });

  test('an edit that a midnight comes into takes in what began then', async () => {
    const people = Array.from({ length: 120 }, (_, index) => `born ${index}`);
    const isNow = (index: number) => index % 2 === 0;
    await server.ingest(people.map((key, index) => person(key, born(isNow(index) ? '02-11' : '02-10'))));
    const rules = new SegmentRules();
    const segments = new Segments({
      pool: database.pool,
      rules,
      now: () => now,
      wakePopulationJobs: () => undefined,
    });
    now = new Date('2027-02-10T23:59:58Z');
    await segments.change(birthday, { expression: `${isBirthday} and person.birthDate.isNotNull()` });

    // Midnight comes when some buckets are done, and nothing follows the clock but the jobs.
    const handlers = segmentHandlers({
      rules,
      onMemberships: async () => undefined,
      isHeard: async () => true,
    });
    const answers: unknown[] = [];
    const stop = new AbortController();
    const jobs = new PopulationJobs({
      pool: database.pool,
      handlers: {
        ...handlers,
        edit_segment: {
          ...handlers.edit_segment,
          workOn: async (trx, job, range, at) => {
            const done = await handlers.edit_segment.workOn(trx, job, range, at);
            if (range.lastBucket > 500) now = new Date('2027-02-11T00:00:00.300Z');
            answers.push(done);
            return done;
          },
        },
      },
      onCommit: () => undefined,
      now: () => now,
      onError: (error) => {
        throw error;
      },
    });
    const running = jobs.run(stop.signal);
    await expect
      .poll(async () => (await segments.get(birthday)).editedExpression, { timeout: 10_000 })
      .toBeNull();
    stop.abort();
    await running;
    expect(answers).toContain('after urgent');
    await startAgain().tick();
    for (const [index, key] of people.entries())
      expect([key, await stateOf(key, birthday)]).toEqual([
        key,
        isNow(index)
          ? { status: 'realized', since: at('02-11T00:00') }
          : { status: 'exited', since: at('02-11T00:00') },
      ]);
  });

  test('what time had made of a profile goes with it when it is merged away', async () => {
    const lapsed = await addSegment(
      'lapsed',
      'not (exists E from xEvent where E.timestamp occurs <= 20 hours before now)',
    );
    await server.ingest([
      person('kept', born('01-01')),
      person('away', born('02-11')),
      event('kept', 'kept e', at('02-12T07:00').getTime(), 'buy'),
      event('away', 'away e', now.getTime(), 'buy'),
    ]);
    now = at('02-12T08:00');
    const joined = person('kept', { loyalty: { points: 2 } });
    await startAgain().ingest([
      { ...joined, identities: [...joined.identities, { namespace: 'CRMID', value: 'away' }] },
    ]);
    await startAgain().tick();
    const merged = await profileOf('away');
    expect(await profileOf('kept')).toBe(merged);
    const since = async (segmentId: string) => (await stateOf('kept', segmentId))?.since;
    expect(await since(birthday)).toEqual(at('02-12T00:00'));
    // By the events of both, it had lapsed until the purchase of this morning.
    expect(await since(lapsed)).toEqual(at('02-12T07:00'));
  });

  test('a profile that is split off before the pass begins when it does', async () => {
    const quiet = await addSegment('quiet', 'not (exists E from xEvent where E.timestamp occurs today)');
    const began = now;
    const linked = person('left', born('02-12'));
    const left = { namespace: 'CRMID', value: 'left' };
    const right = { namespace: 'CRMID', value: 'right' };
    await server.ingest([{ ...linked, identities: [left, right] }, person('right', born('02-12'))]);
    now = at('02-12T08:00');
    const rules = new SegmentRules();
    const graph = new IdentityGraph({
      pool: database.pool,
      onChange: async (trx, changes, changedAt) => {
        await evaluateChanges(trx, changes, rules.read(trx), changedAt);
      },
      onCommit: () => undefined,
      now: () => now,
    });
    await graph.unlink([left, right], 'tester');
    await startAgain().tick();
    const states = [await stateOf('left', quiet), await stateOf('right', quiet)];
    // The one that went on was a member since it was there; the other was nobody when the day began.
    expect(new Set(states.map((state) => state?.since.toISOString()))).toEqual(
      new Set([began.toISOString(), now.toISOString()]),
    );
  });
});
