import { preparedRows, type Trx } from './database.ts';

export type RecordCounts = { readonly ingested: number; readonly failed: number };

/**
 * Adds records that arrived now to the current hour of their datasets, in the transaction that stores them. Those of a
 * dataset that was deleted meanwhile are not counted.
 */
export async function countRecords(
  trx: Trx,
  byDataset: ReadonlyMap<string, RecordCounts>,
  now: Date,
): Promise<void> {
  const entries = [...byDataset].filter(([, { ingested, failed }]) => ingested + failed > 0).sort();
  if (entries.length === 0) return;
  await preparedRows(
    trx,
    `insert into dataset_activity (dataset_id, hour, ingested, failed, last_ingested_at)
     select dataset_id, date_trunc('hour', $4::timestamptz, 'UTC'), ingested, failed, $4
     from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as counted (dataset_id, ingested, failed)
     join dataset using (dataset_id)
     for key share of dataset
     on conflict (dataset_id, hour) do update
     set ingested = dataset_activity.ingested + excluded.ingested,
       failed = dataset_activity.failed + excluded.failed,
       last_ingested_at = greatest(dataset_activity.last_ingested_at, excluded.last_ingested_at)`,
    [
      entries.map(([datasetId]) => datasetId),
      entries.map(([, counts]) => counts.ingested),
      entries.map(([, counts]) => counts.failed),
      now,
    ],
  );
}
