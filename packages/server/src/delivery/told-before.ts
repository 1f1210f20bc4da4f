import type { Trx } from '../store/database.ts';
import type { MatchClaim } from '../store/match-claims.ts';
import { type GoingOn, readToldBefore } from '../store/told-before.ts';
import type { Sendable } from './admit-row.ts';
import type { DecideOptions } from './decide-rows.ts';
import { endedMemberships } from './segment-standings.ts';
import { hashOf } from './wanted-record.ts';

/**
 * A record that a row goes on in may have been told of segments for somebody else, as after a merge: what the row does
 * not speak of has ended.
 * @param claims of the match keys
 */
export async function endToldBefore(
  trx: Trx,
  { rules, dataflow: { dataflowId } }: DecideOptions,
  object: string,
  candidates: readonly Sendable[],
  claims: ReadonlyMap<string, MatchClaim>,
): Promise<readonly Sendable[]> {
  const going = candidates.flatMap((candidate) => goesOnIn(candidate, claims) ?? []);
  if (going.length === 0) return candidates;
  const toldBefore = await readToldBefore(trx, { dataflowId, object }, going);
  return candidates.map((candidate) => {
    const told = toldBefore.get(candidate.row.profileId);
    if (told === undefined) return candidate;
    const ended = endedMemberships(rules, undefined, told ?? undefined);
    const { fields, lists } = candidate.record;
    const spokenOf = new Set(lists.map(({ listId }) => listId));
    const record = {
      ...candidate.record,
      fields: { ...ended.fields, ...fields },
      lists: [...lists, ...ended.lists.filter(({ listId }) => !spokenOf.has(listId))],
    };
    return { ...candidate, record, hash: hashOf(record) };
  });
}

/** Undefined where the row knows all that its record was told, or has none. */
function goesOnIn({ row, record }: Sendable, claims: ReadonlyMap<string, MatchClaim>): GoingOn | undefined {
  const claim = claims.get(record.matchKey);
  if (row.sourceProfileId !== null || claim?.profileId !== row.profileId) return undefined;
  const recordId = claim.recordId ?? row.recordId;
  if (recordId === null || (recordId === row.recordId && row.sent !== null)) return undefined;
  return { profileId: row.profileId, recordId };
}
