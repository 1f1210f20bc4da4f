import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { rows } from '../store/database.ts';
import { SegmentRules } from './segment-rules.ts';
import { beginScheduled, changeSchedule, readSchedule } from './segment-schedule.ts';
import { Segments } from './segments.ts';

let database: TestDatabase | undefined;
const at = (text: string): Date => new Date(`2026-03-${text}:00Z`);

beforeEach(async () => {
  await database?.drop();
  database = await createDatabase();
});
afterAll(() => database?.drop());

const pool = () => {
  if (database === undefined) throw new Error('There is no database yet.');
  return database.pool;
};
/** The names of segments whose evaluation is still to be done, each once for each job. */
const openEvaluations = async (): Promise<string[]> => {
  const found = await rows<{ name: string }>(
    pool(),
    `select name from population_job join segment on segment_id = subject_id
     where kind = 'evaluate_segment' and finished_at is null order by name`,
  );
  return found.map(({ name }) => name);
};
const endAll = () => pool().query('update population_job set finished_at = now() where finished_at is null');

test('it is inactive until somebody says otherwise, and nothing before that is made up', async () => {
  expect(await readSchedule(pool(), at('10T12:00'))).toEqual({
    cron: '0 3 * * *',
    state: 'inactive',
    nextRun: undefined,
  });
  expect(await beginScheduled(pool(), new SegmentRules(), () => at('10T12:00'))).toBe(false);
  expect(await changeSchedule(pool(), { state: 'active' }, () => at('10T12:00'))).toMatchObject({
    nextRun: at('11T03:00'),
  });
  expect(await beginScheduled(pool(), new SegmentRules(), () => at('10T12:00'))).toBe(false);
  expect(await changeSchedule(pool(), { cron: '30 5 * * 1' }, () => at('10T12:00'))).toMatchObject({
    state: 'active',
    nextRun: at('16T05:30'),
  });
});

test('every published segment is evaluated at its time, once, whichever of two servers comes first', async () => {
  const segments = new Segments({
    pool: pool(),
    rules: new SegmentRules(),
    now: () => at('10T12:00'),
    wakePopulationJobs: () => undefined,
  });
  const base = await segments.create({ name: 'base', description: '', expression: 'true' });
  await segments.create({ name: 'reader', description: '', expression: `inSegment("${base.segmentId}")` });
  await segments.create({ name: 'alone', description: '', expression: 'false' });
  await segments.create({ name: 'draft', description: '', expression: 'true', state: 'draft' });
  await endAll();
  await changeSchedule(pool(), { state: 'active' }, () => at('10T12:00'));

  const run = (text: string) =>
    Promise.all([1, 2].map(() => beginScheduled(pool(), new SegmentRules(), () => at(text))));
  expect(await run('11T02:59')).toEqual([false, false]);
  expect((await run('11T03:00')).sort()).toEqual([false, true]);
  // The reader is evaluated with what it looks at.
  expect(await openEvaluations()).toEqual(['alone', 'base']);
  await endAll();
  expect(await run('11T03:01')).toEqual([false, false]);

  // Nine times passed while no server ran: it is done once.
  expect((await run('20T12:00')).sort()).toEqual([false, true]);
  expect(await openEvaluations()).toEqual(['alone', 'base']);
  await endAll();
  expect(await run('20T13:00')).toEqual([false, false]);
  await changeSchedule(pool(), { state: 'inactive' }, () => at('20T13:00'));
  expect(await run('25T13:00')).toEqual([false, false]);
});

describe('a schedule is refused', () => {
  test.each([
    ['0 3 * *', /five fields/],
    ['0 0 3 * * *', /five fields/],
    ['0 25 * * *', /five fields/],
    ['@daily', /five fields/],
    ['? 3 * * *', /five fields/],
    ['0 3,15 * * *', /more than one time in 24 hours/],
    ['*/5 * * * *', /more than one time in 24 hours/],
    ['0 0 30 2 *', /no time to come/],
  ])('%s', async (cron, message) => {
    const refused = changeSchedule(pool(), { cron }, () => at('10T12:00'));
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input', details: [{ pointer: '/cron' }] });
    await expect(refused).rejects.toThrow(message);
  });
});
