import type { BucketRange, JsonObject } from '@headrace/core';
import { maybeRow, rows, type Trx } from './database.ts';
import { hasChanged } from './population-scan.ts';
import type { RuleSql } from './segment-sql/condition-of.ts';

/** Profiles that entered a segment and that left it. */
export type SegmentMoves = { readonly entered: number; readonly left: number };

export type WrittenSegment = {
  readonly segmentId: string;
  readonly sql: RuleSql;
  readonly isTold: boolean;
  /** What it finds was read before (`scannedSql`): who changed since stays as it is. */
  readonly isScanned?: boolean;
};

/**
 * Brings the memberships of one segment up to date for the profiles of some buckets, in one statement: present states,
 * the past ones they replace, and how many entered and left, as `writeTransitions` does.
 * @param rule an exact one.
 * @param isTold whether the profiles that entered or left are returned; there may be many.
 * @returns how many entered and left, and which.
 */
export async function writeSegmentMembers(
  trx: Trx,
  { segmentId, sql, isTold, isScanned = false }: WrittenSegment,
  { firstBucket, lastBucket }: BucketRange,
  now: Date,
): Promise<SegmentMoves & { readonly told: readonly (readonly [profileId: string, isMember: boolean])[] }> {
  // What is found is put in order, which takes index pages one after the other, and fits in memory for the most part.
  await trx.query(`set local work_mem = '64MB'`);
  const [segment, at, told] = [3, 4, 5].map((place) => `$${place + sql.values.length}`);
  const written = await maybeRow<Awaited<ReturnType<typeof writeSegmentMembers>>>(
    trx,
    `with found as (
       select p.bucket, p.profile_id from ${sql.from}
       where p.bucket between $1 and $2 and ${sql.condition}
     ), present as (
       select bucket, profile_id, status, last_qualification_time as since
       from segment_membership m where segment_id = ${segment}::uuid and bucket between $1 and $2
         ${isScanned ? `and not ${hasChanged('m')}` : ''}
     ), changed as materialized (
       select bucket, profile_id, found.profile_id is not null as is_member, present.status, present.since
       from found full join present using (bucket, profile_id)
       where (found.profile_id is not null) <> coalesce(present.status <> 'exited', false)
       order by bucket, profile_id
     ), entered as (
       insert into segment_membership (bucket, profile_id, segment_id, status, last_qualification_time)
       select bucket, profile_id, ${segment}::uuid, 'realized', ${at}::timestamptz
       from changed where status is null
     ), written as (
       insert into segment_membership (bucket, profile_id, segment_id, status, last_qualification_time)
       select bucket, profile_id, ${segment}::uuid, case when is_member then 'realized' else 'exited' end,
         ${at}::timestamptz
       from changed where status is not null
       on conflict (bucket, profile_id, segment_id) do update
       set status = excluded.status, last_qualification_time = excluded.last_qualification_time
     ), past as (
       insert into segment_membership_change (bucket, profile_id, segment_id, status, since, at)
       select bucket, profile_id, ${segment}::uuid, status, since, ${at}::timestamptz
       from changed where status is not null
       on conflict do nothing
     ), moved as (
       select count(*) filter (where is_member) as entered, count(*) filter (where not is_member) as "left",
         coalesce(json_agg(json_build_array(profile_id, is_member)) filter (where ${told}::boolean), '[]') as told
       from changed
     ), counted as (
       insert into segment_count (segment_id, hour, entered, "left")
       select ${segment}::uuid, date_trunc('hour', ${at}::timestamptz), entered, "left"
       from moved where entered + "left" > 0
       on conflict (segment_id, hour) do update
       set entered = segment_count.entered + excluded.entered, "left" = segment_count."left" + excluded."left"
     )
     select entered, "left", told from moved`,
    [firstBucket, lastBucket, ...sql.values, segmentId, now, isTold],
  );
  return written ?? { entered: 0, left: 0, told: [] };
}

/** Profiles of some buckets that may fulfil a rule, and those that are in its segment. */
export function readCandidates(
  trx: Trx,
  { segmentId, sql }: { readonly segmentId: string; readonly sql: RuleSql },
  { firstBucket, lastBucket }: BucketRange,
): Promise<{ profileId: string; document: JsonObject }[]> {
  return rows(
    trx,
    `select p.profile_id as "profileId", p.document from ${sql.from}
     where p.bucket between $1 and $2 and (${sql.condition} or exists (
       select from segment_membership m where m.bucket = p.bucket and m.profile_id = p.profile_id
         and m.segment_id = $${3 + sql.values.length}::uuid and m.status <> 'exited'))`,
    [firstBucket, lastBucket, ...sql.values, segmentId],
  );
}

export async function countProfilesInBuckets(
  trx: Trx,
  { firstBucket, lastBucket }: BucketRange,
): Promise<number> {
  const counted = await maybeRow<{ count: number }>(
    trx,
    'select count(*) as count from profile where bucket between $1 and $2',
    [firstBucket, lastBucket],
  );
  return counted?.count ?? 0;
}
