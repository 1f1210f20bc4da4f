import { bucketOf, type IdentifiedRule } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { readCalendarState, readCaughtUp, writeCaughtUp } from '../store/evaluation-due.ts';

export const calendarKind = 'evaluate_calendar';
export const dayMs = 86_400_000;

const midnightBefore = (at: number): number => Math.floor(at / dayMs) * dayMs;
export const midnightOf = (now: Date): Date => new Date(midnightBefore(now.getTime()));

/** The beginnings of days, in UTC, that rules of the calendar were not evaluated at yet. */
export type MissedMidnights = {
  /** The first one for a profile, in milliseconds since 1970; Infinity when there is none. */
  readonly firstOf: (profileId: string) => number;
  /** The first one for anybody. */
  readonly first: number;
  /** Remembers that profiles have been evaluated as of the present, so that the pass over everyone leaves them out. */
  readonly writeDone: (trx: Trx, profileIds: readonly string[]) => Promise<void>;
};

export const noneMissed: MissedMidnights = {
  firstOf: () => Number.POSITIVE_INFINITY,
  first: Number.POSITIVE_INFINITY,
  writeDone: async () => undefined,
};

/** @param rules all there are. */
export async function readMissedMidnights(
  trx: Trx,
  rules: readonly IdentifiedRule[],
  profileIds: readonly string[],
  now: Date,
): Promise<MissedMidnights> {
  const inForce = rules.flatMap(({ rule, inForceSince }) =>
    rule.timing.byCalendar ? [inForceSince ?? Number.NEGATIVE_INFINITY] : [],
  );
  if (inForce.length === 0) return noneMissed;
  const state = await readCalendarState(trx, calendarKind);
  const today = midnightOf(now);
  if (state === undefined || state.midnight >= today) return noneMissed;
  const { pass } = state;
  // What no rule spoke of was not missed.
  const midnight = Math.max(state.midnight.getTime(), midnightBefore(Math.min(...inForce)));
  if (midnight >= today.getTime()) return noneMissed;
  const caughtUp = await readCaughtUp(trx, profileIds);
  const firstOf = (profileId: string): number => {
    const isPassed = pass !== null && bucketOf(profileId) < pass.nextBucket;
    const done = Math.max(isPassed ? pass.midnight : midnight, midnight, caughtUp.get(profileId) ?? 0);
    return done < today.getTime() ? done + dayMs : Number.POSITIVE_INFINITY;
  };
  return {
    firstOf,
    first: midnight + dayMs,
    writeDone: (inside, done) => writeCaughtUp(inside, done, today),
  };
}
