import { type BucketRange, bucketOf } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

/** `delete_created`: records that deliveries of the dataflow made are deleted there; those that they found stay. */
export type AtDestination = 'keep' | 'delete_created';

export type DataflowDeletion = {
  readonly dataflowId: string;
  readonly accountId: string;
  readonly name: string;
  readonly atDestination: AtDestination;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
  readonly recordsDeleted: number;
  /** Gone already when they were to be deleted. */
  readonly recordsAbsent: number;
  /** The destination refuses, for good. */
  readonly recordsFailed: number;
  readonly failureCode: string | null;
  /** Its rows in the buckets before are gone. */
  readonly nextBucket: number;
};

const columns = `dataflow_id as "dataflowId", account_id as "accountId", name, at_destination as "atDestination",
  requested_at as "requestedAt", finished_at as "finishedAt", records_deleted as "recordsDeleted",
  records_absent as "recordsAbsent", records_failed as "recordsFailed", failure_code as "failureCode",
  next_bucket as "nextBucket"`;

/** From the commit on nothing is marked, claimed or sent for the dataflow. */
export async function insertDataflowDeletion(
  trx: Trx,
  deletion: Pick<DataflowDeletion, 'dataflowId' | 'accountId' | 'name' | 'atDestination'> & {
    readonly principal: string;
  },
  now: Date,
): Promise<void> {
  const { dataflowId, accountId, name, atDestination, principal } = deletion;
  await trx.query(
    'update dataflow set deleting_at = $2, enabled = false, revision = revision + 1 where dataflow_id = $1',
    [dataflowId, now],
  );
  await trx.query(
    `insert into dataflow_deletion (dataflow_id, account_id, name, at_destination, principal, requested_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [dataflowId, accountId, name, atDestination, principal, now],
  );
}

/** @returns false when its rows are going already, so that records can no longer be told. */
export async function changeAtDestination(
  trx: Trx,
  dataflowId: string,
  atDestination: AtDestination,
): Promise<boolean> {
  const changed = await trx.query(
    `update dataflow_deletion set at_destination = $2
     where dataflow_id = $1 and finished_at is null and (next_bucket = 0 or at_destination = $2)`,
    [dataflowId, atDestination],
  );
  return changed.rowCount === 1;
}

export function readDataflowDeletion(db: Db, dataflowId: string): Promise<DataflowDeletion | undefined> {
  return maybeRow(db, `select ${columns} from dataflow_deletion where dataflow_id = $1`, [dataflowId]);
}

/** Newest first, behind one of them. */
export function readDataflowDeletions(
  db: Db,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<DataflowDeletion[]> {
  return rows(
    db,
    `select ${columns} from dataflow_deletion
     where $1::uuid is null or (requested_at, dataflow_id) <
       (select requested_at, dataflow_id from dataflow_deletion where dataflow_id = $1)
     order by requested_at desc, dataflow_id desc limit $2`,
    [page.after ?? null, page.limit],
  );
}

export function readOpenDataflowDeletions(db: Db): Promise<DataflowDeletion[]> {
  return rows(db, `select ${columns} from dataflow_deletion where finished_at is null order by requested_at`);
}

/** Whether a request for the dataflow may still be running. */
export async function isSending(db: Db, dataflowId: string, now: Date): Promise<boolean> {
  const found = await maybeRow(
    db,
    'select from export_state where dataflow_id = $1 and due_at > $2 and in_flight is not null limit 1',
    [dataflowId, now],
  );
  return found !== undefined;
}

/**
 * SQL: whether the record of a row `e` is also kept for a member of another dataflow of the account $2, under the
 * profile of the row or the one it was merged into.
 */
const isKeptElsewhere = `exists (
  select from (
    select e.bucket, e.profile_id
    union select c.bucket, c.profile_id from match_claim c
    where c.account_id = $2 and c.object = e.object and c.record_id = e.record_id
  ) as keeper
  join dataflow d on d.account_id = $2 and d.dataflow_id <> $1 and d.deleting_at is null
  join export_state o on o.bucket = keeper.bucket and o.dataflow_id = d.dataflow_id
    and o.profile_id = keeper.profile_id
  where o.member and o.record_id = e.record_id)`;

/**
 * SQL: a delivery of the row made the record that the row still has. Records that others belong to are left out: with
 * them a destination may delete what belongs to them, as Salesforce does with an Account.
 */
const isOwnCreation =
  'e.created_record_id = e.record_id and e.source_profile_id is null and e.object is not null';

export type DeletionCounts = {
  readonly members: number;
  /** Records at the destination that the dataflow wrote to. */
  readonly records: number;
  /** Of them, those that it made and that no other dataflow keeps: what `delete_created` deletes. */
  readonly created: number;
  /** Of them, those that it made and another dataflow of the account keeps, too. */
  readonly keptElsewhere: number;
};

/** What a deletion would meet in a range of buckets. */
export async function countDeletion(
  db: Db,
  dataflow: { readonly dataflowId: string; readonly accountId: string },
  { firstBucket, lastBucket }: BucketRange,
): Promise<DeletionCounts> {
  const counts = await maybeRow<DeletionCounts>(
    db,
    `select count(*) filter (where e.member and e.source_profile_id is null) as members,
       count(e.record_id) filter (where not e.left_behind) as records,
       count(*) filter (where own and not shared) as created, count(*) filter (where own and shared) as "keptElsewhere"
     from export_state e
     cross join lateral (select coalesce(${isOwnCreation}, false) as own) as o
     cross join lateral (select own and ${isKeptElsewhere} as shared) as s
     where e.dataflow_id = $1 and e.bucket between $3 and $4`,
    [dataflow.dataflowId, dataflow.accountId, firstBucket, lastBucket],
  );
  return counts ?? { members: 0, records: 0, created: 0, keptElsewhere: 0 };
}

export type CreatedRecord = {
  readonly profileId: string;
  readonly object: string;
  readonly recordId: string;
};

/** Records that `delete_created` deletes, a page at a time in the order of the primary key. */
export function readCreatedRecords(
  db: Db,
  dataflow: { readonly dataflowId: string; readonly accountId: string },
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<CreatedRecord[]> {
  return rows(
    db,
    `select e.profile_id as "profileId", e.object, e.record_id as "recordId" from export_state e
     where e.dataflow_id = $1 and ${isOwnCreation} and not ${isKeptElsewhere}
       and e.bucket >= $3 and (e.bucket > $3 or $4::uuid is null or e.profile_id > $4)
     order by e.bucket, e.profile_id limit $5`,
    [
      dataflow.dataflowId,
      dataflow.accountId,
      page.after === undefined ? 0 : bucketOf(page.after),
      page.after ?? null,
      page.limit,
    ],
  );
}

export type Removal = CreatedRecord & {
  readonly outcome: 'deleted' | 'absent' | 'failed';
  readonly code: string | null;
};

/**
 * Writes down what became of records that were to be deleted: what is gone is forgotten, with the keys it was kept
 * under; what the destination refused is no longer to be deleted. Counted once, however often it is asked for.
 * @returns the keys that became free.
 */
export async function settleRemovals(
  trx: Trx,
  { dataflowId, accountId }: { readonly dataflowId: string; readonly accountId: string },
  removals: readonly Removal[],
): Promise<string[]> {
  const settled = await rows<{ recordId: string; object: string; outcome: Removal['outcome'] }>(
    trx,
    `update export_state e set created_record_id = null, sent_hash = null,
       record_id = case when r.outcome = 'failed' then e.record_id end
     from unnest($2::smallint[], $3::uuid[], $4::text[], $5::text[]) as r (bucket, profile_id, record_id, outcome)
     where e.bucket = r.bucket and e.dataflow_id = $1 and e.profile_id = r.profile_id
       and e.created_record_id = r.record_id
     returning r.record_id as "recordId", e.object, r.outcome`,
    [
      dataflowId,
      removals.map(({ profileId }) => bucketOf(profileId)),
      removals.map(({ profileId }) => profileId),
      removals.map(({ recordId }) => recordId),
      removals.map(({ outcome }) => outcome),
    ],
  );
  const count = (outcome: Removal['outcome']) => settled.filter((row) => row.outcome === outcome).length;
  const failure = removals.findLast(({ outcome }) => outcome === 'failed');
  await trx.query(
    `update dataflow_deletion set records_deleted = records_deleted + $2, records_absent = records_absent + $3,
       records_failed = records_failed + $4, failure_code = coalesce($5, failure_code)
     where dataflow_id = $1`,
    [dataflowId, count('deleted'), count('absent'), count('failed'), failure?.code ?? null],
  );
  const gone = settled.filter(({ outcome }) => outcome !== 'failed');
  const freed = await rows<{ matchKey: string }>(
    trx,
    `delete from match_claim c using unnest($2::text[], $3::text[]) as gone (object, record_id)
     where c.account_id = $1 and c.object = gone.object and c.record_id = gone.record_id
     returning c.match_key as "matchKey"`,
    [accountId, gone.map(({ object }) => object), gone.map(({ recordId }) => recordId)],
  );
  return freed.map(({ matchKey }) => matchKey);
}

/**
 * Deletes the rows of a dataflow in a range of buckets, and keys that are held by nobody's record any more. Keys with a
 * record stay: another dataflow goes on with the record, and the deletion of a person finds it.
 * @returns the profiles of the rows.
 */
export async function deleteDataflowRows(
  trx: Trx,
  { dataflowId, accountId }: { readonly dataflowId: string; readonly accountId: string },
  { firstBucket, lastBucket }: BucketRange,
): Promise<string[]> {
  const deleted = await rows<{ profileId: string }>(
    trx,
    `delete from export_state where dataflow_id = $1 and bucket between $2 and $3
     returning profile_id as "profileId"`,
    [dataflowId, firstBucket, lastBucket],
  );
  const profileIds = deleted.map(({ profileId }) => profileId);
  await trx.query(
    `delete from match_claim c using unnest($2::smallint[], $3::uuid[]) as p (bucket, profile_id)
     where c.account_id = $1 and c.bucket = p.bucket and c.profile_id = p.profile_id and c.record_id is null
       and not exists (
         select from dataflow d join export_state e on e.bucket = p.bucket and e.dataflow_id = d.dataflow_id
           and e.profile_id = p.profile_id
         where d.account_id = $1)`,
    [accountId, profileIds.map(bucketOf), profileIds],
  );
  await trx.query('update dataflow_deletion set next_bucket = $2 where dataflow_id = $1', [
    dataflowId,
    lastBucket + 1,
  ]);
  return profileIds;
}

/** Deletes some of the history of a dataflow. @returns how many rows; fewer than `limit` when none is left. */
export async function deleteDataflowHistory(db: Db, dataflowId: string, limit: number): Promise<number> {
  const deleted = await db.query(
    `delete from delivery_outcome where (settled_at, delivery_outcome_id) in (
       select settled_at, delivery_outcome_id from delivery_outcome where dataflow_id = $1 limit $2)`,
    [dataflowId, limit],
  );
  return deleted.rowCount ?? 0;
}

/** The last of a dataflow, with rows that merges of profiles brought back meanwhile. */
export async function deleteDataflow(trx: Trx, dataflowId: string, now: Date): Promise<void> {
  for (const table of ['export_state', 'activation', 'dataflow_run', 'dataflow'])
    await trx.query(`delete from ${table} where dataflow_id = $1`, [dataflowId]);
  await trx.query('update dataflow_deletion set finished_at = $2 where dataflow_id = $1', [dataflowId, now]);
}
