import {
  type BucketRange,
  bucketOf,
  type FragmentLink,
  type JsonObject,
  type PlacedFragment,
  type ProfileFragment,
} from '@headrace/core';
import { type Db, rows, type Trx } from './database.ts';

/** All fragments of the given profiles, by profile id; without an entry for profiles that have none. */
export async function readFragments(
  db: Db,
  profileIds: readonly string[],
): Promise<Map<string, ProfileFragment[]>> {
  const found = await rows<FragmentRow>(
    db,
    `select f.profile_id as "profileId", f.dataset_id as "datasetId", f.namespace, f.value,
       f.origin_id as "originId", f.record_id as "recordId", f.stamp, f.batch_id as "batchId",
       f.received_at as "receivedAt", f.identities, f.document
     from profile_fragment f
     join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)`,
    [profileIds.map(bucketOf), profileIds],
  );
  const byProfile = new Map<string, ProfileFragment[]>();
  for (const row of found) {
    const fragments = byProfile.get(row.profileId);
    const fragment = toFragment(row);
    if (fragments === undefined) byProfile.set(row.profileId, [fragment]);
    else fragments.push(fragment);
  }
  return byProfile;
}

/** Profiles of some buckets that have a fragment of the dataset. */
export async function findProfilesWithDataset(
  db: Db,
  datasetId: string,
  { firstBucket, lastBucket }: BucketRange,
): Promise<string[]> {
  const found = await rows<{ profileId: string }>(
    db,
    `select distinct profile_id as "profileId" from profile_fragment
     where dataset_id = $1 and bucket between $2 and $3`,
    [datasetId, firstBucket, lastBucket],
  );
  return found.map(({ profileId }) => profileId);
}

type FragmentRow = {
  profileId: string;
  datasetId: string;
  namespace: string;
  value: string;
  originId: string;
  recordId: string;
  stamp: Date;
  batchId: string | null;
  receivedAt: Date;
  identities: readonly FragmentLink[];
  document: JsonObject;
};

const toFragment = (row: FragmentRow): ProfileFragment => ({
  datasetId: row.datasetId,
  primary: { namespace: row.namespace, value: row.value },
  originId: row.originId,
  recordId: row.recordId,
  stampMs: row.stamp.getTime(),
  batchId: row.batchId,
  receivedMs: row.receivedAt.getTime(),
  links: row.identities,
  document: row.document,
});

/** Adds fragments, or replaces those that stand in the same place. */
export async function writeFragments(trx: Trx, placed: readonly PlacedFragment[]): Promise<void> {
  if (placed.length === 0) return;
  await trx.query(
    `insert into profile_fragment
       (bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp, batch_id, received_at,
         identities, document)
     select bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp, batch_id, received_at,
       identities::jsonb, document::jsonb
     from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[],
       $8::timestamptz[], $9::uuid[], $10::timestamptz[], $11::text[], $12::text[])
       as written (bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp, batch_id,
         received_at, identities, document)
     on conflict (bucket, profile_id, dataset_id, namespace, value) do update
     set origin_id = excluded.origin_id, record_id = excluded.record_id, stamp = excluded.stamp,
       batch_id = excluded.batch_id, received_at = excluded.received_at, identities = excluded.identities,
       document = excluded.document`,
    [
      ...keyColumns(placed),
      placed.map(({ fragment }) => fragment.originId),
      placed.map(({ fragment }) => fragment.recordId),
      placed.map(({ fragment }) => new Date(fragment.stampMs)),
      placed.map(({ fragment }) => fragment.batchId),
      placed.map(({ fragment }) => new Date(fragment.receivedMs)),
      placed.map(({ fragment }) => JSON.stringify(fragment.links)),
      placed.map(({ fragment }) => JSON.stringify(fragment.document)),
    ],
  );
}

/** Removes fragments from where they stand. */
export async function deleteFragments(trx: Trx, placed: readonly PlacedFragment[]): Promise<void> {
  if (placed.length === 0) return;
  await trx.query(
    `delete from profile_fragment f using ${keyRows} where ${sameKey('f')}`,
    keyColumns(placed),
  );
}

/** The columns of a fragment's place as parameters $1 to $5; used by `keyRows`. */
export const keyColumns = (placed: readonly PlacedFragment[]): unknown[] => [
  placed.map(({ profileId }) => bucketOf(profileId)),
  placed.map(({ profileId }) => profileId),
  placed.map(({ fragment }) => fragment.datasetId),
  placed.map(({ fragment }) => fragment.primary.namespace),
  placed.map(({ fragment }) => fragment.primary.value),
];
export const keyRows = `unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
  as k (bucket, profile_id, dataset_id, namespace, value)`;
export const sameKey = (table: string): string =>
  ['bucket', 'profile_id', 'dataset_id', 'namespace', 'value']
    .map((column) => `${table}.${column} = k.${column}`)
    .join(' and ');
