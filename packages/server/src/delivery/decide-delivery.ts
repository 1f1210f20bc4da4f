import {
  applyMapping,
  type CompiledMapping,
  type ConsentChannel,
  compileMapping,
  type DestinationConnection,
  type ExclusionReason,
  exclusionReasons,
  findOptOut,
  type MappedProfile,
  type PreparedMemberships,
} from '@headrace/core';
import type { DueRow } from '../store/delivery-claims.ts';
import type { DeliveryDataflow } from '../store/delivery-dataflows.ts';
import type { Membership } from '../store/segment-memberships.ts';
import { consentChannelOf } from './mark-changes.ts';
import { endedMemberships, type MembershipRules, wantedMemberships } from './segment-standings.ts';
import { hashOf, type WantedRecord } from './wanted-record.ts';

export type DeliveryDecision =
  /** `isMember` false: the profile has left; nothing is sent any more. */
  | {
      readonly kind: 'exclude';
      readonly isMember: boolean;
      readonly reason: ExclusionReason;
      readonly message: string;
    }
  | {
      readonly kind: 'send';
      readonly record: WantedRecord;
      readonly hash: string;
      /** What the row is once it is written. */
      readonly settleAs: SettleAs;
    };

/** After an exit was written the profile is not a member any more, or is, and excluded. */
export type SettleAs =
  | { readonly status: 'activated'; readonly code: null; readonly message: null }
  | {
      readonly status: 'exited' | 'excluded';
      readonly code: ExclusionReason;
      readonly message: string;
    };
export const asActivated: SettleAs = { status: 'activated', code: null, message: null };

export type DeliveryRules = MembershipRules & {
  readonly mapping: CompiledMapping;
  readonly consentChannel: ConsentChannel;
  readonly tellsMemberships: boolean;
  readonly prepare: DestinationConnection['prepare'];
  readonly recordIdsFollowKeys: DestinationConnection['recordIdsFollowKeys'];
};

/** The rules of a dataflow; its connection must have read its target fields. */
export const deliveryRulesOf = (
  dataflow: Pick<DeliveryDataflow, 'mapping' | 'details' | 'segments' | 'tellsMemberships'>,
  connection: DestinationConnection,
): DeliveryRules => ({
  mapping: compileMapping(dataflow.mapping),
  details: dataflow.details,
  segments: dataflow.segments,
  consentChannel: consentChannelOf(dataflow.details),
  tellsMemberships: dataflow.tellsMemberships,
  prepare: connection.prepare.bind(connection),
  recordIdsFollowKeys: connection.recordIdsFollowKeys,
  prepareMemberships: connection.prepareMemberships.bind(connection),
});

/** A merged profile as delivery looks at it. */
export type DeliveryProfile = MappedProfile & { readonly memberships: ReadonlyMap<string, Membership> };

/** Why a profile is no more. */
export type GoneBy = 'profile_merged' | 'profile_ended' | 'person_deleted';

type StoredRow = Pick<DueRow, 'member' | 'recordId' | 'object' | 'matchKey' | 'sent'>;

/**
 * What should become of one due profile. Pure.
 * @param profile undefined when it is gone.
 * @param goneBy why it is, then.
 */
export function decideDelivery(
  rules: DeliveryRules,
  row: StoredRow,
  profile: DeliveryProfile | undefined,
  goneBy: GoneBy = 'profile_ended',
): DeliveryDecision {
  if (profile === undefined) {
    // Records of those that were merged have rows of their own; those of deleted people are the deletion's affair.
    const told = goneBy === 'profile_ended' ? endedMemberships(rules, undefined, toldTo(row)) : noMemberships;
    return writeExit(rules, row, told, exitedBy(goneBy)) ?? exclude(goneBy, false);
  }
  const exit = () => wantedMemberships(rules, profile.memberships, true, toldTo(row));
  if (!row.member)
    return writeExit(rules, row, exit(), exitedBy('segment_exited')) ?? exclude('segment_exited', false);
  const optOut = findOptOut(profile.document, rules.consentChannel);
  if (optOut !== undefined) {
    const message = `The person opted out of marketing (${optOut}).`;
    const settleAs = { status: 'excluded', code: 'consent_withdrawn', message } as const;
    return writeExit(rules, row, exit(), settleAs) ?? exclude('consent_withdrawn', true, message);
  }
  const { mapping, details } = rules;
  const prepared = rules.prepare({
    values: applyMapping(mapping, profile),
    ifEmpty: mapping.ifEmpty,
    details,
  });
  if (prepared.kind === 'excluded') {
    const source = mapping.sources.get(prepared.target ?? '');
    const message =
      source === undefined ? prepared.message : `${prepared.message} It is taken from ${source}.`;
    return exclude(prepared.reason, true, message);
  }
  const told = rules.tellsMemberships
    ? wantedMemberships(rules, profile.memberships, false, toldTo(heldAs(row, prepared.object)))
    : noMemberships;
  const { kind, ...record } = prepared;
  return send({ ...record, fields: { ...record.fields, ...told.fields }, lists: told.lists }, asActivated);
}

/** What the record of a profile that leaves still has to say: that it has left, and nothing else. */
function writeExit(
  rules: DeliveryRules,
  row: StoredRow,
  { fields, lists }: PreparedMemberships,
  settleAs: SettleAs,
): DeliveryDecision | undefined {
  const { recordId, object, matchKey } = row;
  if (!rules.tellsMemberships || recordId === null || object === null || matchKey === null) return undefined;
  if (Object.keys(fields).length + lists.length === 0) return undefined;
  return send({ object, matchKey, fields, lists, ifEmpty: [], compare: 'never', parent: null }, settleAs);
}

export const exitedBy = (code: ExclusionReason): SettleAs => ({
  status: 'exited',
  code,
  message: exclusionReasons[code].meaning,
});

/**
 * What a row has at the destination as a record of an object: nothing while its record is of another, as after the
 * details of its dataflow named another.
 */
export const heldAs = <Row extends Pick<StoredRow, 'object' | 'recordId' | 'sent'>>(
  row: Row,
  object: string,
): Row => (row.object === null || row.object === object ? row : { ...row, recordId: null, sent: null });

/** A record that is known before anything of it is known as sent may have been told everything. */
const toldTo = ({ recordId, sent }: StoredRow) => sent ?? (recordId === null ? {} : undefined);

const noMemberships: PreparedMemberships = { fields: {}, lists: [] };

const send = (record: WantedRecord, settleAs: SettleAs): DeliveryDecision => ({
  kind: 'send',
  record,
  hash: hashOf(record),
  settleAs,
});

const exclude = (
  reason: ExclusionReason,
  isMember: boolean,
  message: string = exclusionReasons[reason].meaning,
): DeliveryDecision => ({ kind: 'exclude', isMember, reason, message });
