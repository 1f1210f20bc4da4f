import { setTimeout as delay } from 'node:timers/promises';
import { HeadraceError, type Identity } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deletePerson } from '../ingestion/delete-person.ts';
import { expireEvents } from '../ingestion/expire-events.ts';
import { IdentityGraph } from '../ingestion/part-identities.ts';
import { PopulationJobs } from '../ingestion/population-jobs.ts';
import { RecordQueue } from '../ingestion/record-queue.ts';
import type { ProfileChangeListener } from '../ingestion/save-profiles.ts';
import { openDatabase, rows } from '../store/database.ts';
import { readNextEvaluation } from '../store/evaluation-due.ts';
import { findProfileByIdentity } from '../store/identities.ts';
import { maintainPartitions } from '../store/maintain-partitions.ts';
import { beginCalendarPass } from './evaluate-calendar.ts';
import { evaluateChanges } from './evaluate-changes.ts';
import { evaluateDue } from './evaluate-due.ts';
import { evaluateExpired } from './evaluate-expired.ts';
import { segmentHandlers } from './segment-handlers.ts';
import { SegmentRules } from './segment-rules.ts';
import {
  eventRecord,
  insertDatasets,
  membersFromScratch,
  personRecord,
  storedMembers,
} from './segments.fixture.ts';
import { Segments } from './segments.ts';

const hourMs = 3_600_000;
const start = Date.parse('2026-03-10T12:00:00Z');
const people = 24;

let database: TestDatabase;
let datasets: { people: string; events: string };
/** Every server's clock. */
let clockMs = start;
const now = () => new Date(clockMs);

beforeAll(async () => {
  database = await createDatabase();
  await maintainPartitions(database.pool, now());
  datasets = await insertDatasets(database.pool, 3);
});
afterAll(() => database.drop());

const buy = 'E.eventType = "buy" and E.timestamp';
const texts = {
  rich: 'loyalty.points > 50',
  recent: `exists E from xEvent where ${buy} occurs <= 3 hours before now`,
  often: 'xEvent[eventType = "buy" and timestamp occurs <= 8 hours before now].count() >= 2',
  sequence:
    'CHAIN(xEvent, timestamp, [A: WHAT(eventType = "visit"), B: WHAT(eventType = "buy") WHEN(< 2 hours after A)])',
  quiet: `loyalty.points > 10 and not exists E from xEvent where ${buy} occurs <= 1 day before now`,
  upcoming: `exists E from xEvent where ${buy} occurs <= 4 hours after now`,
  today: `exists E from xEvent where ${buy} occurs today`,
};

type Op =
  | { readonly kind: 'person'; readonly who: number; readonly points: number; readonly link: number | null }
  | { readonly kind: 'event'; readonly who: number; readonly type: string; readonly hours: number }
  | { readonly kind: 'clock'; readonly minutes: number }
  | { readonly kind: 'evaluate' | 'edit'; readonly which: number }
  | { readonly kind: 'part'; readonly who: number; readonly from: number }
  | { readonly kind: 'delete'; readonly who: number }
  | { readonly kind: 'expire' };
const who = fc.nat({ max: people - 1 });
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('person' as const),
      who,
      points: fc.nat({ max: 100 }),
      link: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: who }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      who,
      type: fc.constantFrom('buy', 'buy', 'visit'),
      hours: fc.double({ min: -40, max: 6, noNaN: true }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('clock' as const), minutes: fc.nat({ max: 400 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('evaluate' as const, 'edit' as const), which: fc.nat() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('part' as const), who, from: who }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), who }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'expire' as const }) },
);

/** A process of its own: nothing but the database is shared. */
function openServer() {
  const pool = openDatabase({
    config: { connectionString: database.url },
    maxConnections: 3,
    onIdleError: () => undefined,
  });
  const rules = new SegmentRules();
  const onChange: ProfileChangeListener = async (trx, changes, at) => {
    await evaluateChanges(trx, changes, rules.read(trx), at);
  };
  const onMemberships = async () => undefined;
  const onCommit = () => undefined;
  const never = new AbortController().signal;
  const segments = new Segments({ pool, rules, now, wakePopulationJobs: onCommit });
  return {
    pool,
    segments,
    identityGraph: new IdentityGraph({ pool, onChange, onCommit, now }),
    remove: async (id: Identity) => {
      const profileId = await findProfileByIdentity(pool, id);
      if (profileId === undefined) return;
      const request = { profileId, atDestinations: 'keep', principal: 'owner' } as const;
      await deletePerson({ pool, onChange, onCommit, now }, request).catch((error: unknown) => {
        // Merged away, or deleted, since it was found.
        if (!(error instanceof HeadraceError && error.code === 'not_found')) throw error;
      });
    },
    queue: new RecordQueue({ pool, onChange, onCommit, now }),
    expire: () =>
      expireEvents({
        pool,
        onExpired: async (trx, expired, at) => {
          await evaluateExpired(trx, rules, expired, at);
        },
        onCommit,
        now,
        signal: never,
      }),
    /** Follows the clock and works on everyone until the signal; every few chunks it is another process that goes on. */
    work: async (signal: AbortSignal) => {
      while (!signal.aborted) {
        const stop = new AbortController();
        let chunks = 0;
        const jobs = new PopulationJobs({
          pool,
          handlers: segmentHandlers({ rules: new SegmentRules(), onMemberships, isHeard: async () => true }),
          onCommit,
          now: () => {
            chunks++;
            if (chunks > 25 || signal.aborted) stop.abort();
            return now();
          },
          onError: (error) => {
            throw error;
          },
        });
        const running = jobs.run(stop.signal);
        const timed = { pool, rules, onMemberships, onCommit, now };
        while (!stop.signal.aborted) {
          await evaluateDue(timed, never);
          if (await beginCalendarPass(pool, rules, now)) jobs.wake();
          await delay(3);
          if (signal.aborted) stop.abort();
          jobs.wake();
        }
        await running;
      }
    },
  };
}
const customer = (who: number): Identity => ({ namespace: 'CRMID', value: `p${who}` });
type Server = ReturnType<typeof openServer>;

