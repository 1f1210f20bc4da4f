import { bucketOf, evaluateThrough, type MembershipChange, type Transition } from '@headrace/core';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import { readDueProfiles, writeEvaluationDue } from '../store/evaluation-due.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { readDocuments } from '../store/profiles.ts';
import { readMemberships } from '../store/segment-memberships.ts';
import { readRuleEvents } from './rule-events.ts';
import type { SegmentRules } from './segment-rules.ts';
import { writeTransitions } from './write-transitions.ts';

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

async function evaluateChunk(trx: Trx, { rules, onMemberships, now }: TimedEvaluation): Promise<number> {
  await lockProfileWrites(trx);
  const present = now();
  const due = await readDueProfiles(trx, present, chunkProfiles);
  const [first] = due;
  if (first === undefined) return 0;
  const timed = (await rules.read(trx)).filter(({ rule }) => rule.timing.byInstant);
  const watched = await rules.dependentsOf(trx, timed);
  const profileIds = due.map(({ profileId }) => profileId);
  const documents = await readDocuments(trx, profileIds);
  const memberships = await readMemberships(trx, profileIds);
  const events = await readRuleEvents(trx, watched, profileIds, first.evaluateAt);
  const written: Parameters<typeof writeTransitions>[1][number][] = [];
  const changes: MembershipChange[] = [];
  const nextDue = due.map(({ profileId, evaluateAt }) => {
    const document = documents.get(profileId);
    const states = memberships.get(profileId) ?? new Map();
    const members = new Set<string>();
    for (const [segmentId, { status }] of states) if (status !== 'exited') members.add(segmentId);
    const before = new Set(members);
    const transitions: Transition[] = [];
    const until = evaluateThrough(
      watched,
      { document, events: events.get(profileId) ?? [] },
      members,
      { dueAt: evaluateAt.getTime(), now: present.getTime() },
      transitions,
    );
    written.push({ profileId, states, transitions });
    if (transitions.length > 0)
      changes.push({ bucket: bucketOf(profileId), profileId, before, after: members });
    return {
      profileId,
      evaluateAt: document !== undefined && Number.isFinite(until) ? new Date(until) : undefined,
    };
  });
  await writeTransitions(trx, written, memberships, present);
  await writeEvaluationDue(trx, nextDue);
  await onMemberships(trx, changes, present);
  return due.length;
}
