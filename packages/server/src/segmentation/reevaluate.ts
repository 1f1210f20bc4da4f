import {
  bucketOf,
  type IdentifiedRule,
  type JsonObject,
  type MembershipChange,
  type Person,
  type Transition,
} from '@headrace/core';
import { type Trx, together } from '../store/database.ts';
import { type Membership, membersIn, readMemberships } from '../store/segment-memberships.ts';
import { readRuleEvents } from './rule-events.ts';
import { writeTransitions } from './write-transitions.ts';

/** One profile that did not change, at its evaluation. */
export type Reevaluated = {
  readonly profileId: string;
  readonly person: Person;
  readonly states: ReadonlyMap<string, Membership>;
  /** The segments it is in; to be brought up to date. */
  readonly members: Set<string>;
  /** What changes is to be added. */
  readonly transitions: Transition[];
};

/**
 * Evaluates profiles that did not change, since time has passed, and writes what changes by that.
 * @param profiles a document is undefined where the profile is gone.
 * @param rules those that `evaluate` will ask.
 * @param times the earliest instant at which it will ask them, and the present.
 * @returns the profiles whose segments changed on the way.
 */
export async function reevaluate(
  trx: Trx,
  profiles: readonly { readonly profileId: string; readonly document: JsonObject | undefined }[],
  rules: readonly IdentifiedRule[],
  { from, now }: { readonly from: Date; readonly now: Date },
  evaluate: (one: Reevaluated) => void,
): Promise<MembershipChange[]> {
  const profileIds = profiles.map(({ profileId }) => profileId);
  const [memberships, events] = await together(
    readMemberships(trx, profileIds),
    readRuleEvents(trx, rules, profileIds, from),
  );
  const evaluated = profiles.map(({ profileId, document }): Reevaluated => {
    const states = memberships.get(profileId) ?? new Map<string, Membership>();
    const person = { document, events: events.get(profileId) ?? [] };
    const one = { profileId, person, states, members: membersIn(states), transitions: [] };
    evaluate(one);
    return one;
  });
  await writeTransitions(trx, evaluated, memberships, now);
  return evaluated
    .filter(({ transitions }) => transitions.length > 0)
    .map(({ profileId, states, members }) => ({
      bucket: bucketOf(profileId),
      profileId,
      before: membersIn(states),
      after: members,
    }));
}
