import type { ErrorDetail } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

export type BatchStatus = 'loading' | 'processing' | 'success' | 'failed' | 'aborted';

export type BatchRow = {
  readonly batchId: string;
  readonly datasetId: string;
  readonly status: BatchStatus;
  readonly fileName: string;
  readonly fileDigest: string;
  readonly fileBytes: number;
  readonly mapping: unknown;
  readonly receivedAt: Date;
  readonly rowsRead: number;
  readonly rowsIngested: number;
  readonly rowsFailed: number;
  readonly bytesRead: number;
  readonly finishedAt: Date | null;
  readonly error: string | null;
};

const columns = `batch_id as "batchId", dataset_id as "datasetId", status, file_name as "fileName",
  file_digest as "fileDigest", file_bytes as "fileBytes", mapping, received_at as "receivedAt",
  rows_read as "rowsRead", rows_ingested as "rowsIngested", rows_failed as "rowsFailed",
  bytes_read as "bytesRead", finished_at as "finishedAt", error`;

export async function insertBatch(
  db: Db,
  batch: Pick<BatchRow, 'batchId' | 'datasetId' | 'fileName' | 'mapping' | 'receivedAt'>,
): Promise<void> {
  await db.query(
    `insert into batch (batch_id, dataset_id, status, file_name, file_digest, file_bytes, mapping, received_at)
     values ($1, $2, 'loading', $3, '', 0, $4, $5)`,
    [batch.batchId, batch.datasetId, batch.fileName, JSON.stringify(batch.mapping), batch.receivedAt],
  );
}

export function readBatch(db: Db, batchId: string): Promise<BatchRow | undefined> {
  return maybeRow(db, `select ${columns} from batch where batch_id = $1`, [batchId]);
}

export function readBatches(db: Db, datasetId: string | undefined): Promise<BatchRow[]> {
  return rows(
    db,
    `select ${columns} from batch where $1::uuid is null or dataset_id = $1
     order by received_at desc, batch_id limit 500`,
    [datasetId ?? null],
  );
}

/** Batches whose file has arrived and whose rows are not all read, oldest first. */
export function readUnfinishedBatches(db: Db): Promise<BatchRow[]> {
  return rows(db, `select ${columns} from batch where status = 'processing' order by received_at, batch_id`);
}

/** The batch that already took the same file with the same mapping into the dataset. */
export function findTwin(
  db: Db,
  batch: Pick<BatchRow, 'batchId' | 'datasetId' | 'mapping'>,
  fileDigest: string,
): Promise<BatchRow | undefined> {
  return maybeRow(
    db,
    `select ${columns} from batch
     where dataset_id = $1 and file_digest = $2 and mapping = $3::jsonb and batch_id <> $4
       and status in ('processing', 'success')
     order by received_at desc limit 1`,
    [batch.datasetId, fileDigest, JSON.stringify(batch.mapping), batch.batchId],
  );
}

/** The file has arrived whole: its rows may be read. @returns false when the batch was not waiting for it. */
export async function markBatchReceived(
  db: Db,
  batchId: string,
  file: { readonly digest: string; readonly bytes: number },
): Promise<boolean> {
  const updated = await db.query(
    `update batch set status = 'processing', file_digest = $2, file_bytes = $3
     where batch_id = $1 and status = 'loading'`,
    [batchId, file.digest, file.bytes],
  );
  return updated.rowCount === 1;
}

export async function deleteBatch(db: Db, batchId: string): Promise<void> {
  await db.query(`delete from batch where batch_id = $1 and status = 'loading'`, [batchId]);
}

/** The checkpoint, in the transaction that writes the rows. */
export async function advanceBatch(
  trx: Trx,
  batchId: string,
  step: {
    readonly rowsRead: number;
    readonly rowsIngested: number;
    readonly rowsFailed: number;
    readonly bytesRead: number;
  },
): Promise<void> {
  await trx.query(
    `update batch set rows_read = rows_read + $2, rows_ingested = rows_ingested + $3,
       rows_failed = rows_failed + $4, bytes_read = $5 where batch_id = $1`,
    [batchId, step.rowsRead, step.rowsIngested, step.rowsFailed, step.bytesRead],
  );
}

export async function finishBatch(
  db: Db,
  batchId: string,
  end: {
    readonly status: 'success' | 'failed' | 'aborted';
    readonly error: string | null;
    readonly at: Date;
  },
): Promise<void> {
  await db.query(
    `update batch set status = $2, error = $3, finished_at = $4,
       bytes_read = case when $2 = 'success' then file_bytes else bytes_read end
     where batch_id = $1`,
    [batchId, end.status, end.error, end.at],
  );
}

export async function insertBatchErrors(
  trx: Trx,
  batchId: string,
  failures: readonly { readonly rowNumber: number; readonly errors: readonly ErrorDetail[] }[],
): Promise<void> {
  const flat = failures.flatMap(({ rowNumber, errors }) =>
    errors.map((error, ordinal) => ({ rowNumber, ordinal, error })),
  );
  if (flat.length === 0) return;
  await trx.query(
    `insert into batch_error (batch_id, row_number, ordinal, pointer, keyword, message)
     select $1, row_number, ordinal, pointer, keyword, message
     from unnest($2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::text[])
       as failure (row_number, ordinal, pointer, keyword, message)
     on conflict do nothing`,
    [
      batchId,
      flat.map((row) => row.rowNumber),
      flat.map((row) => row.ordinal),
      flat.map((row) => row.error.pointer ?? ''),
      flat.map((row) => row.error.keyword ?? ''),
      flat.map((row) => row.error.message),
    ],
  );
}

export function readBatchErrors(
  db: Db,
  batchId: string,
  afterRow: number,
  limit: number,
): Promise<{ rowNumber: number; pointer: string; keyword: string; message: string }[]> {
  return rows(
    db,
    `select row_number as "rowNumber", pointer, keyword, message from batch_error
     where batch_id = $1 and row_number > $2 order by row_number, ordinal limit $3`,
    [batchId, afterRow, limit],
  );
}
