import { type BucketRange, bucketOf } from '@headrace/core';
import { bareArray } from './array-parameters.ts';
import { type Db, preparedRows, rows, type Trx, together } from './database.ts';
import { isSeen } from './segments.ts';

export type MembershipStatus = 'realized' | 'existing' | 'exited';

/**
 * The status of `segment_membership m` in `segment s`, as people see it: a member since before the last evaluation over
 * everyone began is existing, one that entered later realized. Whoever decides something asks for `isMember` alone.
 */
export const statusInTime = `case when m.status <> 'exited' and m.last_qualification_time < s.evaluation_began_at
  then 'existing' else m.status end`;

export type Membership = { readonly status: MembershipStatus; readonly since: Date };

/** Present memberships of the given profiles: profile id → segment id → state. */
export async function readMemberships(
  db: Db,
  profileIds: readonly string[],
): Promise<Map<string, Map<string, Membership>>> {
  if (profileIds.length === 0) return new Map();
  const found = await preparedRows<{
    profileId: string;
    states: Record<string, readonly [MembershipStatus, number]>;
  }>(
    db,
    `select m.profile_id as "profileId", json_object_agg(m.segment_id, json_build_array(m.status,
       round(extract(epoch from m.last_qualification_time) * 1000))) as states
     from segment_membership m
     join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)
     group by m.bucket, m.profile_id`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds)],
  );
  return new Map(
    found.map(({ profileId, states }) => [
      profileId,
      new Map(
        Object.entries(states).map(([segmentId, [status, since]]) => [
          segmentId,
          { status, since: new Date(since) },
        ]),
      ),
    ]),
  );
}

/** The segments that memberships, by segment id, are of. */
export const membersIn = (states: ReadonlyMap<string, Pick<Membership, 'status'>> | undefined): Set<string> =>
  new Set([...(states ?? [])].flatMap(([segmentId, state]) => (isMember(state) ? [segmentId] : [])));

export const isMember = (state: Pick<Membership, 'status'> | undefined): boolean =>
  state !== undefined && state.status !== 'exited';

/** A membership as it is to be. */
export type WrittenMembership = {
  readonly profileId: string;
  readonly segmentId: string;
  readonly status: MembershipStatus;
  /** The instant at which it became so. */
  readonly lastQualificationTime: Date;
};
/** What a membership was, until when. */
export type PastMembership = {
  readonly profileId: string;
  readonly segmentId: string;
  readonly status: MembershipStatus;
  readonly since: Date;
  readonly at: Date;
};

/** Writes memberships that change, and what they were before. */
export async function writeMemberships(
  trx: Trx,
  memberships: readonly WrittenMembership[],
  past: readonly PastMembership[],
): Promise<void> {
  await together(
    memberships.length > 0 &&
      preparedRows(
        trx,
        `insert into segment_membership (bucket, profile_id, segment_id, status, last_qualification_time)
       select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])
       on conflict (bucket, profile_id, segment_id) do update
       set status = excluded.status, last_qualification_time = excluded.last_qualification_time`,
        [
          ...keyColumns(memberships),
          bareArray(memberships.map(({ status }) => status)),
          bareArray(memberships.map(({ lastQualificationTime }) => lastQualificationTime.toISOString())),
        ],
      ),
    past.length > 0 &&
      preparedRows(
        trx,
        `insert into segment_membership_change (bucket, profile_id, segment_id, status, since, at)
       select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[])
       on conflict do nothing`,
        [
          ...keyColumns(past),
          bareArray(past.map(({ status }) => status)),
          bareArray(past.map(({ since }) => since.toISOString())),
          bareArray(past.map(({ at }) => at.toISOString())),
        ],
      ),
  );
}

const keyColumns = (keys: readonly { readonly profileId: string; readonly segmentId: string }[]) => [
  bareArray(keys.map(({ profileId }) => bucketOf(profileId))),
  bareArray(keys.map(({ profileId }) => profileId)),
  bareArray(keys.map(({ segmentId }) => segmentId)),
];

