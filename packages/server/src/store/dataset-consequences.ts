import type { BucketRange } from '@headrace/core';
import { type Db, maybeRow, rows } from './database.ts';
import { isSeen } from './segments.ts';

/** What goes with a dataset, in a range of buckets. */
export type Consequences = {
  readonly fragments: number;
  /** Records of a dataset that is not enabled for Profile. */
  readonly keptRecords: number;
  /** Profiles that have a fragment of the dataset. */
  readonly profiles: number;
  /** Those of them that have no other. */
  readonly profilesEnding: number;
  /** Memberships of profiles that end. */
  readonly membershipsEnding: number;
  readonly dataflows: readonly DataflowConsequences[];
};

/** Members of a dataflow, and which of them have a fragment of the dataset, and end. */
export type DataflowConsequences = {
  readonly dataflowId: string;
  readonly members: number;
  readonly membersTouched: number;
  readonly membersEnding: number;
};

export async function readConsequences(
  db: Db,
  datasetId: string,
  { firstBucket, lastBucket }: BucketRange,
): Promise<Consequences> {
  const found = await maybeRow<Consequences>(
    db,
    `with touched as materialized (
       select bucket, profile_id, count(*) as fragments from profile_fragment
       where dataset_id = $1 and bucket between $2 and $3 group by bucket, profile_id
     ), ending as materialized (
       select bucket, profile_id from touched
       where not exists (
         select from profile_fragment other
         where other.bucket = touched.bucket and other.profile_id = touched.profile_id
           and other.dataset_id <> $1 and other.bucket between $2 and $3
       )
     ), exported as (
       select e.dataflow_id, count(*) as members, count(touched.bucket) as touched, count(ending.bucket) as ending
       from export_state e
       left join touched using (bucket, profile_id)
       left join ending using (bucket, profile_id)
       where e.bucket between $2 and $3 and e.member
       group by e.dataflow_id
     )
     select
       (select coalesce(sum(fragments), 0)::bigint from touched) as fragments,
       (select count(*) from dataset_record
        where dataset_id = $1 and bucket between $2 and $3) as "keptRecords",
       (select count(*) from touched) as profiles,
       (select count(*) from ending) as "profilesEnding",
       (select count(*) from ending join segment_membership m using (bucket, profile_id)
        join segment using (segment_id) where m.status <> 'exited' and ${isSeen}) as "membershipsEnding",
       (select coalesce(jsonb_agg(jsonb_build_object('dataflowId', dataflow_id, 'members', members,
          'membersTouched', touched, 'membersEnding', ending)), '[]') from exported) as dataflows`,
    [datasetId, firstBucket, lastBucket],
  );
  if (found === undefined) throw new Error('A statement that always gives one row gave none.');
  return found;
}

/** Events of a dataset, counted up to a limit. */
export async function countEventsUpTo(db: Db, datasetId: string, limit: number): Promise<number> {
  const counted = await maybeRow<{ count: number }>(
    db,
    'select count(*) as count from (select from profile_event where dataset_id = $1 limit $2) as counted',
    [datasetId, limit],
  );
  return counted?.count ?? 0;
}

/** Events of a dataset in the first buckets. */
export async function countEventsInBuckets(db: Db, datasetId: string, buckets: number): Promise<number> {
  const counted = await maybeRow<{ count: number }>(
    db,
    // Not "=": by the index on the dataset all of its events would be read.
    `select count(*) as count from profile_event
     where bucket < $2 and dataset_id is not distinct from $1::uuid`,
    [datasetId, buckets],
  );
  return counted?.count ?? 0;
}

/** What names a dataset and is changed or goes with it. */
export type DatasetReferences = {
  readonly mappingNames: readonly string[];
  readonly mergePolicyNames: readonly string[];
  /** The default merge policy takes values from this dataset alone. */
  readonly emptiesDefaultMergePolicy: boolean;
  readonly batches: number;
};

export async function readDatasetReferences(db: Db, datasetId: string): Promise<DatasetReferences> {
  const names = (text: string) => rows<{ name: string }>(db, text, [datasetId]);
  const mappings = await names('select name from csv_mapping where dataset_id = $1 order by name');
  const policies = await rows<{ name: string; isEmptied: boolean }>(
    db,
    `select name, is_default and array_remove(dataset_order, $1) = '{}' as "isEmptied"
     from merge_policy where $1 = any(dataset_order) order by name`,
    [datasetId],
  );
  const batches = await maybeRow<{ count: number }>(
    db,
    'select count(*) as count from batch where dataset_id = $1',
    [datasetId],
  );
  return {
    mappingNames: mappings.map(({ name }) => name),
    mergePolicyNames: policies.map(({ name }) => name),
    emptiesDefaultMergePolicy: policies.some(({ isEmptied }) => isEmptied),
    batches: batches?.count ?? 0,
  };
}

/** Dataflows by id: what they are called. */
export async function readDataflowNames(db: Db): Promise<Map<string, string>> {
  const found = await rows<{ id: string; name: string }>(db, 'select dataflow_id as id, name from dataflow');
  return new Map(found.map(({ id, name }) => [id, name]));
}
