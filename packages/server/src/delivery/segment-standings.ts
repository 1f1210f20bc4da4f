import type {
  DataflowDetails,
  DestinationConnection,
  PreparedMemberships,
  SegmentStanding,
} from '@headrace/core';
import type { SentHashes } from '../store/delivery-claims.ts';
import type { ActivatedSegment } from '../store/delivery-dataflows.ts';
import type { Membership } from '../store/segment-memberships.ts';
import { listKey } from './wanted-record.ts';

type Memberships = ReadonlyMap<string, Membership>;
export type MembershipRules = {
  readonly segments: readonly ActivatedSegment[];
  readonly details: DataflowDetails;
  readonly prepareMemberships: DestinationConnection['prepareMemberships'];
};

/**
 * What a record is to say of its segments. Of those the profile has left only what the destination was told of: it need
 * not hear that somebody left what they never were in.
 * @param told what the record was told of; undefined where an answer was lost, so that it may be everything.
 * @param isLeaving the profile counts as having left all of them, for example since the person opted out.
 */
export function wantedMemberships(
  { segments, details, prepareMemberships }: MembershipRules,
  memberships: Memberships,
  isLeaving: boolean,
  told: SentHashes | undefined,
): PreparedMemberships {
  const standings = segments.flatMap((segment) => standingIn(segment, memberships, isLeaving));
  const present = standings.filter(({ status }) => status !== 'exited');
  const wanted = prepareMemberships(present, details);
  if (present.length === standings.length) return wanted;
  const all = prepareMemberships(standings, details);
  if (told === undefined) return all;
  const isToldField = (name: string) => Object.hasOwn(wanted.fields, name) || Object.hasOwn(told, name);
  const isWanted = (listId: string) => wanted.lists.some((list) => list.listId === listId);
  return {
    fields: Object.fromEntries(Object.entries(all.fields).filter(([name]) => isToldField(name))),
    lists: all.lists.filter(({ listId }) => isWanted(listId) || Object.hasOwn(told, listKey(listId))),
  };
}

function standingIn(
  segment: ActivatedSegment,
  memberships: Memberships,
  isLeaving: boolean,
): readonly SegmentStanding[] {
  const membership = memberships.get(segment.segmentId);
  if (membership === undefined) return [];
  const isIn = segment.isActive && !isLeaving;
  return [{ ...segment, status: isIn ? membership.status : 'exited' }];
}