/** How many profiles entered and left segments, in the transaction that writes it. */
export async function countMoves(
  trx: Trx,
  moves: ReadonlyMap<string, { readonly entered: number; readonly left: number }>,
  now: Date,
): Promise<void> {
  if (moves.size === 0) return;
  const counted = [...moves].sort(([a], [b]) => (a < b ? -1 : 1));
  await preparedRows(
    trx,
    `insert into segment_count (segment_id, hour, entered, "left")
     select segment_id, date_trunc('hour', $4::timestamptz), entered, gone
     from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as moved (segment_id, entered, gone)
     on conflict (segment_id, hour) do update
     set entered = segment_count.entered + excluded.entered, "left" = segment_count."left" + excluded."left"`,
    [
      bareArray(counted.map(([segmentId]) => segmentId)),
      bareArray(counted.map(([, { entered }]) => entered)),
      bareArray(counted.map(([, { left }]) => left)),
      now,
    ],
  );
}

/** Members of a segment by the end of each hour in which that changed, oldest first. */
export function readCounts(
  db: Db,
  segmentId: string,
  since: Date,
): Promise<{ hour: Date; entered: number; left: number; members: number }[]> {
  return rows(
    db,
    `select * from (
       select hour, entered, "left",
         (sum(entered - "left") over (order by hour))::bigint as members
       from segment_count where segment_id = $1) as counted
     where hour >= $2 order by hour`,
    [segmentId, since],
  );
}

/** Past states of the memberships of one profile, newest first. */
export function readMembershipHistory(
  db: Db,
  profileId: string,
  limit: number,
): Promise<{ segmentId: string; status: MembershipStatus; since: Date; at: Date }[]> {
  return rows(
    db,
    `select segment_id as "segmentId", status, since, at from segment_membership_change
     join segment using (segment_id)
     where bucket = $1 and profile_id = $2 and ${isSeen} order by at desc, since desc, segment_id limit $3`,
    [bucketOf(profileId), profileId, limit],
  );
}

/** Profiles of some buckets of which a membership became what it is at an instant. */
export async function readProfilesChangedAt(
  trx: Trx,
  at: Date,
  { firstBucket, lastBucket }: BucketRange,
): Promise<string[]> {
  const found = await rows<{ profileId: string }>(
    trx,
    `select distinct bucket, profile_id as "profileId" from segment_membership
     where bucket between $1 and $2 and last_qualification_time = $3 order by bucket, profile_id`,
    [firstBucket, lastBucket, at],
  );
  return found.map(({ profileId }) => profileId);
}

/** Profiles of a segment by status. */
export async function countMemberships(db: Db, segmentId: string): Promise<Record<MembershipStatus, number>> {
  const counts = { realized: 0, existing: 0, exited: 0 };
  const found = await rows<{ status: MembershipStatus; count: number }>(
    db,
    `select ${statusInTime} as status, count(*) as count
     from segment_membership m join segment s using (segment_id) where segment_id = $1 group by 1`,
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
    `select m.segment_id as "segmentId", s.name, ${statusInTime} as status, m.last_qualification_time as "lastQualificationTime"
     from segment_membership m join segment s using (segment_id)
     where m.bucket = $1 and m.profile_id = $2 and ${isSeen} order by s.name`,
    [bucketOf(profileId), profileId],
  );
}

/** Which profiles of a segment are wanted. */
export type MemberFilter = {
  /** Members when left out. */
  readonly status?: MembershipStatus;
  /** Only these profiles. */
  readonly profileIds?: readonly string[];
};

/** Profiles of a segment, a page at a time in the order of the primary key. */
export function readSegmentMembers(
  db: Db,
  segmentId: string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
  { status, profileIds }: MemberFilter = {},
): Promise<{ profileId: string; status: MembershipStatus; lastQualificationTime: Date }[]> {
  return rows(
    db,
    `select profile_id as "profileId", ${statusInTime} as status,
       m.last_qualification_time as "lastQualificationTime"
     from segment_membership m join segment s using (segment_id)
     where segment_id = $1 and (m.status <> 'exited') = ($5::text is distinct from 'exited')
       and ($5::text is null or ${statusInTime} = $5)
       and ($6::uuid[] is null or profile_id = any($6))
       and bucket >= $2 and (bucket > $2 or $3::uuid is null or profile_id > $3)
     order by bucket, profile_id limit $4`,
    [
      segmentId,
      after === undefined ? 0 : bucketOf(after),
      after ?? null,
      limit,
      status ?? null,
      profileIds ?? null,
    ],
  );
}
