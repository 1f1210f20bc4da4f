import {
  type BucketRange,
  bucketOf,
  type FragmentLink,
  type JsonObject,
  type PlacedFragment,
  type ProfileFragment,
} from '@headrace/core';
import { bareArray, instantArray, jsonLines, textArray } from './array-parameters.ts';
import { type Db, preparedRows, rows, type Trx } from './database.ts';

/** All fragments of the given profiles, by profile id; without an entry for profiles that have none. */
export async function readFragments(
  db: Db,
  profileIds: readonly string[],
): Promise<Map<string, ProfileFragment[]>> {
  const found = await preparedRows<FragmentRow>(
    db,
    `select f.profile_id as "profileId", f.dataset_id as "datasetId", f.namespace, f.value,
       f.origin_id as "originId", f.record_id as "recordId",
       (extract(epoch from f.stamp) * 1000)::float8 as "stampMs", f.batch_id as "batchId",
       (extract(epoch from f.received_at) * 1000)::float8 as "receivedMs", f.identities, f.document
     from profile_fragment f
     join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds)],
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
  stampMs: number;
  batchId: string | null;
  receivedMs: number;
  identities: readonly FragmentLink[];
  document: JsonObject;
};

const toFragment = (row: FragmentRow): ProfileFragment => ({
  datasetId: row.datasetId,
  primary: { namespace: row.namespace, value: row.value },
  originId: row.originId,
  recordId: row.recordId,
  stampMs: row.stampMs,
  batchId: row.batchId,
  receivedMs: row.receivedMs,
  links: row.identities,
  document: row.document,
});

/** Adds fragments, or replaces those that stand in the same place. */
export async function writeFragments(trx: Trx, placed: readonly PlacedFragment[]): Promise<void> {
  if (placed.length === 0) return;
  await preparedRows(
    trx,
    `insert into profile_fragment
       (bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp, batch_id, received_at,
         identities, document)
     select bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp, batch_id, received_at,
       identities::jsonb, document::jsonb
     from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[],
       $8::timestamptz[], $9::uuid[], $10::timestamptz[], string_to_array($11, E'\\n'),
       string_to_array($12, E'\\n')) as written (bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp, batch_id,
         received_at, identities, document)
     on conflict (bucket, profile_id, dataset_id, namespace, value) do update
     set origin_id = excluded.origin_id, record_id = excluded.record_id, stamp = excluded.stamp,
       batch_id = excluded.batch_id, received_at = excluded.received_at, identities = excluded.identities,
       document = excluded.document`,
    [
      ...keyColumns(placed),
      bareArray(placed.map(({ fragment }) => fragment.originId)),
      textArray(placed.map(({ fragment }) => fragment.recordId)),
      instantArray(placed.map(({ fragment }) => fragment.stampMs)),
      bareArray(placed.map(({ fragment }) => fragment.batchId)),
      instantArray(placed.map(({ fragment }) => fragment.receivedMs)),
      jsonLines(placed.map(({ fragment }) => fragment.links)),
      jsonLines(placed.map(({ fragment }) => fragment.document)),
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
  bareArray(placed.map(({ profileId }) => bucketOf(profileId))),
  bareArray(placed.map(({ profileId }) => profileId)),
  bareArray(placed.map(({ fragment }) => fragment.datasetId)),
  textArray(placed.map(({ fragment }) => fragment.primary.namespace)),
  textArray(placed.map(({ fragment }) => fragment.primary.value)),
];
export const keyRows = `unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
  as k (bucket, profile_id, dataset_id, namespace, value)`;
export const sameKey = (table: string): string =>
  ['bucket', 'profile_id', 'dataset_id', 'namespace', 'value']
    .map((column) => `${table}.${column} = k.${column}`)
    .join(' and ');
