import type { ReadBatch, ReadRecord } from '@headrace/core';
import type { Call } from '../composite.ts';
import { objectOfId, recordKey } from '../records/record-id.ts';
import { type ReadOrder, readRows } from '../records/run-queries.ts';
import { queryPath, quoteSoql, toQueries } from '../records/soql.ts';

/** A person's place on a Campaign: that of a Contact or of a Lead. */
export type Place = { readonly campaignId: string; readonly personId: string };
export type Member = { readonly memberId: string; readonly status: string };
/** By `placeKey`. */
export type Members = ReadonlyMap<string, Member>;

export const placeKey = ({ campaignId, personId }: Place): string =>
  `${recordKey(campaignId)} ${recordKey(personId)}`;

/** The field of CampaignMember that names the person. */
export const personFieldOf = (personId: string): 'ContactId' | 'LeadId' =>
  objectOfId(personId) === 'Lead' ? 'LeadId' : 'ContactId';

/** Whether a member has another status than is wanted; statuses are compared as Salesforce does, without case. */
export const isOtherStatus = (held: string | undefined, wanted: string | null): boolean =>
  held?.toLowerCase() !== wanted?.toLowerCase();

/** Reads who is a member where, in one call for 1,000 people. */
export async function readMembers(places: readonly Place[], call: Call): Promise<Members> {
  const orders = [...Map.groupBy(places, ({ personId }) => personFieldOf(personId))].flatMap(
    ([field, group]) => toOrders(field, group),
  );
  const rows = (await readRows(orders, 'for campaign members', call)).flat();
  return new Map(
    rows.flatMap(({ Id, CampaignId, ContactId, LeadId, Status }) =>
      // A Lead that was converted stays on its member, beside the Contact.
      [ContactId, LeadId].flatMap((personId): [string, Member][] =>
        typeof personId === 'string'
          ? [
              [
                placeKey({ campaignId: String(CampaignId), personId }),
                { memberId: Id, status: String(Status) },
              ],
            ]
          : [],
      ),
    ),
  );
}

function toOrders(field: string, places: readonly Place[]): ReadOrder[] {
  const campaigns = distinct(places.map(({ campaignId }) => campaignId)).map(quoteSoql);
  const people = distinct(places.map(({ personId }) => personId)).map(quoteSoql);
  const prefix = `SELECT Id,CampaignId,ContactId,LeadId,Status FROM CampaignMember WHERE CampaignId IN (${campaigns.join(',')}) AND ${field} IN`;
  return toQueries(prefix, people).map((soql) => ({ kind: 'query', path: queryPath(soql) }));
}

const distinct = (ids: readonly string[]): string[] => [...new Set(ids)];

/** Adds to what was read of records on which of the items' lists they stand otherwise. */
export async function addDifferingLists(
  { items }: ReadBatch,
  reads: readonly ReadRecord[],
  call: Call,
): Promise<ReadRecord[]> {
  const places = reads.flatMap((read, index) =>
    read.kind === 'found'
      ? (items[index]?.lists ?? []).map(({ listId }) => ({ campaignId: listId, personId: read.recordId }))
      : [],
  );
  if (places.length === 0) return [...reads];
  const members = await readMembers(places, call);
  return reads.map((read, index) => {
    if (read.kind !== 'found') return read;
    const { recordId } = read;
    const differing = (items[index]?.lists ?? []).filter(({ listId, status }) =>
      isOtherStatus(members.get(placeKey({ campaignId: listId, personId: recordId }))?.status, status),
    );
    return { ...read, differingLists: differing.map(({ listId }) => listId) };
  });
}
