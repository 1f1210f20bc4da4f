import { createHash } from 'node:crypto';
import {
  applyMapping,
  type CompiledMapping,
  type ConsentChannel,
  canonicalJson,
  compileMapping,
  type DestinationConnection,
  type ExclusionReason,
  exclusionReasons,
  findOptOut,
  type JsonObject,
  type PreparedRecord,
} from '@headrace/core';
import type { DeliveryDataflow } from '../store/delivery-dataflows.ts';
import { consentChannelOf } from './mark-changes.ts';

type SendableRecord = Extract<PreparedRecord, { kind: 'record' }>;

export type DeliveryDecision =
  /** `isMember` false: the profile has left; nothing is sent any more. */
  | {
      readonly kind: 'exclude';
      readonly isMember: boolean;
      readonly reason: ExclusionReason;
      readonly message: string;
    }
  | { readonly kind: 'send'; readonly record: SendableRecord; readonly hash: string };

export type DeliveryRules = {
  readonly mapping: CompiledMapping;
  readonly details: Readonly<Record<string, string>>;
  readonly consentChannel: ConsentChannel;
  readonly prepare: DestinationConnection['prepare'];
};

/** The rules of a dataflow; its connection must have read its target fields. */
export const deliveryRulesOf = (
  dataflow: Pick<DeliveryDataflow, 'mapping' | 'details'>,
  connection: DestinationConnection,
): DeliveryRules => ({
  mapping: compileMapping(dataflow.mapping),
  details: dataflow.details,
  consentChannel: consentChannelOf(dataflow.details),
  prepare: connection.prepare.bind(connection),
});

/** Why a profile is no more. */
export type GoneBy = 'profile_merged' | 'profile_ended' | 'person_deleted';

/**
 * What should become of one due profile. Pure.
 * @param document the merged profile; undefined when the profile is gone.
 * @param goneBy why it is, then.
 */
export function decideDelivery(
  rules: DeliveryRules,
  isMember: boolean,
  document: JsonObject | undefined,
  goneBy: GoneBy = 'profile_ended',
): DeliveryDecision {
  if (document === undefined) return exclude(goneBy, false);
  if (!isMember) return exclude('segment_exited', false);
  const optOut = findOptOut(document, rules.consentChannel);
  if (optOut !== undefined)
    return exclude('consent_withdrawn', true, `The person opted out of marketing (${optOut}).`);
  const { mapping, details } = rules;
  const values = applyMapping(mapping, { document, identities: new Map() });
  const record = rules.prepare({ values, ifEmpty: mapping.ifEmpty, details });
  if (record.kind === 'excluded') return exclude(record.reason, true, record.message);
  return { kind: 'send', record, hash: hashOf(record) };
}

const exclude = (
  reason: ExclusionReason,
  isMember: boolean,
  message: string = exclusionReasons[reason].meaning,
): DeliveryDecision => ({ kind: 'exclude', isMember, reason, message });

/** Equal hashes mean there is nothing to write. It covers the key: the same values under another key are news. */
const hashOf = (record: SendableRecord): string =>
  createHash('sha256')
    .update(canonicalJson([record.object, record.matchKey, record.fields]))
    .digest('base64url');
