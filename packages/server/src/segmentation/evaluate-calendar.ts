import { type BucketRange, evaluateRules, type IdentifiedRule } from '@headrace/core';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import { readCalendarMidnight, writeCalendarMidnight } from '../store/evaluation-due.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { insertPopulationJob, type PopulationJobRow, readPopulationJobs } from '../store/population-jobs.ts';
import { readDocumentsInBuckets } from '../store/profiles.ts';
import type { MembershipListener } from './evaluate-due.ts';
import { reevaluate } from './reevaluate.ts';
import { ruleSetOf } from './rule-set-of.ts';
import type { SegmentRules } from './segment-rules.ts';

export const calendarKind = 'evaluate_calendar';
/** There is one calendar. */
const calendarId = '00000000-0000-4000-8000-000000000000';
const dayMs = 86_400_000;

const midnightOf = (now: Date): Date => new Date(Math.floor(now.getTime() / dayMs) * dayMs);

/**
 * Begins the pass over everyone for the next midnight (UTC) that rules of the calendar were not evaluated at. Missed
 * midnights come one after the other, in order.
 * @returns whether there is something to do.
 */
export async function beginCalendarPass(
  pool: pg.Pool,
  rules: SegmentRules,
  id: string,
  now: Date,
): Promise<boolean> {
  const today = midnightOf(now);
  const done = await readCalendarMidnight(pool);
  if (done !== undefined && done >= today) return false;
  return transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const last = await readCalendarMidnight(trx);
    const isNeeded = (await rules.read(trx)).some(({ rule }) => rule.timing.byCalendar);
    if (last === undefined || !isNeeded) {
      await writeCalendarMidnight(trx, today);
      return false;
    }
    if (last >= today) return false;
    if ((await readPopulationJobs(trx, calendarId)).some(({ finishedAt }) => finishedAt === null))
      return true;
    await insertPopulationJob(trx, {
      populationJobId: id,
      kind: calendarKind,
      subjectId: calendarId,
      facts: { midnight: last.getTime() + dayMs },
      createdAt: now,
    });
    return true;
  });
}

/** Evaluates the rules of the calendar as of a midnight, and then as of the present. */
export function calendarHandler(options: {
  readonly rules: SegmentRules;
  readonly onMemberships: MembershipListener;
}) {
  return {
    workOn: async (trx: Trx, job: PopulationJobRow, range: BucketRange, now: Date): Promise<number> => {
      const all = await options.rules.read(trx);
      const watched = await options.rules.dependentsOf(
        trx,
        all.filter(({ rule }) => rule.timing.byCalendar),
      );
      const midnight = Number(job.facts.midnight);
      return evaluateAsOf(trx, watched, range, { midnight, now, onMemberships: options.onMemberships });
    },
    finish: async (trx: Trx, job: PopulationJobRow): Promise<void> =>
      writeCalendarMidnight(trx, new Date(Number(job.facts.midnight))),
  };
}

async function evaluateAsOf(
  trx: Trx,
  rules: readonly IdentifiedRule[],
  { firstBucket, lastBucket }: BucketRange,
  at: { readonly midnight: number; readonly now: Date; readonly onMemberships: MembershipListener },
): Promise<number> {
  const profiles = await readDocumentsInBuckets(trx, firstBucket, lastBucket);
  const all = ruleSetOf(rules);
  const times = { from: new Date(at.midnight), now: at.now };
  const changes = await reevaluate(
    trx,
    profiles,
    rules,
    times,
    ({ person, states, members, transitions }) => {
      // What was found after that midnight, by a change of the profile, is newer.
      const earlier = rules.filter(
        ({ segmentId }) => (states.get(segmentId)?.since.getTime() ?? 0) < at.midnight,
      );
      const asOfMidnight = earlier.length === rules.length ? all : ruleSetOf(earlier);
      evaluateRules(asOfMidnight, person, members, at.midnight, transitions);
      evaluateRules(all, person, members, at.now.getTime(), transitions);
    },
  );
  await at.onMemberships(trx, changes, at.now);
  return profiles.length;
}
