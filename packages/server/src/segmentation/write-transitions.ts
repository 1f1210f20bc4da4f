import type { Transition } from '@headrace/core';
import { type Trx, together } from '../store/database.ts';
import {
  countMoves,
  isMember,
  type Membership,
  type PastMembership,
  type WrittenMembership,
  writeMemberships,
} from '../store/segment-memberships.ts';

/** A profile after its evaluation. */
type Evaluated = {
  readonly profileId: string;
  /** Its memberships before, those of profiles merged into it among them. */
  readonly states: ReadonlyMap<string, Membership>;
  /** What changed since, in the order of time. */
  readonly transitions: readonly Transition[];
};

/** Memberships after what changed them, in the order of time. */
export function statesAfter(
  states: ReadonlyMap<string, Membership>,
  transitions: readonly Transition[],
): ReadonlyMap<string, Membership> {
  const after = new Map(states);
  for (const { segmentId, isMember: isRealized, at } of transitions)
    after.set(segmentId, { status: isRealized ? 'realized' : 'exited', since: new Date(at) });
  return after;
}

/**
 * Writes what evaluations changed: the present states, the past ones they replace, and how many entered and left.
 * @param stored the rows as they are; where they differ from `states`, a merge brought memberships along.
 */
export async function writeTransitions(
  trx: Trx,
  evaluated: readonly Evaluated[],
  stored: ReadonlyMap<string, ReadonlyMap<string, Membership>>,
  now: Date,
): Promise<void> {
  const written: WrittenMembership[] = [];
  const past: PastMembership[] = [];
  const moves = new Map<string, { entered: number; left: number }>();
  for (const { profileId, states, transitions } of evaluated) {
    const present = new Map(states);
    for (const { segmentId, isMember: isRealized, at } of transitions) {
      const instant = new Date(at);
      const replaced = present.get(segmentId);
      if (replaced !== undefined)
        past.push({ profileId, segmentId, status: replaced.status, since: replaced.since, at: instant });
      present.set(segmentId, { status: isRealized ? 'realized' : 'exited', since: instant });
    }
    const rows = stored.get(profileId);
    for (const [segmentId, state] of present) {
      const row = rows?.get(segmentId);
      if (row === state) continue;
      written.push({
        profileId,
        segmentId,
        status: state.status,
        lastQualificationTime: state.since,
      });
      if (isMember(state) === isMember(row)) continue;
      const moved = moves.get(segmentId) ?? { entered: 0, left: 0 };
      if (isMember(state)) moved.entered++;
      else moved.left++;
      moves.set(segmentId, moved);
    }
  }
  await together(writeMemberships(trx, written, past), countMoves(trx, moves, now));
}
