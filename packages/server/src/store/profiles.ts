import { type BucketRange, bucketOf, type JsonObject } from '@headrace/core';
import { bareArray, jsonLines } from './array-parameters.ts';
import { type Db, maybeRow, preparedRows, rows, type Trx } from './database.ts';

export type ProfileRow = {
  readonly profileId: string;
  readonly document: JsonObject;
  readonly version: number;
};

/** The merged documents of those of the given profiles that exist. */
export async function readDocuments(db: Db, profileIds: readonly string[]): Promise<Map<string, JsonObject>> {
  return new Map((await readProfiles(db, profileIds)).map((row) => [row.profileId, row.document]));
}

/** Those of the given profiles that exist. */
export async function readProfiles(db: Db, profileIds: readonly string[]): Promise<ProfileRow[]> {
  if (profileIds.length === 0) return [];
  return preparedRows(
    db,
    `select p.profile_id as "profileId", p.document, p.version
     from profile p
     join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds)],
  );
}

/** Which of the given profiles exist. */
export async function findProfiles(db: Db, profileIds: readonly string[]): Promise<Set<string>> {
  const found = await rows<{ profileId: string }>(
    db,
    `select p.profile_id as "profileId" from profile p
     join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)`,
    [profileIds.map(bucketOf), profileIds],
  );
  return new Set(found.map((row) => row.profileId));
}

/** Writes merged documents; each write raises the version. */
export async function writeDocuments(
  trx: Trx,
  profiles: readonly { readonly profileId: string; readonly document: JsonObject }[],
  now: Date,
): Promise<void> {
  if (profiles.length === 0) return;
  await preparedRows(
    trx,
    `insert into profile (bucket, profile_id, document, version, created_at, updated_at)
     select bucket, profile_id, document::jsonb, 1, $4, $4
     from unnest($1::smallint[], $2::uuid[], string_to_array($3, E'\\n')) as written (bucket, profile_id, document)
     on conflict (bucket, profile_id) do update
     set document = excluded.document, version = profile.version + 1, updated_at = excluded.updated_at`,
    [
      bareArray(profiles.map(({ profileId }) => bucketOf(profileId))),
      bareArray(profiles.map(({ profileId }) => profileId)),
      jsonLines(profiles.map(({ document }) => document)),
      now,
    ],
  );
}

/** Removes profiles that have no fragment left, with their history and memberships, which are counted as left. */
export async function deleteProfiles(trx: Trx, profileIds: readonly string[], now: Date): Promise<void> {
  if (profileIds.length === 0) return;
  const gone = 'unnest($1::smallint[], $2::uuid[]) as gone (bucket, profile_id)';
  await trx.query(
    `with ended as (
       delete from segment_membership t using ${gone}
       where t.bucket = gone.bucket and t.profile_id = gone.profile_id returning t.segment_id, t.status
     )
     insert into segment_count (segment_id, hour, "left")
     select segment_id, date_trunc('hour', $3::timestamptz), count(*) from ended where status <> 'exited'
     group by segment_id order by segment_id
     on conflict (segment_id, hour) do update set "left" = segment_count."left" + excluded."left"`,
    [profileIds.map(bucketOf), profileIds, now],
  );
  for (const table of ['segment_membership_change', 'evaluation_due', 'profile_change', 'profile'])
    await trx.query(
      `delete from ${table} t using ${gone} where t.bucket = gone.bucket and t.profile_id = gone.profile_id`,
      [profileIds.map(bucketOf), profileIds],
    );
}

/** Documents of a range of buckets, for work on the whole population. */
export async function readDocumentsInBuckets(
  db: Db,
  firstBucket: number,
  lastBucket: number,
): Promise<{ profileId: string; document: JsonObject }[]> {
  return rows(db, `select profile_id as "profileId", document from profile where bucket between $1 and $2`, [
    firstBucket,
    lastBucket,
  ]);
}

export async function countProfiles(db: Db): Promise<number> {
  return (await maybeRow<{ count: number }>(db, 'select count(*) as count from profile'))?.count ?? 0;
}

export async function readProfileIdsInBuckets(
  db: Db,
  { firstBucket, lastBucket }: BucketRange,
): Promise<string[]> {
  const found = await rows<{ profileId: string }>(
    db,
    'select profile_id as "profileId" from profile where bucket between $1 and $2 order by bucket, profile_id',
    [firstBucket, lastBucket],
  );
  return found.map((row) => row.profileId);
}
