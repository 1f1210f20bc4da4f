import {
  type DeliveryGroup,
  type ExclusionReason,
  exclusionReasons,
  type FieldValue,
  type PreparedRecord,
} from '@headrace/core';
import type { DueRow } from '../store/delivery-claims.ts';
import type { Settlement } from '../store/delivery-settlements.ts';
import type { MatchClaim } from '../store/match-claims.ts';

/** `recover`: an earlier request of the row never came back, so it is read before anything is decided. */
export type SendPurpose = DeliveryGroup | 'recover';

export type ClaimedRow = {
  readonly profileId: string;
  readonly seq: number;
  readonly attempts: number;
  readonly object: string;
  readonly matchKey: string;
  readonly recordId: string | null;
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Of what is sent; null when reading it back cannot settle the row. */
  readonly hash: string | null;
  readonly purpose: SendPurpose;
};

/** A due row with the record that should be sent for it. */
export type Sendable = {
  readonly row: DueRow;
  readonly record: Extract<PreparedRecord, { kind: 'record' }>;
  readonly hash: string;
};

const busyMs = 1_000;

/**
 * Whether a row may be sent under its key, and how: the record kept for the key goes before the row's own.
 * @param taken records that other rows of the claim are sent to.
 */
export function admitRow(
  { row, record, hash }: Sendable,
  claim: MatchClaim | undefined,
  taken: ReadonlySet<string>,
  now: Date,
): { readonly settlement: Settlement } | { readonly sending: ClaimedRow } {
  const { matchKey, object, fields } = record;
  if (claim === undefined || claim.profileId !== row.profileId) {
    const holder = claim === undefined ? '' : ` It is profile ${claim.profileId}.`;
    const message = `${exclusionReasons.match_key_held.meaning}${holder}`;
    return { settlement: excluded(row, 'match_key_held', message, true, matchKey) };
  }
  const recordId = claim.recordId ?? row.recordId;
  if (recordId !== null && taken.has(recordId))
    return {
      settlement: excluded(row, 'record_held', exclusionReasons.record_held.meaning, true, matchKey),
    };
  // Two creates of one key at once could make two records.
  if (recordId === null && claim.isBusy) return { settlement: waiting(row, now) };
  if (recordId !== null && row.sentHash === hash)
    return { settlement: unchanged(row, recordId, hash, matchKey) };
  return {
    sending: {
      profileId: row.profileId,
      seq: row.wantedSeq,
      attempts: row.attempts,
      object,
      matchKey,
      recordId,
      fields,
      hash,
      purpose: recordId === null ? 'create' : 'update',
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
  const isSameKey = wanted?.record.matchKey === matchKey && wanted.record.object === object;
  return {
    profileId: row.profileId,
    seq: row.wantedSeq,
    attempts: row.attempts,
    object,
    matchKey,
    recordId: row.recordId,
    fields: isSameKey ? wanted.record.fields : {},
    hash: isSameKey ? wanted.hash : null,
    purpose: 'recover',
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

const waiting = (row: DueRow, now: Date): Settlement => ({
  profileId: row.profileId,
  seq: row.wantedSeq,
  inFlight: null,
  result: {
    kind: 'retry',
    at: new Date(now.getTime() + busyMs),
    code: 'record_busy',
    message: 'Another dataflow is writing the same record.',
    recordId: null,
  },
});

const unchanged = (row: DueRow, recordId: string, sentHash: string, matchKey: string): Settlement => ({
  profileId: row.profileId,
  seq: row.wantedSeq,
  inFlight: null,
  result: {
    kind: 'settled',
    status: 'activated',
    code: null,
    message: null,
    recordId,
    sentHash,
    matchKey,
    created: false,
  },
});
