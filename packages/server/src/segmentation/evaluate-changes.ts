import {
  bucketOf,
  evaluateRules,
  evaluateThrough,
  type IdentifiedRule,
  type JsonObject,
  type MembershipChange,
  type Person,
  type ProfileChange,
  type Transition,
} from '@headrace/core';
import { type Trx, together } from '../store/database.ts';
import { readEvaluationDue, waitFor, writeEvaluationDue } from '../store/evaluation-due.ts';
import { noteScanChanges } from '../store/population-scan.ts';
import { isMember, type Membership, membersIn, readMemberships } from '../store/segment-memberships.ts';
import { noneMissed, readMissedMidnights } from './missed-midnights.ts';
import { readRuleEvents } from './rule-events.ts';
import { changingRulesOf, ruleSetOf, rulesSince, timedRulesOf } from './rule-set-of.ts';
import { statesAfter, writeTransitions } from './write-transitions.ts';

/** They may still be on their way from the database. */
type Rules = readonly IdentifiedRule[] | Promise<readonly IdentifiedRule[]>;

/** The memberships of changed profiles; one that is gone leaves every segment. */
export const evaluateChanges = (
  trx: Trx,
  changes: readonly ProfileChange[],
  rules: Rules,
  now: Date,
): Promise<MembershipChange[]> =>
  evaluateProfiles(
    trx,
    changes.map(({ profileId, before, after, kind, isNew = false, absorbed }) => ({
      profileId,
      before: isNew ? undefined : before,
      document: kind === 'gone' ? undefined : after,
      isNew,
      absorbed: absorbed ?? [],
    })),
    { rules, isWhole: true },
    now,
  );

export type EvaluatedProfile = {
  readonly profileId: string;
  /** Undefined for one that is gone, which is in no segment any more. */
  readonly document: JsonObject | undefined;
  /** As it was until now, where it changed: by it memberships went on changing by time. */
  readonly before?: JsonObject | undefined;
  /** It is in no segment yet. */
  readonly isNew?: boolean;
  /** Profiles merged into it, as they were until now: what they were members of, it was. */
  readonly absorbed?: ProfileChange['absorbed'];
};

export type Evaluation = {
  /** Those whose memberships are to be looked at, in the order of `orderRules`; others are left as they are. */
  readonly rules: Rules;
  /** They are all the rules there are, so that what they say of time is all there is to say. */
  readonly isWhole: boolean;
};

/**
 * Evaluates rules over profiles and writes the memberships that change, in the transaction of the change. A profile
 * that should have been evaluated before now is taken through that first.
 * @returns for each profile its segments before and after, changed or not.
 */
export async function evaluateProfiles(
  trx: Trx,
  profiles: readonly EvaluatedProfile[],
  { rules, isWhole }: Evaluation,
  now: Date,
): Promise<MembershipChange[]> {
  const idsOf = ({ profileId, absorbed }: EvaluatedProfile) => [
    profileId,
    ...(absorbed ?? []).map((from) => from.profileId),
  ];
  const changed = profiles.flatMap(idsOf);
  const known = profiles.flatMap((profile) => (profile.isNew === true ? [] : idsOf(profile)));
  const [memberships, active] = await together(
    readMemberships(trx, known),
    rules,
    // Those that went or were merged away, too.
    isWhole && noteScanChanges(trx, changed),
  );
  const [timed, set] = [timedRulesOf(active), ruleSetOf(active)];
  const profileIds = profiles.map(({ profileId }) => profileId);
  const due = timed.length > 0 ? await readEvaluationDue(trx, known) : noneDue;
  const missed = isWhole ? await readMissedMidnights(trx, active, known, now) : noneMissed;
  const dueTimes = [...due.values()].map((at) => at.getTime());
  const from = new Date(Math.min(now.getTime(), missed.first, ...dueTimes));
  const events = await readRuleEvents(trx, active, profileIds, from);

  const written: { profileId: string; states: States; transitions: Transition[] }[] = [];
  const nextDue: { profileId: string; evaluateAt: Date | undefined }[] = [];
  /** What time alone made of a profile until now, if it is overdue. */
  const catchUp = (
    profileId: string,
    person: Person,
    members: Set<string>,
    transitions: Transition[],
  ): void => {
    const dueAt = due.get(profileId)?.getTime() ?? Number.POSITIVE_INFINITY;
    const midnight = missed.firstOf(profileId);
    if (!isWhole || Math.min(dueAt, midnight) > now.getTime()) return;
    const changing = changingRulesOf(active);
    const overdue = { dueAt, midnight, rulesSince: rulesSince(changing), now: now.getTime() };
    evaluateThrough(ruleSetOf(changing), person, members, overdue, transitions);
  };
  const changes = profiles.map((profile): MembershipChange => {
    const { profileId, document } = profile;
    const person = { document, events: events.get(profileId) ?? [] };
    const own = memberships.get(profileId) ?? noStates;
    const absorbed = (profile.absorbed ?? []).map((from) => {
      const states = memberships.get(from.profileId) ?? noStates;
      const transitions: Transition[] = [];
      catchUp(from.profileId, { ...person, document: from.before }, membersIn(states), transitions);
      return statesAfter(states, transitions);
    });
    const states = joinStates(own, absorbed);
    const members = membersIn(states);
    const transitions: Transition[] = [];
    if (profile.before !== undefined)
      catchUp(profileId, { ...person, document: profile.before }, members, transitions);
    const until = evaluateRules(set, person, members, now.getTime(), transitions);
    // One that is gone leaves those too that are not evaluated any more.
    if (document === undefined) leaveAll(members, now.getTime(), transitions);
    if (timed.length > 0 || due.has(profileId))
      noteDue(nextDue, profileId, due, document === undefined ? Number.POSITIVE_INFINITY : until, isWhole);
    written.push({ profileId, states, transitions });
    return { bucket: bucketOf(profileId), profileId, before: membersIn(own), after: members };
  });
  await writeTransitions(trx, written, memberships, now);
  await writeEvaluationDue(trx, nextDue);
  if (missed.first <= now.getTime()) await missed.writeDone(trx, profileIds);
  return changes;
}

function leaveAll(members: Set<string>, at: number, transitions: Transition[]): void {
  for (const segmentId of members) transitions.push({ segmentId, isMember: false, at });
  members.clear();
}

const noStates: States = new Map();
const noneDue: ReadonlyMap<string, Date> = new Map();

/** What rules of a part say of time can only bring an evaluation forward. */
function noteDue(
  nextDue: { profileId: string; evaluateAt: Date | undefined }[],
  profileId: string,
  due: ReadonlyMap<string, Date>,
  until: number,
  isWhole: boolean,
): void {
  const dueAt = due.get(profileId)?.getTime();
  const evaluateAt = isWhole ? until : Math.min(until, dueAt ?? Number.POSITIVE_INFINITY);
  if (evaluateAt === (dueAt ?? Number.POSITIVE_INFINITY)) return;
  nextDue.push({ profileId, evaluateAt: waitFor(evaluateAt) });
}

/** The memberships of a profile with those of the profiles merged into it: a member since the first of them was. */
function joinStates(own: States, absorbed: readonly States[]): States {
  if (absorbed.length === 0) return own;
  const joined = new Map(own);
  for (const states of absorbed)
    for (const [segmentId, state] of states) {
      const present = joined.get(segmentId);
      const [is, was] = [isMember(state), isMember(present)];
      if (present === undefined || (is && !was)) joined.set(segmentId, state);
      else if (is === was && is === state.since < present.since) joined.set(segmentId, state);
    }
  return joined;
}

type States = ReadonlyMap<string, Membership>;
