import { bucketOf } from '@headrace/core';
import { type Db, rows } from './database.ts';
import type { DueRow } from './delivery-claims.ts';

/**
 * Members of a segment whom a new activation of it says something of, in a range of buckets: those that the dataflow does
 * not keep yet, and where the destination is told of each segment all. None once the activation is deleted.
 */
export async function readNewMembers(
  db: Db,
  range: {
    readonly dataflowId: string;
    readonly segmentId: string;
    readonly firstBucket: number;
    readonly lastBucket: number;
  },
): Promise<string[]> {
  const found = await rows<{ profileId: string }>(
    db,
    `select m.profile_id as "profileId"
     from segment_membership m
     left join export_state e
       on e.bucket = m.bucket and e.dataflow_id = $1 and e.profile_id = m.profile_id
     where m.bucket between $3 and $4 and m.segment_id = $2 and m.status <> 'exited'
       and (e.profile_id is null or not e.member
         or (select tells_memberships from dataflow where dataflow_id = $1))
       and exists (select from activation where dataflow_id = $1 and segment_id = $2)`,
    [range.dataflowId, range.segmentId, range.firstBucket, range.lastBucket],
  );
  return found.map((row) => row.profileId);
}

/** Members of a dataflow in a range of buckets, and whether they are in any of some segments. */
export function readMembersOf(
  db: Db,
  range: {
    readonly dataflowId: string;
    readonly segmentIds: readonly string[];
    readonly firstBucket: number;
    readonly lastBucket: number;
  },
): Promise<{ profileId: string; isIn: boolean }[]> {
  return rows(
    db,
    `select e.profile_id as "profileId", exists (
       select from segment_membership m where m.bucket = e.bucket and m.profile_id = e.profile_id
         and m.segment_id = any($2) and m.status <> 'exited') as "isIn"
     from export_state e where e.dataflow_id = $1 and e.member and e.bucket between $3 and $4`,
    [range.dataflowId, range.segmentIds, range.firstBucket, range.lastBucket],
  );
}

/** Members in a given state, a page at a time in the order of the primary key. */
export async function readMembersInState(
  db: Db,
  page: {
    readonly dataflowId: string;
    readonly statuses: readonly string[];
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<string[]> {
  const found = await rows<{ profileId: string }>(
    db,
    `select profile_id as "profileId" from export_state
     where dataflow_id = $1 and member and status = any($2)
       and bucket >= $3 and (bucket > $3 or $4::uuid is null or profile_id > $4)
     order by bucket, profile_id limit $5`,
    [page.dataflowId, page.statuses, ...afterColumns(page.after), page.limit],
  );
  return found.map((row) => row.profileId);
}

/** Profiles with a record at the destination, or that may be getting one, in a range of buckets. */
export function readDelivered(
  db: Db,
  range: {
    readonly dataflowId: string;
    /** Also those that have left. */
    readonly withExited: boolean;
    readonly firstBucket: number;
    readonly lastBucket: number;
  },
): Promise<{ profileId: string; member: boolean }[]> {
  return rows(
    db,
    `select profile_id as "profileId", member from export_state
     where dataflow_id = $1 and (member or $2) and source_profile_id is null
       and (record_id is not null or in_flight is not null) and bucket between $3 and $4`,
    [range.dataflowId, range.withExited, range.firstBucket, range.lastBucket],
  );
}

export type KeptRecord = Pick<DueRow, 'profileId' | 'recordId' | 'object' | 'matchKey' | 'sent'>;

/** Activated members with the records kept for them, a page at a time in the order of the primary key. */
export function readKeptRecords(
  db: Db,
  page: { readonly dataflowId: string; readonly after: string | undefined; readonly limit: number },
): Promise<KeptRecord[]> {
  return rows(
    db,
    `select profile_id as "profileId", record_id as "recordId", object, match_key as "matchKey", sent
     from export_state
     where dataflow_id = $1 and member and status = 'activated'
       and bucket >= $2 and (bucket > $2 or $3::uuid is null or profile_id > $3)
     order by bucket, profile_id limit $4`,
    [page.dataflowId, ...afterColumns(page.after), page.limit],
  );
}

/** Bucket and profile id a page starts behind. */
const afterColumns = (after: string | undefined): [number, string | null] =>
  after === undefined ? [0, null] : [bucketOf(after), after];
