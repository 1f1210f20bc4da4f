import type {
  DataflowDetails,
  DestinationConnection,
  PreparedMemberships,
  SegmentStanding,
} from '@headrace/core';
import type { SentHashes } from '../store/delivery-claims.ts';
import type { ActivatedSegment } from '../store/delivery-dataflows.ts';
import type { Membership } from '../store/segment-memberships.ts';
import { listKey, sentHashesOf } from './wanted-record.ts';

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
  return among(all, { ...told, ...sentHashesOf(wanted) });
}

/**
 * What a record says once nobody is behind it any more: that its person has left everything it was told of.
 * @param memberships of whom it was of, exits included; undefined where they are gone with the profile.
 * @param told as for `wantedMemberships`.
 */
export function endedMemberships(
  { segments, details, prepareMemberships }: MembershipRules,
  memberships: Memberships | undefined,
  told: SentHashes | undefined,
): PreparedMemberships {
  const mayBeIn = ({ segmentId }: ActivatedSegment) =>
    told !== undefined || memberships === undefined || memberships.has(segmentId);
  const exits = segments.filter(mayBeIn).map((segment) => ({ ...segment, status: 'exited' as const }));
  const all = prepareMemberships(exits, details);
  return told === undefined ? all : among(all, told);
}

/** The fields and lists that stand among some that are sent. */
const among = ({ fields, lists }: PreparedMemberships, sent: SentHashes): PreparedMemberships => ({
  fields: Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(sent, name))),
  lists: lists.filter(({ listId }) => Object.hasOwn(sent, listKey(listId))),
});

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
