import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyRecords } from '../ingestion/apply-records.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { rows, transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { type PopulationJobRow, readPopulationJobs } from '../store/population-jobs.ts';
import { evaluateChanges } from './evaluate-changes.ts';
import { beginEvaluation, evaluateSegmentHandler } from './evaluate-population.ts';
import { SegmentRules } from './segment-rules.ts';
import {
  eventRecord,
  insertDatasets,
  insertSegment,
  membersFromScratch,
  personRecord,
  storedMembers,
} from './segments.fixture.ts';

let database: TestDatabase;
let datasets: { readonly people: string; readonly events: string };
let clock = Date.parse('2026-05-01T00:00:00Z');
const later = () => {
  clock += 1_000;
  return new Date(clock);
};
const everyone = { firstBucket: 0, lastBucket: 4_095 };

beforeAll(async () => {
  database = await createDatabase();
  datasets = await insertDatasets(database.pool);
});
afterAll(() => database.drop());

const startServer = () => {
  const rules = new SegmentRules();
  const onMemberships = async () => undefined;
  return { rules, handler: evaluateSegmentHandler({ rules, onMemberships, isHeard: async () => false }) };
};
const server = startServer();

const ingest = (records: readonly PreparedRecord[]) =>
  transaction(database.pool, (trx) =>
    applyRecords(
      trx,
      records,
      async (inside, changes, at) => {
        await evaluateChanges(inside, changes, server.rules.read(inside), at);
      },
      later(),
    ),
  );
const points = (id: string, value: number, links: readonly string[] = []) =>
  personRecord(datasets.people, id, later(), { loyalty: { points: value } }, links);
const purchase = (id: string, number: number) =>
  eventRecord(datasets.events, id, { id: `${id}-${number}`, at: later(), type: 'purchase' });

/** A segment that nobody was evaluated for yet, though people are there. */
const segmentWithJob = async (name: string, expression: string): Promise<PopulationJobRow> => {
  const segmentId = await insertSegment(database.pool, name, expression);
  await transaction(database.pool, (trx) => beginEvaluation(trx, segmentId, later()));
  const [job] = await readPopulationJobs(database.pool, segmentId);
  if (job === undefined) throw new Error('no job');
  return job;
};
const workOn = ({ handler }: typeof server, job: PopulationJobRow) =>
  transaction(database.pool, async (trx) => {
    await lockProfileWrites(trx);
    return handler.workOn(trx, job, everyone, later());
  });
const finish = (job: PopulationJobRow) =>
  transaction(database.pool, async (trx) => {
    await lockProfileWrites(trx);
    await server.handler.finish(trx, job, later());
    await trx.query('update population_job set finished_at = now() where population_job_id = $1', [
      job.populationJobId,
    ]);
  });
const expectAsFromScratch = async () => {
  const members = await storedMembers(database.pool);
  expect(members).toEqual(
    await membersFromScratch(database.pool, await server.rules.read(database.pool), later()),
  );
  return members;
};
const notedChanges = () => rows(database.pool, 'select profile_id from population_scan_change');

test('promise 6: who changes after everyone was read keeps what the change made of them', async () => {
  await ingest(Array.from({ length: 40 }, (_, index) => points(`p${index}`, index * 10)));
  const job = await segmentWithJob('points', 'loyalty.points >= 200');
  await server.handler.prepare(database.pool, job, later());
  await ingest([points('p30', 1), points('p5', 999), points('new', 500)]);
  // One who was found is merged into one who was not, and goes.
  await ingest([points('p1', 3, ['p35'])]);
  await ingest([points('p31', 1)]);
  await ingest([points('p31', 400)]);
  expect(await notedChanges()).not.toHaveLength(0);
  await workOn(server, job);
  const members = await expectAsFromScratch();
  expect(members.size).toBeGreaterThan(15);
  await finish(job);
  expect(await notedChanges()).toEqual([]);
  await ingest([points('p2', 700)]);
  expect(await notedChanges()).toEqual([]);
  await expectAsFromScratch();
});

test('promise 6: so does who is given events', async () => {
  await ingest(
    [...Array(12).keys()].flatMap((index) => [purchase(`p${index}`, 1), purchase(`p${index}`, 2)]),
  );
  const job = await segmentWithJob('buyers', 'xEvent[eventType = "purchase"].count() = 2');
  await server.handler.prepare(database.pool, job, later());
  await ingest([purchase('p3', 3), purchase('p20', 1), purchase('p20', 2)]);
  await workOn(server, job);
  const members = await expectAsFromScratch();
  expect([...members.values()].flat().filter((id) => id === job.subjectId)).toHaveLength(12);
  await finish(job);
});

test('promise 6: what another server read since, or another rule, is not taken for what everyone is', async () => {
  const job = await segmentWithJob('again', 'loyalty.points < 100');
  await server.handler.prepare(database.pool, job, later());
  const other = startServer();
  await other.handler.prepare(database.pool, job, later());
  // Noted for the other server alone.
  await ingest([points('p6', 1_000), points('p7', 5)]);
  await workOn(server, job);
  await expectAsFromScratch();
  await workOn(other, job);
  await expectAsFromScratch();

  await other.handler.prepare(database.pool, { ...job, nextBucket: 0 }, later());
  await database.pool.query(`update segment set expression = 'loyalty.points < 60' where segment_id = $1`, [
    job.subjectId,
  ]);
  await workOn(other, job);
  await expectAsFromScratch();
  await finish(job);
});

test('nothing is noted once the job is over, however it ended', async () => {
  const job = await segmentWithJob('ended', 'loyalty.points = 77');
  await server.handler.prepare(database.pool, job, later());
  await ingest([points('p8', 77)]);
  expect(await notedChanges()).toHaveLength(1);
  await database.pool.query('update population_job set finished_at = now() where population_job_id = $1', [
    job.populationJobId,
  ]);
  await ingest([points('p9', 77)]);
  expect(await notedChanges()).toHaveLength(1);
});
