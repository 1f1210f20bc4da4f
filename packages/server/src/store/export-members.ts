import { type Db, rows } from './database.ts';

/** Members of a segment that a dataflow does not keep yet, in a range of buckets. */
export async function readUnmarkedMembers(
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
       and (e.profile_id is null or not e.member)`,
    [range.dataflowId, range.segmentId, range.firstBucket, range.lastBucket],
  );
  return found.map((row) => row.profileId);
}

/** Members in a given state, by profile id, a page at a time. */
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
     where dataflow_id = $1 and member and status = any($2) and ($3::uuid is null or profile_id > $3)
     order by profile_id limit $4`,
    [page.dataflowId, page.statuses, page.after ?? null, page.limit],
  );
  return found.map((row) => row.profileId);
}
