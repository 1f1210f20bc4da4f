import { type HeadraceError, invalidInput } from '@headrace/core';
import { Cron } from 'croner';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { readScheduleRow, type ScheduleRow, writeScheduleRow } from '../store/segment-schedule.ts';
import { beginEvaluation } from './evaluate-population.ts';
import type { SegmentRules } from './segment-rules.ts';

const dayMs = 86_400_000;
/** Times of a schedule that are looked at to see how far apart they are: more than a year of them. */
const timesLookedAt = 400;

/** One schedule for all segments; until somebody writes it, it is this one. */
const unwritten = { cron: '0 3 * * *', state: 'inactive' } as const;

export type SegmentSchedule = Pick<ScheduleRow, 'cron' | 'state'> & {
  /** Undefined while it is inactive. */
  readonly nextRun: Date | undefined;
};

export async function readSchedule(pool: pg.Pool, now: Date): Promise<SegmentSchedule> {
  const { cron, state } = (await readScheduleRow(pool)) ?? unwritten;
  return { cron, state, nextRun: state === 'active' ? nextRunOf(cron, now) : undefined };
}

/**
 * Changes the schedule; times before now are not made up.
 * @throws HeadraceError `invalid_input` when the cron expression is none, or has more than one time in 24 hours.
 */
export async function changeSchedule(
  pool: pg.Pool,
  change: Partial<Pick<ScheduleRow, 'cron' | 'state'>>,
  now: () => Date,
): Promise<SegmentSchedule> {
  await transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    // Under the lock: a time that has begun meanwhile does not begin again.
    const present = now();
    const { cron, state } = { ...((await readScheduleRow(trx)) ?? unwritten), ...change };
    checkCron(cron, present);
    await writeScheduleRow(trx, { cron, state, lookedAt: present });
  });
  return readSchedule(pool, now());
}

/**
 * Begins what is due by the schedule: once, however many of its times passed while no server ran.
 * @returns whether there is something to do.
 */
export async function beginScheduled(pool: pg.Pool, rules: SegmentRules, now: () => Date): Promise<boolean> {
  if (!isDue(await readScheduleRow(pool), now())) return false;
  return transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const present = now();
    const schedule = await readScheduleRow(trx);
    if (schedule === undefined || !isDue(schedule, present)) return false;
    await writeScheduleRow(trx, { ...schedule, lookedAt: present });
    await beginAll(trx, rules, present);
    return true;
  });
}

/** Each segment with those that look at it, so that these need no evaluation of their own. */
async function beginAll(trx: Trx, rules: SegmentRules, now: Date): Promise<void> {
  for (const { segmentId, state, rule } of await rules.readAll(trx))
    if (state === 'published' && rule.reads.segments.length === 0) await beginEvaluation(trx, segmentId, now);
}

function isDue(schedule: ScheduleRow | undefined, now: Date): boolean {
  if (schedule?.state !== 'active') return false;
  const next = nextRunOf(schedule.cron, schedule.lookedAt);
  return next !== undefined && next <= now;
}

const nextRunOf = (cron: string, after: Date): Date | undefined =>
  new Cron(cron, { timezone: 'UTC' }).nextRun(after) ?? undefined;

function checkCron(cron: string, now: Date): void {
  const refuse = (message: string): HeadraceError =>
    invalidInput(`The schedule cannot be used. ${message}`, [{ pointer: '/cron', message }]);
  const expected = 'Expected five fields (minute, hour, day, month, day of the week), such as 0 3 * * *.';
  // `?` stands for the moment at which it is read: another time at each reading.
  if (cron.trim().split(/\s+/).length !== 5 || cron.includes('?')) throw refuse(expected);
  let times: Date[];
  try {
    times = new Cron(cron, { timezone: 'UTC' }).nextRuns(timesLookedAt, now);
  } catch {
    throw refuse(expected);
  }
  if (times.length === 0)
    throw refuse('It has no time to come. Expected one a day at most, such as 0 3 * * *.');
  if (times.some((time, index) => time.getTime() - (times[index - 1]?.getTime() ?? 0) < dayMs))
    throw refuse('It has more than one time in 24 hours. Expected one a day at most, such as 0 3 * * *.');
}
