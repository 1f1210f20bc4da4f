import { type BucketRange, bucketOf } from '@headrace/core';
import { bareArray } from './array-parameters.ts';
import { type Db, maybeRow, preparedRows, rows, type Trx } from './database.ts';
import type { RuleSql } from './segment-sql/condition-of.ts';

/**
 * Begins a scan for a population job, in the place of any other: from the commit on, whoever changes profiles notes
 * them. The caller holds the lock on profile writes.
 */
export async function beginScan(trx: Trx, scanId: string, populationJobId: string): Promise<void> {
  await trx.query('delete from population_scan_change');
  await trx.query(
    `insert into population_scan (scan_id, population_job_id) values ($1, $2)
     on conflict (is_only) do update set scan_id = excluded.scan_id, population_job_id = excluded.population_job_id`,
    [scanId, populationJobId],
  );
}

/** Whether a scan is still the one that changes are noted for. */
export async function isScanCurrent(trx: Trx, scanId: string): Promise<boolean> {
  return (
    (await maybeRow<object>(trx, 'select from population_scan where scan_id = $1', [scanId])) !== undefined
  );
}

/** Ends it: nothing is noted any more. */
export async function endScan(trx: Trx, scanId: string): Promise<void> {
  const ended = await trx.query('delete from population_scan where scan_id = $1', [scanId]);
  if (ended.rowCount === 1) await trx.query('delete from population_scan_change');
}

/** Notes profiles that change while a job that is not over scans; else it is next to nothing. */
export async function noteScanChanges(trx: Trx, profileIds: readonly string[]): Promise<void> {
  if (profileIds.length === 0) return;
  await preparedRows(
    trx,
    `insert into population_scan_change (bucket, profile_id)
     select * from unnest($1::smallint[], $2::uuid[])
     where exists (select from population_scan join population_job using (population_job_id) where finished_at is null)
     on conflict do nothing`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds)],
  );
}

/** Ids of the profiles that an exact rule finds, joined by commas, by bucket. */
export async function scanMembers(
  trx: Trx,
  { from, condition, values }: RuleSql,
  { firstBucket, lastBucket }: BucketRange,
): Promise<ReadonlyMap<number, string>> {
  await trx.query(`set local work_mem = '64MB'`);
  const found = await rows<{ bucket: number; ids: string }>(
    trx,
    `select p.bucket, string_agg(p.profile_id::text, ',') as ids from ${from}
     where p.bucket between $1 and $2 and ${condition} group by p.bucket`,
    [firstBucket, lastBucket, ...values],
  );
  return new Map(found.map(({ bucket, ids }) => [bucket, ids]));
}

/** What was found in some buckets, without who changed since, as what a rule finds. */
export function scannedSql(
  found: ReadonlyMap<number, string>,
  { firstBucket, lastBucket }: BucketRange,
): RuleSql {
  const buckets: number[] = [];
  const ids: string[] = [];
  for (let bucket = firstBucket; bucket <= lastBucket; bucket++) {
    const own = found.get(bucket);
    if (own === undefined) continue;
    buckets.push(bucket);
    ids.push(`{${own}}`);
  }
  return {
    from: `(select bucket, profile_id from unnest($3::smallint[], $4::text[]) as scanned (bucket, ids)
       cross join lateral unnest(ids::uuid[]) as profile_id) p`,
    condition: `not ${hasChanged('p')}`,
    values: [`{${buckets.join(',')}}`, `{${ids.map((one) => `"${one}"`).join(',')}}`],
    isExact: true,
  };
}

/** Whether a row, by the alias of its table, is of a profile that changed since the scan began. */
export const hasChanged = (alias: string): string =>
  `exists (select from population_scan_change c where c.bucket = ${alias}.bucket and c.profile_id = ${alias}.profile_id)`;

/** About how many there are; PostgreSQL's own estimate. */
export async function estimateProfiles(db: Db): Promise<number> {
  const [row] = await rows<{ count: number }>(
    db,
    `select greatest(reltuples, 0)::bigint as count from pg_class where oid = 'profile'::regclass`,
  );
  return row?.count ?? 0;
}
