import {
  type DeliveryGroup,
  type ExclusionReason,
  exclusionReasons,
  type PreparedRecord,
} from '@headrace/core';
import type { DueRow } from '../store/delivery-claims.ts';
import type { Settlement } from '../store/delivery-settlements.ts';
import type { MatchClaim } from '../store/match-claims.ts';

/** `recover`: an earlier request of the row never came back, so it is read before anything is written. */
export type SendPurpose = DeliveryGroup | 'recover';

export type ClaimedRow = {
  readonly profileId: string;
  readonly seq: number;
  readonly attempts: number;
  readonly recordId: string | null;
  readonly record: Extract<PreparedRecord, { kind: 'record' }>;
  readonly hash: string;
};

export type AdmittedRow = ClaimedRow & { readonly purpose: SendPurpose };

/** A due row with the record that should be sent for it. */
export type Sendable = Pick<ClaimedRow, 'record' | 'hash'> & {
  readonly row: DueRow;
  readonly matchKey: string;
};

/** Whether a row may be sent under its key, and how: the record kept for the key goes before the row's own. */
export function admitRow(
  { row, record, hash }: Sendable,
  claim: MatchClaim | undefined,
): { readonly settlement: Settlement } | { readonly sending: AdmittedRow } {
  if (claim === undefined || claim.profileId !== row.profileId) {
    const holder = claim === undefined ? '' : ` It is profile ${claim.profileId}.`;
    const message = `${exclusionReasons.match_key_held.meaning}${holder}`;
    return { settlement: excluded(row, 'match_key_held', message, true, record.matchKey) };
  }
  const recordId = claim.recordId ?? row.recordId;
  if (row.inFlight === null && recordId !== null && row.sentHash === hash)
    return { settlement: unchanged(row, recordId, hash, record.matchKey) };
  const purpose = row.inFlight !== null ? 'recover' : recordId === null ? 'create' : 'update';
  return {
    sending: {
      profileId: row.profileId,
      seq: row.wantedSeq,
      attempts: row.attempts,
      recordId,
      record,
      hash,
      purpose,
    },
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
