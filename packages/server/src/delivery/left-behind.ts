import { exclusionReasons } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import type { DueRow } from '../store/delivery-claims.ts';
import type { Settlement } from '../store/delivery-settlements.ts';
import { findRecordKeepers, type LeftRecord, markLeft, type RecordKeeper } from '../store/left-records.ts';
import { type ClaimedRow, excluded, recoverRow, type Sendable, waiting } from './admit-row.ts';
import { exitedBy } from './decide-delivery.ts';
import type { DecideOptions } from './decide-rows.ts';
import type { DueProfiles } from './read-due-profiles.ts';
import { endedMemberships } from './segment-standings.ts';
import { hashOf, sentHashesOf } from './wanted-record.ts';

/*
 * A record that a merge, a split or another key left with nobody behind it has a row of its own. It is told that its
 * person has left what it was told of, and nothing else of it is touched.
 */

/** Longest wait for a keeper that is not delivered yet: it may go on in the very record. */
const longestWaitMs = 60_000;
const firstWaitMs = 500;

/** What becomes of due rows of records that were left behind. */
export async function decideLeft(
  trx: Trx,
  { rules, dataflow, now }: DecideOptions,
  due: readonly DueRow[],
  profiles: DueProfiles,
): Promise<{ readonly sending: readonly ClaimedRow[]; readonly settlements: readonly Settlement[] }> {
  const sending: ClaimedRow[] = [];
  const settlements: Settlement[] = [];
  for (const [object, rows] of Map.groupBy(due, (row) => row.object)) {
    if (object === null) throw new Error('The row of a record that was left behind names no object.');
    const scope = { ...dataflow, object };
    const recordIds = rows.flatMap(({ recordId }) => recordId ?? []);
    const keepers = await findRecordKeepers(trx, scope, recordIds);
    for (const row of rows) {
      const keeper = row.recordId === null ? undefined : keepers.get(row.recordId);
      const exit = keeper && exitOf(rules, { ...row, object }, keeper, profiles);
      if (row.inFlight !== null) sending.push(recoverRow(row, exit));
      else if (keeper === undefined || row.recordId === null) settlements.push(superseded(row));
      else if (isKeptIn(row.recordId, keeper)) settlements.push(untouched(row));
      else if (keeper.row?.isPending === true) settlements.push(waiting(row, now, waitMs(row)));
      else if (exit === undefined || isDeleted(keeper, profiles)) settlements.push(superseded(row));
      else sending.push(toClaimed(exit, row.recordId));
    }
  }
  return { sending, settlements };
}

/** Its keeper's own row says what it holds, or is about to. */
const isKeptIn = (recordId: string, { row }: RecordKeeper): boolean =>
  row !== null && row.recordId === recordId && (row.member || row.isPending);

/** Its record is the deletion's affair, which is not done with it yet. */
const isDeleted = ({ profileId }: RecordKeeper, profiles: DueProfiles): boolean =>
  profiles.goneBy(profileId) === 'person_deleted';

const waitMs = ({ attempts }: DueRow): number => Math.min(longestWaitMs, firstWaitMs * 2 ** attempts);

/** Undefined where it was told of nothing that a person wants to be told the end of. */
function exitOf(
  rules: DecideOptions['rules'],
  row: DueRow & { readonly object: string },
  { matchKey }: RecordKeeper,
  profiles: DueProfiles,
): Sendable | undefined {
  const { object, sourceProfileId, sent } = row;
  const memberships = profiles.of(sourceProfileId ?? '')?.memberships;
  const { fields, lists } = endedMemberships(rules, memberships, sent ?? undefined);
  if (Object.keys(fields).length + lists.length === 0) return undefined;
  const record = { object, matchKey, fields, lists, ifEmpty: [], compare: 'never', parent: null } as const;
  return { row, record, hash: hashOf(record), settleAs: exitedBy('record_superseded'), parentId: null };
}

const toClaimed = ({ row, record, hash, settleAs }: Sendable, recordId: string): ClaimedRow => ({
  profileId: row.profileId,
  seq: row.wantedSeq,
  attempts: row.attempts,
  object: record.object,
  matchKey: record.matchKey,
  recordId,
  fields: record.fields,
  ifEmpty: [],
  lists: record.lists,
  hash,
  sent: { ...row.sent, ...sentHashesOf(record) },
  settleAs,
  // It may have been merged or converted there into the very record that its person goes on in.
  purpose: 'compare',
  parentId: null,
  isParent: false,
  isLeft: true,
});

const superseded = (row: DueRow): Settlement =>
  excluded(row, 'record_superseded', exclusionReasons.record_superseded.meaning, false, null);

/** The keeper's own row is all there is to say. */
const untouched = ({ profileId, wantedSeq: seq }: DueRow): Settlement => ({
  profileId,
  seq,
  inFlight: null,
  result: {
    kind: 'settled',
    status: 'exited',
    code: null,
    message: null,
    recordId: null,
    sentHash: null,
    matchKey: null,
    created: null,
  },
});

/** A due row that is not in flight, and what becomes of it. */
type Decided = {
  readonly row: DueRow;
  /** The record that it is sent to; undefined where it is sent to none. */
  readonly goesTo?: string | null;
};

/**
 * Has records looked at that rows had until now and go on without: that of a profile which was merged into another, and
 * that of one which is sent to another record, or can no longer be sent to its own since that is kept for another.
 */
export async function markLeftBehind(
  trx: Trx,
  { rules, dataflow, now }: DecideOptions,
  decided: readonly Decided[],
  profiles: DueProfiles,
): Promise<void> {
  if (!rules.tellsMemberships) return;
  const left = decided.flatMap(({ row, goesTo }): LeftRecord[] => {
    const { object, recordId, sent, profileId } = row;
    if (object === null || recordId === null || recordId === goesTo) return [];
    return [{ object, recordId, sent, sourceProfileId: profiles.survivorOf(profileId) ?? profileId }];
  });
  await markLeft(trx, dataflow.dataflowId, left, now);
}
