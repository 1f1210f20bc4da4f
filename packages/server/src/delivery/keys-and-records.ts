import type { Trx } from '../store/database.ts';
import { markWanted } from '../store/export-marks.ts';
import { findRecordKeepers } from '../store/left-records.ts';
import {
  exchangeMatchKeys,
  findIdleProfiles,
  findKeptRecords,
  findRecordHolders,
  findWaitingRing,
  giveMatchKeys,
  type MatchClaim,
} from '../store/match-claims.ts';
import type { Sendable } from './admit-row.ts';
import { heldAs } from './decide-delivery.ts';
import { hashOf } from './wanted-record.ts';

type KeyScope = {
  readonly accountId: string;
  readonly dataflowId: string;
  readonly object: string;
  /** Of the connection. */
  readonly recordIdsFollowKeys: boolean;
};

/**
 * A profile that has left every segment of the account lets its key go, with the record kept under it: whoever has the
 * key now is kept there. Otherwise a person who was split off would be held up for ever.
 * @returns whether any key was taken over.
 */
export async function takeOverKeys(
  trx: Trx,
  scope: KeyScope,
  wanted: readonly { readonly matchKey: string; readonly profileId: string }[],
  claims: ReadonlyMap<string, MatchClaim>,
  now: Date,
): Promise<boolean> {
  const holders = new Map<string, string>();
  const contested = new Map<string, { matchKey: string; profileId: string }>();
  for (const want of wanted) {
    const holder = claims.get(want.matchKey)?.profileId;
    if (holder === undefined || holder === want.profileId || contested.has(want.matchKey)) continue;
    holders.set(want.matchKey, holder);
    contested.set(want.matchKey, want);
  }
  if (contested.size === 0) return false;
  if (await exchangeKeys(trx, scope, [...contested.values()], now)) return true;
  const idle = await findIdleProfiles(trx, scope.accountId, [...new Set(holders.values())]);
  const given = [...contested.values()].filter(({ matchKey }) => idle.has(holders.get(matchKey) ?? ''));
  await giveMatchKeys(trx, scope, given);
  return given.length > 0;
}

/** Longer rings of profiles that wait for each other's keys stay excluded. */
const longestRing = 8;

/**
 * Members that exchange keys would wait for each other for ever: each key of the ring goes to who waits for it, and
 * each record stays with its profile; where its id is made of the key it stays under that, for to remove it as a record
 * of the former key would be to remove the other one's.
 */
async function exchangeKeys(
  trx: Trx,
  scope: KeyScope,
  wanted: readonly { readonly matchKey: string; readonly profileId: string }[],
  now: Date,
): Promise<boolean> {
  let isAny = false;
  for (const want of wanted) {
    const ring = await findWaitingRing(trx, scope, want, longestRing);
    if (ring === undefined) continue;
    await (scope.recordIdsFollowKeys ? giveMatchKeys : exchangeMatchKeys)(trx, scope, ring);
    const others = ring.filter(({ profileId }) => profileId !== want.profileId);
    await markWanted(
      trx,
      others.map(({ profileId }) => ({ dataflowId: scope.dataflowId, profileId })),
      now,
    );
    isAny = true;
  }
  return isAny;
}

/**
 * An exit is written under the key that its record is kept under: the one that the row was last sent or held up with may
 * be another's.
 */
export async function underOwnKeys(
  trx: Trx,
  scope: { readonly accountId: string; readonly dataflowId: string; readonly object: string },
  candidates: readonly Sendable[],
): Promise<readonly Sendable[]> {
  const isExit = ({ settleAs }: Sendable) => settleAs.code !== null;
  const recordIds = candidates.flatMap((exit) => (isExit(exit) ? (exit.row.recordId ?? []) : []));
  const keepers = await findRecordKeepers(trx, scope, recordIds);
  return candidates.map((exit) => {
    const keeper = isExit(exit) ? keepers.get(exit.row.recordId ?? '') : undefined;
    if (keeper?.profileId !== exit.row.profileId) return exit;
    const record = { ...exit.record, matchKey: keeper.matchKey };
    return { ...exit, record, hash: hashOf(record) };
  });
}

/**
 * A record that is kept for another profile by now, as after a split, is no longer the row's own. What one that is kept
 * for nobody holds is not known: its keeper may have been deleted with it.
 */
export async function withOwnRecords(
  trx: Trx,
  scope: { readonly accountId: string; readonly object: string },
  given: readonly Sendable[],
): Promise<readonly Sendable[]> {
  const candidates = await withRecordsOfObject(trx, scope, given);
  const recordIds = candidates.flatMap(({ row }) => row.recordId ?? []);
  if (recordIds.length === 0) return candidates;
  const holders = await findRecordHolders(trx, scope, recordIds);
  return candidates.map((candidate) => {
    const { recordId, profileId } = candidate.row;
    if (recordId === null) return candidate;
    const holder = holders.get(recordId);
    if (holder === profileId) return candidate;
    const isAnothers = holder !== undefined;
    return {
      ...candidate,
      row: { ...candidate.row, sentHash: null, recordId: isAnothers ? null : recordId },
    };
  });
}

/**
 * A record of another object is not the row's own either: its profile goes on in the record of this object that is kept
 * for it, from before or by another dataflow, or in a new one.
 */
async function withRecordsOfObject(
  trx: Trx,
  scope: { readonly accountId: string; readonly object: string },
  candidates: readonly Sendable[],
): Promise<readonly Sendable[]> {
  const isOther = ({ row }: Sendable) => heldAs(row, scope.object) !== row;
  const others = candidates.filter(isOther);
  if (others.length === 0) return candidates;
  const kept = await findKeptRecords(
    trx,
    scope,
    others.map(({ row }) => row.profileId),
  );
  return candidates.map((candidate) => {
    if (!isOther(candidate)) return candidate;
    const row = heldAs(candidate.row, scope.object);
    return { ...candidate, row: { ...row, recordId: kept.get(row.profileId) ?? null, sentHash: null } };
  });
}
