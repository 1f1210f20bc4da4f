import {
  type DeliveryGroup,
  type ExclusionReason,
  exclusionReasons,
  type ListMembership,
  type RecordFields,
} from '@headrace/core';
import type { DueRow, SentHashes } from '../store/delivery-claims.ts';
import type { Settlement } from '../store/delivery-settlements.ts';
import type { MatchClaim } from '../store/match-claims.ts';
import { asActivated, type SettleAs } from './decide-delivery.ts';
import { changedSince, sentHashesOf, type WantedRecord } from './wanted-record.ts';

/**
 * `compare`: what the destination holds is read first, and only the difference written. `recover`: an earlier request
 * of the row never came back, so it is read before anything is decided.
 */
export type SendPurpose = DeliveryGroup | 'compare' | 'recover';

export type ClaimedRow = {
  readonly profileId: string;
  readonly seq: number;
  readonly attempts: number;
  readonly object: string;
  readonly matchKey: string;
  readonly recordId: string | null;
  readonly fields: RecordFields;
  readonly ifEmpty: readonly string[];
  readonly lists: readonly ListMembership[];
  /** Of what is sent; null when reading it back cannot settle the row. */
  readonly hash: string | null;
  /** All that the record was given once this is written. */
  readonly sent: SentHashes;
  readonly settleAs: SettleAs;
  readonly purpose: SendPurpose;
  /** The row of the record it belongs to. */
  readonly parentId: string | null;
  /** Profiles belong to it. */
  readonly isParent: boolean;
  /** It was left behind: whoever is kept in it goes on in another. */
  readonly isLeft: boolean;
};

/** A due row with the record that should be sent for it. */
export type Sendable = {
  readonly row: DueRow;
  readonly record: WantedRecord;
  readonly hash: string;
  readonly settleAs: SettleAs;
  /** The row of the record it belongs to, which is there. */
  readonly parentId: string | null;
};

/** Records that something else is sent to. */
export type RecordsInUse = {
  /** By other rows of the claim. */
  readonly taken: ReadonlySet<string>;
  /** Those that are being told that they were left behind. */
  readonly leaving: ReadonlySet<string>;
};

const busyMs = 1_000;

/**
 * Whether a row may be sent under its key, and how: the record kept for the key goes before the row's own.
 */
export function admitRow(
  { row, record, hash, settleAs, parentId }: Sendable,
  claim: MatchClaim | undefined,
  { taken, leaving }: RecordsInUse,
  now: Date,
): { readonly settlement: Settlement } | { readonly sending: ClaimedRow } {
  const { matchKey, object, ifEmpty } = record;
  const isMember = settleAs.status !== 'exited';
  if (claim === undefined || claim.profileId !== row.profileId) {
    const holder = claim === undefined ? '' : ` It is profile ${claim.profileId}.`;
    const message = `${exclusionReasons.match_key_held.meaning}${holder}`;
    return { settlement: excluded(row, 'match_key_held', message, isMember, matchKey) };
  }
  const recordId = claim.recordId ?? row.recordId;
  if (recordId !== null && taken.has(recordId))
    return {
      settlement: excluded(row, 'record_held', exclusionReasons.record_held.meaning, isMember, matchKey),
    };
  if (recordId === null && settleAs.code !== null)
    return { settlement: excluded(row, settleAs.code, settleAs.message, isMember, matchKey) };
  // Two creates of one key at once could make two records.
  if (recordId === null ? claim.isBusy : leaving.has(recordId)) return { settlement: waiting(row, now) };
  if (recordId !== null && row.sentHash === hash)
    return { settlement: unchanged(row, recordId, hash, matchKey, settleAs) };
  const isKnown = row.sentHash !== null && recordId === row.recordId && row.sent !== null;
  const isCompared = record.compare === 'always' || (record.compare === 'first' && recordId === null);
  const part = isKnown && !isCompared ? changedSince(record, row.sent) : record;
  return {
    sending: {
      profileId: row.profileId,
      seq: row.wantedSeq,
      attempts: row.attempts,
      object,
      matchKey,
      recordId,
      fields: part.fields,
      ifEmpty,
      lists: part.lists,
      hash,
      sent: { ...(recordId === row.recordId && row.sent), ...sentHashesOf(record) },
      settleAs,
      purpose: isCompared ? 'compare' : recordId === null ? 'create' : 'update',
      parentId,
      isParent: row.sourceProfileId !== null,
      isLeft: false,
    },
  };
}

/**
 * A row whose last request never came back is read under the key and record it was sent with, whatever should
 * become of it now: only then is known what the destination holds.
 */
export function recoverRow(row: DueRow, wanted: Sendable | undefined): ClaimedRow {
  const { object, matchKey } = row;
  if (object === null || matchKey === null) throw new Error('A row in flight names neither object nor key.');
  const same = wanted?.record.matchKey === matchKey && wanted.record.object === object ? wanted : undefined;
  return {
    profileId: row.profileId,
    seq: row.wantedSeq,
    attempts: row.attempts,
    object,
    matchKey,
    recordId: row.recordId,
    fields: same?.record.fields ?? {},
    ifEmpty: same?.record.ifEmpty ?? [],
    lists: same?.record.lists ?? [],
    hash: same?.hash ?? null,
    sent: { ...row.sent, ...(same && sentHashesOf(same.record)) },
    settleAs: same?.settleAs ?? asActivated,
    purpose: 'recover',
    parentId: same?.parentId ?? null,
    isParent: row.sourceProfileId !== null && !row.isLeft,
    isLeft: row.isLeft,
  };
}

/** Settles a row without sending: the reason stays until something changes. */
export const excluded = (
  row: DueRow,
  reason: ExclusionReason,
  message: string,
  isMember: boolean,
  matchKey: string | null,
): Settlement => ({
  profileId: row.profileId,
  seq: row.wantedSeq,
  inFlight: row.inFlight,
  result: {
    kind: 'settled',
    status: isMember ? 'excluded' : 'exited',
    code: reason,
    message,
    recordId: null,
    sentHash: null,
    matchKey,
    created: null,
  },
});

/** @param waitMs until it is looked at again. */
export const waiting = (row: DueRow, now: Date, waitMs = busyMs): Settlement => ({
  profileId: row.profileId,
  seq: row.wantedSeq,
  inFlight: null,
  result: {
    kind: 'retry',
    at: new Date(now.getTime() + waitMs),
    code: 'record_busy',
    message: 'Something else of the record is being written, or is still to be decided.',
    recordId: null,
  },
});

const unchanged = (
  row: DueRow,
  recordId: string,
  sentHash: string,
  matchKey: string,
  settleAs: SettleAs,
): Settlement => ({
  profileId: row.profileId,
  seq: row.wantedSeq,
  inFlight: null,
  result: { kind: 'settled', ...settleAs, recordId, sentHash, matchKey, created: false },
});
