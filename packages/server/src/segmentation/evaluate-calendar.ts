import { randomUUID } from 'node:crypto';
import { type BucketRange, evaluateThrough } from '@headrace/core';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import {
  readCalendarState,
  readEvaluationDue,
  waitFor,
  writeCalendarMidnight,
  writeEvaluationDue,
} from '../store/evaluation-due.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { insertPopulationJob, type PopulationJobRow } from '../store/population-jobs.ts';
import { readDocumentsInBuckets } from '../store/profiles.ts';
import type { MembershipListener } from './evaluate-due.ts';
import { calendarKind, midnightOf, readMissedMidnights } from './missed-midnights.ts';
import { reevaluate } from './reevaluate.ts';
import { calendarRulesOf, ruleSetOf, rulesSince } from './rule-set-of.ts';
import type { SegmentRules } from './segment-rules.ts';

/** There is one calendar. */
const calendarId = '00000000-0000-4000-8000-000000000000';

/**
 * Begins the pass over everyone for the midnights (UTC) that rules of the calendar were not evaluated at.
 * @returns whether there is something to do.
 */
export async function beginCalendarPass(
  pool: pg.Pool,
  rules: SegmentRules,
  now: () => Date,
): Promise<boolean> {
  const done = await readCalendarState(pool, calendarKind);
  if (done !== undefined && done.midnight >= midnightOf(now())) return false;
  return transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    // Under the lock: nobody was evaluated as of a later day and may be taken back before it.
    return beginCalendarPassIn(trx, rules, now());
  });
}

/** The same under the lock on profile writes. */
export async function beginCalendarPassIn(trx: Trx, rules: SegmentRules, present: Date): Promise<boolean> {
  const today = midnightOf(present);
  const last = await readCalendarState(trx, calendarKind);
  if (last !== undefined && last.midnight >= today) return false;
  if (last !== undefined && last.pass !== null) return true;
  const isNeeded = (await rules.read(trx)).some(({ rule }) => rule.timing.byCalendar);
  if (last === undefined || !isNeeded) {
    await writeCalendarMidnight(trx, today);
    return false;
  }
  await insertPopulationJob(trx, {
    populationJobId: randomUUID(),
    kind: calendarKind,
    subjectId: calendarId,
    facts: { midnight: today.getTime() },
    createdAt: present,
  });
  return true;
}

type Evaluation = { readonly rules: SegmentRules; readonly onMemberships: MembershipListener };

/** Takes everyone through the midnights up to one. */
export function calendarHandler(options: Evaluation) {
  return {
    isUrgent: true,
    // Who is caught up already is read, too, so that their number says little of the work.
    isPacedByTime: true,
    workOn: async (trx: Trx, job: PopulationJobRow, range: BucketRange, now: Date): Promise<number> => {
      const isCurrent = midnightOf(now).getTime() === Number(job.facts.midnight);
      return evaluateMissedIn(trx, range, options, { now, isRemembered: !isCurrent });
    },
    finish: async (trx: Trx, job: PopulationJobRow): Promise<void> =>
      writeCalendarMidnight(trx, new Date(Number(job.facts.midnight))),
  };
}

/**
 * Takes the profiles of some buckets through the midnights they missed, each at its instant.
 * @param at.isRemembered for each profile; else the caller remembers that these buckets are done.
 * @returns how many profiles missed one.
 */
async function evaluateMissedIn(
  trx: Trx,
  { firstBucket, lastBucket }: BucketRange,
  { rules, onMemberships }: Evaluation,
  at: { readonly now: Date; readonly isRemembered: boolean },
): Promise<number> {
  const { now } = at;
  const all = await rules.read(trx);
  if ((await readMissedMidnights(trx, all, [], now)).first > now.getTime()) return 0;
  const documents = await readDocumentsInBuckets(trx, firstBucket, lastBucket);
  const ids = documents.map(({ profileId }) => profileId);
  const missed = await readMissedMidnights(trx, all, ids, now);
  const overdue = documents.filter(({ profileId }) => missed.firstOf(profileId) <= now.getTime());
  const overdueIds = overdue.map(({ profileId }) => profileId);
  const due = await readEvaluationDue(trx, overdueIds);
  const watched = calendarRulesOf(all);
  const set = ruleSetOf(watched);
  const nextDue: { profileId: string; evaluateAt: Date | undefined }[] = [];
  const times = { from: new Date(missed.first), now };
  const changes = await reevaluate(
    trx,
    overdue,
    watched,
    times,
    ({ profileId, person, members, transitions }) => {
      const midnight = missed.firstOf(profileId);
      const overdueAt = {
        dueAt: Number.POSITIVE_INFINITY,
        midnight,
        rulesSince: rulesSince(watched),
        now: now.getTime(),
      };
      const until = evaluateThrough(set, person, members, overdueAt, transitions);
      const known = due.get(profileId)?.getTime() ?? Number.POSITIVE_INFINITY;
      if (until < known) nextDue.push({ profileId, evaluateAt: waitFor(until) });
    },
  );
  await writeEvaluationDue(trx, nextDue);
  if (at.isRemembered) await missed.writeDone(trx, overdueIds);
  await onMemberships(trx, changes, now);
  return overdue.length;
}
