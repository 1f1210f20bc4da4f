import { bucketOf, type JsonObject, type ProfileFragment } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

/** The merged documents of those of the given profiles that exist. */
export async function readDocuments(db: Db, profileIds: readonly string[]): Promise<Map<string, JsonObject>> {
  const found = await rows<{ profileId: string; document: JsonObject }>(
    db,
    `select p.profile_id as "profileId", p.document
     from profile p
     join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)`,
    [profileIds.map(bucketOf), profileIds],
  );
  return new Map(found.map((row) => [row.profileId, row.document]));
}

/** Writes merged documents; each write raises the version. */
export async function writeDocuments(
  trx: Trx,
  profiles: readonly { readonly profileId: string; readonly document: JsonObject }[],
  now: Date,
): Promise<void> {
  if (profiles.length === 0) return;
  await trx.query(
    `insert into profile (bucket, profile_id, document, version, updated_at)
     select bucket, profile_id, document::jsonb, 1, $4
     from unnest($1::smallint[], $2::uuid[], $3::text[]) as written (bucket, profile_id, document)
     on conflict (bucket, profile_id) do update
     set document = excluded.document, version = profile.version + 1, updated_at = excluded.updated_at`,
    [
      profiles.map((profile) => bucketOf(profile.profileId)),
      profiles.map((profile) => profile.profileId),
      profiles.map((profile) => JSON.stringify(profile.document)),
      now,
    ],
  );
}

/** All fragments of the given profiles, by profile id. */
export async function readFragments(
  db: Db,
  profileIds: readonly string[],
): Promise<Map<string, ProfileFragment[]>> {
  const found = await rows<ProfileFragmentRow>(
    db,
    `select f.profile_id as "profileId", f.dataset_id as "datasetId", f.namespace, f.value,
       f.record_id as "recordId", f.stamp, f.identities, f.document
     from profile_fragment f
     join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)`,
    [profileIds.map(bucketOf), profileIds],
  );
  const byProfile = new Map<string, ProfileFragment[]>();
  for (const row of found) {
    const fragments = byProfile.get(row.profileId) ?? [];
    fragments.push({
      datasetId: row.datasetId,
      primary: { namespace: row.namespace, value: row.value },
      recordId: row.recordId,
      stampMs: row.stamp.getTime(),
      identities: row.identities,
      document: row.document,
    });
    byProfile.set(row.profileId, fragments);
  }
  return byProfile;
}

type ProfileFragmentRow = {
  profileId: string;
  datasetId: string;
  namespace: string;
  value: string;
  recordId: string;
  stamp: Date;
  identities: ProfileFragment['identities'];
  document: JsonObject;
};

/** Replaces fragments: the caller has decided that each is the newest of its key. */
export async function writeFragments(
  trx: Trx,
  fragments: readonly { readonly profileId: string; readonly fragment: ProfileFragment }[],
): Promise<void> {
  if (fragments.length === 0) return;
  await trx.query(
    `insert into profile_fragment
       (bucket, profile_id, dataset_id, namespace, value, record_id, stamp, identities, document)
     select bucket, profile_id, dataset_id, namespace, value, record_id, stamp, identities::jsonb, document::jsonb
     from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
       $7::timestamptz[], $8::text[], $9::text[])
       as written (bucket, profile_id, dataset_id, namespace, value, record_id, stamp, identities, document)
     on conflict (bucket, profile_id, dataset_id, namespace, value) do update
     set record_id = excluded.record_id, stamp = excluded.stamp, identities = excluded.identities,
       document = excluded.document`,
    [
      fragments.map(({ profileId }) => bucketOf(profileId)),
      fragments.map(({ profileId }) => profileId),
      fragments.map(({ fragment }) => fragment.datasetId),
      fragments.map(({ fragment }) => fragment.primary.namespace),
      fragments.map(({ fragment }) => fragment.primary.value),
      fragments.map(({ fragment }) => fragment.recordId),
      fragments.map(({ fragment }) => new Date(fragment.stampMs)),
      fragments.map(({ fragment }) => JSON.stringify(fragment.identities)),
      fragments.map(({ fragment }) => JSON.stringify(fragment.document)),
    ],
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
