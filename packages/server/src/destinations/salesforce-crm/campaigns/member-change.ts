import type { Call, Part } from '../composite.ts';
import { type Chunk, type SendResult, sendCollections } from '../send-collections.ts';
import { isOtherStatus, type Member, type Place, personFieldOf } from './read-members.ts';

/** Where an item's record is to stand. */
export type WantedPlace = Place & {
  /** Which item of the batch. */
  readonly index: number;
  /** Null: not on the Campaign. */
  readonly status: string | null;
  /** Just made: it is on no Campaign yet. */
  readonly isNew: boolean;
  /** Written a moment ago, so that it was there. */
  readonly isKnownToBe: boolean;
};

export type MemberChange = {
  readonly place: WantedPlace;
  readonly way: 'insert' | 'update' | 'delete';
  readonly memberId: string | null;
};

/** What makes a place as it is wanted; undefined where it is so already. */
export function toChange(place: WantedPlace, held: Member | undefined): MemberChange | undefined {
  if (!isOtherStatus(held?.status, place.status)) return undefined;
  const way = held === undefined ? 'insert' : place.status === null ? 'delete' : 'update';
  return { place, way, memberId: held?.memberId ?? null };
}

/** Sends changes of all ways together, in as few calls as `sendCollections` does. */
export const sendMembers = (changes: readonly MemberChange[], call: Call): Promise<SendResult[]> =>
  sendCollections(
    changes,
    {
      toChunks,
      toPart,
      idOf: ({ memberId }) => memberId,
      facts: { purpose: 'deliver', effect: 'write', what: 'to write campaign members' },
    },
    call,
  );

function toChunks(changes: readonly MemberChange[], size: number): Chunk<MemberChange>[] {
  const chunks: Chunk<MemberChange>[] = [];
  for (const entries of Map.groupBy(changes, ({ way }) => way).values())
    for (let start = 0; start < entries.length; start += size)
      chunks.push({ entries: entries.slice(start, start + size), isAlone: false });
  return chunks;
}

function toPart(changes: readonly MemberChange[]): Part {
  const [first] = changes;
  if (first?.way === 'delete')
    return {
      method: 'DELETE',
      path: `/composite/sobjects?ids=${changes.map(({ memberId }) => memberId).join(',')}&allOrNone=false`,
    };
  const attributes = { type: 'CampaignMember' };
  const records = changes.map(({ place: { campaignId, personId, status }, memberId }) =>
    memberId === null
      ? { attributes, CampaignId: campaignId, [personFieldOf(personId)]: personId, Status: status }
      : { attributes, id: memberId, Status: status },
  );
  return {
    method: first?.way === 'insert' ? 'POST' : 'PATCH',
    path: '/composite/sobjects',
    body: { allOrNone: false, records },
  };
}
