import type { BatchStatus } from './batches.ts';
import { type Db, rows } from './database.ts';

/** What a list of datasets tells of each beside its configuration. */
export type DatasetOverview = {
  readonly datasetId: string;
  readonly lastIngestedAt: Date | null;
  /** Since midnight UTC. */
  readonly ingestedToday: number;
  readonly failedToday: number;
  readonly ingestedTotal: number;
  readonly failedTotal: number;
  readonly lastBatch: {
    readonly batchId: string;
    readonly status: BatchStatus;
    readonly receivedAt: Date;
  } | null;
  /** The work on everything in it that is under way. */
  readonly work: {
    readonly kind: string;
    readonly nextBucket: number;
    readonly done: number;
    readonly startedAt: Date;
  } | null;
};

/** By dataset id. @param datasetId one dataset; all when left out. */
export async function readDatasetOverviews(
  db: Db,
  now: Date,
  datasetId?: string,
): Promise<Map<string, DatasetOverview>> {
  const found = await rows<DatasetOverview & LastBatch & Work>(
    db,
    `select d.dataset_id as "datasetId", a.last_ingested_at as "lastIngestedAt",
       coalesce(a.ingested_today, 0)::bigint as "ingestedToday",
       coalesce(a.failed_today, 0)::bigint as "failedToday",
       coalesce(a.ingested, 0)::bigint as "ingestedTotal", coalesce(a.failed, 0)::bigint as "failedTotal",
       b.batch_id as "batchId", b.status, b.received_at as "receivedAt",
       j.kind, j.next_bucket as "nextBucket", j.profiles_done as "done", j.created_at as "startedAt"
     from dataset d
     left join lateral (
       select max(last_ingested_at) filter (where ingested > 0) as last_ingested_at,
         sum(ingested) as ingested, sum(failed) as failed,
         sum(ingested) filter (where hour >= date_trunc('day', $1::timestamptz, 'UTC')) as ingested_today,
         sum(failed) filter (where hour >= date_trunc('day', $1::timestamptz, 'UTC')) as failed_today
       from dataset_activity where dataset_id = d.dataset_id
     ) as a on true
     left join lateral (
       select batch_id, status, received_at from batch
       where dataset_id = d.dataset_id order by received_at desc, batch_id limit 1
     ) as b on true
     left join lateral (
       select kind, next_bucket, profiles_done, created_at from population_job
       where finished_at is null and subject_id = d.dataset_id order by created_at limit 1
     ) as j on true
     where $2::uuid is null or d.dataset_id = $2`,
    [now, datasetId ?? null],
  );
  return new Map(
    found.map((row): [string, DatasetOverview] => [
      row.datasetId,
      { ...row, lastBatch: row.batchId === null ? null : row, work: row.kind === null ? null : row },
    ]),
  );
}

/** Columns of the rows beside a dataset: all there, or all null. */
type LastBatch =
  | { readonly batchId: string; readonly status: BatchStatus; readonly receivedAt: Date }
  | { readonly batchId: null };
type Work =
  | { readonly kind: string; readonly nextBucket: number; readonly done: number; readonly startedAt: Date }
  | { readonly kind: null };
