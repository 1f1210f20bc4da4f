import { type BucketRange, evaluateThrough, type MembershipChange } from '@headrace/core';
import type pg from 'pg';
import { type Trx, together, transaction } from '../store/database.ts';
import {
  type DueProfile,
  readDueProfiles,
  readDueProfilesIn,
  waitFor,
  writeEvaluationDue,
} from '../store/evaluation-due.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { readDocuments } from '../store/profiles.ts';
import { readMissedMidnights } from './missed-midnights.ts';
import { reevaluate } from './reevaluate.ts';
import { changingRulesOf, ruleSetOf, rulesSince, timedRulesOf } from './rule-set-of.ts';
import type { SegmentRules } from './segment-rules.ts';

/** Profiles of one transaction: ingestion waits no longer than they take. */
const chunkProfiles = 1_000;

/** Hears of membership changes inside the transaction that makes them. */
export type MembershipListener = (trx: Trx, changes: readonly MembershipChange[], now: Date) => Promise<void>;

export type TimedEvaluation = {
  readonly pool: pg.Pool;
  readonly rules: SegmentRules;
  readonly onMemberships: MembershipListener;
  readonly onCommit: () => void;
  readonly now: () => Date;
};

/**
 * Evaluates the profiles that are due, each at the very instant at which a rule says something else of it, and on from
 * there to the present. What changes carries that instant; destinations hear of the difference once.
 * @returns how many profiles were evaluated.
 */
export async function evaluateDue(options: TimedEvaluation, signal: AbortSignal): Promise<number> {
  let evaluated = 0;
  for (let found = chunkProfiles; found === chunkProfiles && !signal.aborted; evaluated += found) {
    found = await transaction(options.pool, (trx) => evaluateChunk(trx, options));
    if (found > 0) options.onCommit();
  }
  return evaluated;
}

async function evaluateChunk(trx: Trx, options: TimedEvaluation): Promise<number> {
  await lockProfileWrites(trx);
  const present = options.now();
  const due = await readDueProfiles(trx, present, chunkProfiles);
  await evaluateOverdue(trx, due, options, present);
  return due.length;
}

/**
 * Evaluates the profiles of some buckets that are due, so that what is evaluated next as of the present does not come
 * before what happened earlier. The caller holds the lock on profile writes.
 * @returns whether those were all; else they are as many as a transaction should hold.
 */
export async function evaluateDueIn(
  trx: Trx,
  range: BucketRange,
  options: OverdueEvaluation,
  present: Date,
): Promise<boolean> {
  const due = await readDueProfilesIn(trx, present, range, chunkProfiles);
  await evaluateOverdue(trx, due, options, present);
  return due.length < chunkProfiles;
}

type OverdueEvaluation = Pick<TimedEvaluation, 'rules' | 'onMemberships'>;

/** @param due those due longest first. */
async function evaluateOverdue(
  trx: Trx,
  due: readonly DueProfile[],
  { rules, onMemberships }: OverdueEvaluation,
  present: Date,
): Promise<void> {
  const [first] = due;
  if (first === undefined) return;
  const all = await rules.read(trx);
  const profileIds = due.map(({ profileId }) => profileId);
  const missed = await readMissedMidnights(trx, all, profileIds, present);
  const isDayMissed = missed.first <= present.getTime();
  const watched = isDayMissed ? changingRulesOf(all) : timedRulesOf(all);
  const documents = await readDocuments(trx, profileIds);
  const dueAt = new Map(due.map(({ profileId, evaluateAt }) => [profileId, evaluateAt.getTime()]));
  const profiles = due.map(({ profileId }) => ({ profileId, document: documents.get(profileId) }));
  const set = ruleSetOf(watched);
  const nextDue: { profileId: string; evaluateAt: Date | undefined }[] = [];
  const from = new Date(Math.min(first.evaluateAt.getTime(), missed.first));
  const changes = await reevaluate(
    trx,
    profiles,
    watched,
    { from, now: present },
    ({ profileId, person, members, transitions }) => {
      const overdue = {
        dueAt: dueAt.get(profileId) ?? present.getTime(),
        midnight: missed.firstOf(profileId),
        rulesSince: rulesSince(watched),
        now: present.getTime(),
      };
      const until = evaluateThrough(set, person, members, overdue, transitions);
      nextDue.push({ profileId, evaluateAt: person.document === undefined ? undefined : waitFor(until) });
    },
  );
  await missed.writeDone(trx, profileIds);
  await together(writeEvaluationDue(trx, nextDue), onMemberships(trx, changes, present));
}
