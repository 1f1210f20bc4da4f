import { bucketOf } from '@headrace/core';
import { bareArray } from './array-parameters.ts';
import { type Db, preparedRows, rows, type Trx } from './database.ts';

export type MembershipStatus = 'realized' | 'existing' | 'exited';

/** Present memberships of the given profiles: profile id → segment id → status. */
export async function readMemberships(
  db: Db,
  profileIds: readonly string[],
): Promise<Map<string, Map<string, MembershipStatus>>> {
  if (profileIds.length === 0) return new Map();
  const found = await preparedRows<{ profileId: string; statuses: Record<string, MembershipStatus> }>(
    db,
    `select m.profile_id as "profileId", json_object_agg(m.segment_id, m.status) as statuses
     from segment_membership m
     join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)
     group by m.bucket, m.profile_id`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds)],
  );
  return new Map(found.map(({ profileId, statuses }) => [profileId, new Map(Object.entries(statuses))]));
}

export async function writeMemberships(
  trx: Trx,
  memberships: readonly {
    readonly profileId: string;
    readonly segmentId: string;
    readonly status: MembershipStatus;
  }[],
  lastQualificationTime: Date,
): Promise<void> {
  if (memberships.length === 0) return;
  await preparedRows(
    trx,
    `insert into segment_membership (bucket, profile_id, segment_id, status, last_qualification_time)
     select bucket, profile_id, segment_id, status, $5
     from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[])
       as written (bucket, profile_id, segment_id, status)
     on conflict (bucket, profile_id, segment_id) do update
     set status = excluded.status, last_qualification_time = excluded.last_qualification_time`,
    [
      bareArray(memberships.map(({ profileId }) => bucketOf(profileId))),
      bareArray(memberships.map(({ profileId }) => profileId)),
      bareArray(memberships.map(({ segmentId }) => segmentId)),
      bareArray(memberships.map(({ status }) => status)),
      lastQualificationTime,
    ],
  );
}

/** Profiles of a segment by status. */
export async function countMemberships(db: Db, segmentId: string): Promise<Record<MembershipStatus, number>> {
  const counts = { realized: 0, existing: 0, exited: 0 };
  const found = await rows<{ status: MembershipStatus; count: number }>(
    db,
    'select status, count(*) as count from segment_membership where segment_id = $1 group by status',
    [segmentId],
  );
  for (const row of found) counts[row.status] = row.count;
  return counts;
}

/** The memberships of one profile with the names of the segments, by name. */
export function readProfileMemberships(
  db: Db,
  profileId: string,
): Promise<{ segmentId: string; name: string; status: MembershipStatus; lastQualificationTime: Date }[]> {
  return rows(
    db,
    `select m.segment_id as "segmentId", s.name, m.status, m.last_qualification_time as "lastQualificationTime"
     from segment_membership m join segment s using (segment_id)
     where m.bucket = $1 and m.profile_id = $2 order by s.name`,
    [bucketOf(profileId), profileId],
  );
}