async function run(server: Server, ops: readonly Op[], number: number, published: readonly string[]) {
  for (const [index, op] of ops.entries()) {
    if (op.kind === 'clock') {
      clockMs += op.minutes * 60_000;
      await delay(2);
    } else if (op.kind === 'expire') await server.expire();
    else if (op.kind === 'delete') await server.remove(customer(op.who));
    else if (op.kind === 'part') {
      if (op.who !== op.from)
        await server.identityGraph.unlink([customer(op.who), customer(op.from)], 'owner');
    } else if (op.kind === 'person' || op.kind === 'event') {
      const id = `p${op.who}`;
      const record =
        op.kind === 'person'
          ? personRecord(
              datasets.people,
              id,
              now(),
              { loyalty: { points: op.points } },
              op.link === null ? [] : [`p${op.link}`],
            )
          : eventRecord(datasets.events, id, {
              id: `${number} ${index}`,
              at: new Date(clockMs + op.hours * hourMs),
              type: op.type,
            });
      const { datasetId } = record;
      const [applied] = await server.queue.submit({ datasetId, records: [record], refused: 0, bytes: 0 });
      expect(applied?.status).toBe('ingested');
    } else {
      const segmentId = published[op.which % published.length];
      if (segmentId === undefined) continue;
      if (op.kind === 'evaluate') await server.segments.evaluate(segmentId);
      else {
        const { expression, editedExpression } = await server.segments.get(segmentId);
        await server.segments.change(segmentId, {
          expression: (editedExpression ?? expression).replace(/\d+/, (digits) => String(Number(digits) + 1)),
        });
      }
    }
  }
}

const isSettled = async () => {
  const next = await readNextEvaluation(database.pool);
  const open = await rows(database.pool, 'select from population_job where finished_at is null');
  const [calendar] = await rows<{ midnight: Date }>(
    database.pool,
    'select midnight from calendar_evaluation',
  );
  const isCalendarDone = calendar !== undefined && calendar.midnight.getTime() + 24 * hourMs > clockMs;
  return (next === undefined || next > now()) && open.length === 0 && isCalendarDone;
};

/** Past states of each membership, oldest first, with the present one at the end. Those of merged profiles are left out. */
const readHistories = () =>
  rows<{ key: string; since: Date; at: Date | null }>(
    database.pool,
    `select profile_id || ' ' || segment_id as key, since, at from (
       select profile_id, segment_id, since, at from segment_membership_change
       union all select profile_id, segment_id, last_qualification_time, null from segment_membership
     ) as state join segment using (segment_id)
     where not exists (select from profile_change c where c.profile_id = state.profile_id and c.kind <> 'changed')
       and exists (select from profile p where p.profile_id = state.profile_id)
     order by key, since, at nulls last`,
  );

test('promise 6: writers, merges, splits, deletions, edits, retention and a clock that moves on beside jobs leave what an evaluation from scratch finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(op, { minLength: 30, maxLength: 60 }), { minLength: 3, maxLength: 3 }),
      async (scripts) => {
        const { pool } = database;
        await pool.query(
          `truncate profile, profile_fragment, profile_event, profile_change, identity, segment, segment_membership,
             segment_membership_change, segment_count, identity_unlink, profile_deletion, evaluation_due, calendar_evaluation, population_job cascade`,
        );
        clockMs = start;
        const servers = scripts.map(openServer);
        const stop = new AbortController();
        const working = servers.slice(0, 2).map((server) => server.work(stop.signal));
        const published: string[] = [];
        const [first] = servers;
        if (first === undefined) return;
        const publish = async () => {
          for (const [name, expression] of Object.entries(texts)) {
            const segment = await first.segments.create({ name, description: '', expression });
            published.push(segment.segmentId);
            await delay(5);
          }
          const [rich, recent] = published;
          const expression = `inSegment("${recent}") and not inSegment("${rich}")`;
          await first.segments.create({ name: 'looks at others', description: '', expression });
        };
        await Promise.all([
          publish(),
          ...servers.map((server, number) => run(server, scripts[number] ?? [], number, published)),
        ]);
        for (let waitedMs = 0; !(await isSettled()); waitedMs += 10) {
          if (waitedMs > 20_000) throw new Error('The work did not end.');
          await delay(10);
        }
        stop.abort();
        await Promise.all(working);
        await Promise.all(servers.map((server) => server.pool.end()));

        const rules = await new SegmentRules().read(pool);
        const stored = await storedMembers(pool);
        expect(stored).toEqual(await membersFromScratch(pool, rules, now()));
        const counted = await rows<{ segmentId: string; members: number }>(
          pool,
          `select segment_id as "segmentId", coalesce(sum(entered - "left"), 0)::integer as members
           from segment left join segment_count using (segment_id) group by 1`,
        );
        for (const { segmentId, members } of counted)
          expect(members).toBe([...stored.values()].filter((ids) => ids.includes(segmentId)).length);
        const histories = await readHistories();
        for (const [index, { key, since, at }] of histories.entries()) {
          const next = histories[index + 1];
          if (at !== null) expect(at.getTime()).toBeGreaterThanOrEqual(since.getTime());
          if (next?.key === key) expect(at).toEqual(next.since);
        }
      },
    ),
    { numRuns: 5, endOnFailure: true },
  );
}, 120_000);
