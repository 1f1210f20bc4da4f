import {
  bucketOf,
  evaluateRules,
  evaluateThrough,
  type IdentifiedRule,
  type JsonObject,
  type MembershipChange,
  type ProfileChange,
  type Transition,
} from '@headrace/core';
import { type Trx, together } from '../store/database.ts';
import { readEvaluationDue, waitFor, writeEvaluationDue } from '../store/evaluation-due.ts';
import { noteScanChanges } from '../store/population-scan.ts';
import { isMember, type Membership, membersIn, readMemberships } from '../store/segment-memberships.ts';
import { readRuleEvents } from './rule-events.ts';
import { ruleSetOf, timedRulesOf } from './rule-set-of.ts';
import { writeTransitions } from './write-transitions.ts';

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
    changes.map(({ profileId, before, after, kind, absorbed }) => ({
      profileId,
      before: kind === 'created' ? undefined : before,
      document: kind === 'gone' ? undefined : after,
      isNew: kind === 'created',
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
  /** Profiles merged into it: what they were members of, it was. */
  readonly absorbed?: readonly string[];
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
  const changed = profiles.flatMap(({ profileId, absorbed }) => [profileId, ...(absorbed ?? [])]);
  const known = profiles.flatMap(({ isNew, profileId, absorbed }) =>
    isNew === true ? [] : [profileId, ...(absorbed ?? [])],
  );
  const [memberships, active] = await together(
    readMemberships(trx, known),
    rules,
    // Those that went or were merged away, too.
    isWhole && noteScanChanges(trx, changed),
  );
  const timed = timedRulesOf(active);
  const [all, byInstant] = [ruleSetOf(active), ruleSetOf(timed)];
  const profileIds = profiles.map(({ profileId }) => profileId);
  const due = timed.length > 0 ? await readEvaluationDue(trx, known) : noneDue;
  const overdue = [...due.values()].map((at) => at.getTime()).filter((at) => at <= now.getTime());
  const events = await readRuleEvents(trx, active, profileIds, new Date(Math.min(now.getTime(), ...overdue)));

  const written: { profileId: string; states: ReadonlyMap<string, Membership>; transitions: Transition[] }[] =
    [];
  const nextDue: { profileId: string; evaluateAt: Date | undefined }[] = [];
  const changes = profiles.map((profile): MembershipChange => {
    const { profileId, document } = profile;
    const states = statesOf(profile, memberships);
    const members = membersIn(states);
    const before = membersIn(memberships.get(profileId));
    const person = { document, events: events.get(profileId) ?? [] };
    const transitions: Transition[] = [];
    const dueAt = due.get(profileId)?.getTime();
    if (dueAt !== undefined && dueAt <= now.getTime() && isWhole && profile.before !== undefined)
      evaluateThrough(
        byInstant,
        { document: profile.before, events: person.events },
        members,
        { dueAt, now: now.getTime() },
        transitions,
      );
    const until = evaluateRules(all, person, members, now.getTime(), transitions);
    // One that is gone leaves those too that are not evaluated any more.
    if (document === undefined) leaveAll(members, now.getTime(), transitions);
    if (timed.length > 0 || dueAt !== undefined)
      noteDue(nextDue, profileId, dueAt, document === undefined ? Number.POSITIVE_INFINITY : until, isWhole);
    written.push({ profileId, states, transitions });
    return { bucket: bucketOf(profileId), profileId, before, after: members };
  });
  await writeTransitions(trx, written, memberships, now);
  await writeEvaluationDue(trx, nextDue);
  return changes;
}

function leaveAll(members: Set<string>, at: number, transitions: Transition[]): void {
  for (const segmentId of members) transitions.push({ segmentId, isMember: false, at });
  members.clear();
}

const noneDue: ReadonlyMap<string, Date> = new Map();

/** What rules of a part say of time can only bring an evaluation forward. */
function noteDue(
  nextDue: { profileId: string; evaluateAt: Date | undefined }[],
  profileId: string,
  dueAt: number | undefined,
  until: number,
  isWhole: boolean,
): void {
  const evaluateAt = isWhole ? until : Math.min(until, dueAt ?? Number.POSITIVE_INFINITY);
  if (evaluateAt === (dueAt ?? Number.POSITIVE_INFINITY)) return;
  nextDue.push({ profileId, evaluateAt: waitFor(evaluateAt) });
}

/** The memberships of a profile with those of the profiles merged into it: a member since the first of them was. */
function statesOf(
  { profileId, absorbed }: EvaluatedProfile,
  memberships: ReadonlyMap<string, ReadonlyMap<string, Membership>>,
): ReadonlyMap<string, Membership> {
  const own = memberships.get(profileId) ?? new Map<string, Membership>();
  if (absorbed === undefined || absorbed.length === 0) return own;
  const joined = new Map(own);
  for (const from of absorbed)
    for (const [segmentId, state] of memberships.get(from) ?? []) {
      const present = joined.get(segmentId);
      const [is, was] = [isMember(state), isMember(present)];
      if (present === undefined || (is && !was)) joined.set(segmentId, state);
      else if (is === was && is === state.since < present.since) joined.set(segmentId, state);
    }
  return joined;
}
