import { type Db, maybeRow, rows } from './database.ts';

/** What goes with a dataset, in a range of buckets. */
export type Consequences = {
  readonly fragments: number;
  readonly events: number;
  /** Records of a dataset that is not enabled for Profile. */
  readonly keptRecords: number;
  /** Profiles that have fragments of the dataset and of others. */
  readonly profilesShrinking: number;
  /** Profiles that have fragments of the dataset only. */
  readonly profilesEnding: number;
  /** Memberships of profiles that end. */
  readonly membershipsEnding: number;
  readonly dataflows: readonly DataflowConsequences[];
};

/** Members of a dataflow now, and which of them shrink or end. */
export type DataflowConsequences = {
  readonly dataflowId: string;
  readonly members: number;
  readonly membersShrinking: number;
  readonly membersEnding: number;
};

export async function readConsequences(
  db: Db,
  datasetId: string,
  range: { readonly firstBucket: number; readonly lastBucket: number },
): Promise<Consequences> {
  const found = await maybeRow<Consequences>(
    db,
    `with touched as materialized (
       select own.bucket, own.profile_id, own.fragments,
         not exists (
           select from profile_fragment other
           where other.bucket = own.bucket and other.profile_id = own.profile_id and other.dataset_id <> $1
         ) as ends
       from (
         select bucket, profile_id, count(*) as fragments from profile_fragment
         where dataset_id = $1 and bucket between $2 and $3 group by bucket, profile_id
       ) as own
     ), exported as (
       select e.dataflow_id, count(*) as members, count(*) filter (where not t.ends) as shrinking,
         count(*) filter (where t.ends) as ending
       from export_state e left join touched t using (bucket, profile_id)
       where e.bucket between $2 and $3 and e.member
       group by e.dataflow_id
     )
     select
       (select coalesce(sum(fragments), 0)::bigint from touched) as fragments,
       -- Not "=": by the index on the dataset each range would read all of its events.
       (select count(*) from profile_event
        where bucket between $2 and $3 and dataset_id is not distinct from $1::uuid) as events,
       (select count(*) from dataset_record
        where bucket between $2 and $3 and dataset_id = $1) as "keptRecords",
       (select count(*) from touched where not ends) as "profilesShrinking",
       (select count(*) from touched where ends) as "profilesEnding",
       (select count(*) from touched join segment_membership m using (bucket, profile_id)
        where ends and m.status <> 'exited') as "membershipsEnding",
       (select coalesce(jsonb_agg(jsonb_build_object('dataflowId', dataflow_id, 'members', members,
          'membersShrinking', shrinking, 'membersEnding', ending)), '[]') from exported) as dataflows`,
    [datasetId, range.firstBucket, range.lastBucket],
  );
  if (found === undefined) throw new Error('A statement that always gives one row gave none.');
  return found;
}

/** What names a dataset and is changed or goes with it. */
export type DatasetReferences = {
  readonly mappingNames: readonly string[];
  readonly mergePolicyNames: readonly string[];
  readonly batches: number;
};

export async function readDatasetReferences(db: Db, datasetId: string): Promise<DatasetReferences> {
  const names = (text: string) => rows<{ name: string }>(db, text, [datasetId]);
  const mappings = await names('select name from csv_mapping where dataset_id = $1 order by name');
  const policies = await names('select name from merge_policy where $1 = any(dataset_order) order by name');
  const batches = await maybeRow<{ count: number }>(
    db,
    'select count(*) as count from batch where dataset_id = $1',
    [datasetId],
  );
  return {
    mappingNames: mappings.map(({ name }) => name),
    mergePolicyNames: policies.map(({ name }) => name),
    batches: batches?.count ?? 0,
  };
}

/** Dataflows by id: what they are called. */
export async function readDataflowNames(db: Db): Promise<Map<string, string>> {
  const found = await rows<{ id: string; name: string }>(db, 'select dataflow_id as id, name from dataflow');
  return new Map(found.map(({ id, name }) => [id, name]));
}
