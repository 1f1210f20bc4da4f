import { type Db, maybeRow, rows, type Trx } from './database.ts';

export type BatchStatus = 'loading' | 'processing' | 'success' | 'failed' | 'aborted';

export type BatchRow = {
  readonly batchId: string;
  readonly datasetId: string;
  readonly status: BatchStatus;
  readonly format: 'csv' | 'ndjson';
  readonly compression: 'none' | 'gzip';
  readonly fileName: string;
  readonly fileDigest: string;
  readonly fileBytes: number;
  /** Of a file read where it lies; null for an upload. */
  readonly sourcePath: string | null;
  readonly sourceState: string | null;
  /** Null for JSON lines. */
  readonly mapping: unknown;
  readonly errorThresholdPercent: number;
  readonly receivedAt: Date;
  readonly startedAt: Date | null;
  readonly checkedAt: Date | null;
  readonly rowsChecked: number;
  readonly bytesChecked: number;
  readonly rowsRead: number;
  readonly rowsIngested: number;
  readonly rowsFailed: number;
  /** Of the ingested ones those of which something was left out. */
  readonly rowsWarned: number;
  readonly bytesRead: number;
  readonly contentOffset: number;
  readonly finishedAt: Date | null;
  readonly error: string | null;
};

/** A file that was taken whole. */
export type TakenFile = Pick<
  BatchRow,
  'fileDigest' | 'fileBytes' | 'compression' | 'sourcePath' | 'sourceState'
>;

const columns = `batch_id as "batchId", dataset_id as "datasetId", status, format, compression,
  file_name as "fileName", file_digest as "fileDigest", file_bytes as "fileBytes",
  source_path as "sourcePath", source_state as "sourceState", mapping,
  error_threshold_percent as "errorThresholdPercent", received_at as "receivedAt", started_at as "startedAt",
  checked_at as "checkedAt", rows_checked as "rowsChecked", bytes_checked as "bytesChecked",
  rows_read as "rowsRead", rows_ingested as "rowsIngested", rows_failed as "rowsFailed", rows_warned as "rowsWarned",
  bytes_read as "bytesRead", content_offset as "contentOffset", finished_at as "finishedAt", error`;

export async function insertBatch(
  db: Db,
  batch: Pick<
    BatchRow,
    'batchId' | 'datasetId' | 'fileName' | 'format' | 'mapping' | 'errorThresholdPercent' | 'receivedAt'
  >,
): Promise<void> {
  await db.query(
    `insert into batch (batch_id, dataset_id, status, file_name, file_digest, file_bytes, format, mapping,
       error_threshold_percent, received_at)
     values ($1, $2, 'loading', $3, '', 0, $4, $5, $6, $7)`,
    [
      batch.batchId,
      batch.datasetId,
      batch.fileName,
      batch.format,
      mappingJson(batch),
      batch.errorThresholdPercent,
      batch.receivedAt,
    ],
  );
}

const mappingJson = ({ mapping }: Pick<BatchRow, 'mapping'>): string | null =>
  mapping === null || mapping === undefined ? null : JSON.stringify(mapping);

export function readBatch(db: Db, batchId: string): Promise<BatchRow | undefined> {
  return maybeRow(db, `select ${columns} from batch where batch_id = $1`, [batchId]);
}

/** A page of batches, newest first, behind one of them. */
export function readBatches(
  db: Db,
  page: {
    readonly datasetId: string | undefined;
    readonly status: BatchRow['status'] | undefined;
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<BatchRow[]> {
  return rows(
    db,
    `select ${columns} from batch
     where ($1::uuid is null or dataset_id = $1)
       and ($2::uuid is null
         or (received_at, batch_id) < (select received_at, batch_id from batch where batch_id = $2))
       and ($3::text is null or status = $3)
     order by received_at desc, batch_id desc limit $4`,
    [page.datasetId ?? null, page.after ?? null, page.status ?? null, page.limit],
  );
}

/** Batches whose file has arrived and whose rows are not all read, oldest first. */
export function readUnfinishedBatches(db: Db): Promise<BatchRow[]> {
  return rows(db, `select ${columns} from batch where status = 'processing' order by received_at, batch_id`);
}

/** Which of these batches still need their file, or wait for it. */
export async function filterUnfinished(db: Db, batchIds: readonly string[]): Promise<Set<string>> {
  if (batchIds.length === 0) return new Set();
  const found = await rows<{ batchId: string }>(
    db,
    `select batch_id as "batchId" from batch where batch_id = any($1) and status in ('loading', 'processing')`,
    [batchIds],
  );
  return new Set(found.map(({ batchId }) => batchId));
}

/** The batch that already took the same content with the same mapping into the dataset. */
export function findTwin(
  db: Db,
  batch: Pick<BatchRow, 'batchId' | 'datasetId' | 'format' | 'mapping'>,
  fileDigest: string,
): Promise<BatchRow | undefined> {
  return maybeRow(
    db,
    `select ${columns} from batch
     where dataset_id = $1 and file_digest = $2 and format = $3 and mapping is not distinct from $4::jsonb
       and batch_id <> $5 and status in ('processing', 'success')
     order by received_at desc limit 1`,
    [batch.datasetId, fileDigest, batch.format, mappingJson(batch), batch.batchId],
  );
}

/** The file has arrived whole: its rows may be read. @returns false when the batch was not waiting for it. */
export async function markBatchReceived(db: Db, batchId: string, file: TakenFile): Promise<boolean> {
  const updated = await db.query(
    `update batch set status = 'processing', file_digest = $2, file_bytes = $3, compression = $4,
       source_path = $5, source_state = $6
     where batch_id = $1 and status = 'loading'`,
    [batchId, file.fileDigest, file.fileBytes, file.compression, file.sourcePath, file.sourceState],
  );
  return updated.rowCount === 1;
}

export async function deleteBatch(db: Db, batchId: string): Promise<void> {
  await db.query(`delete from batch where batch_id = $1 and status = 'loading'`, [batchId]);
}

/** Rows of a file that were checked or loaded in one transaction, and how far reading has come. */
export type BatchStep = {
  readonly rowsRead: number;
  readonly rowsFailed: number;
  readonly rowsWarned: number;
  /** Of the file as it came. */
  readonly bytesRead: number;
  readonly contentOffset: number;
};

/**
 * The checkpoint, in the transaction that writes the rows.
 * @param from what the batch had read before; it serves as a fence
 * @returns false when the batch was aborted meanwhile, or someone else has gone on with it: roll back then
 */
export async function advanceBatch(
  trx: Trx,
  batchId: string,
  from: number,
  step: BatchStep,
  now: Date,
): Promise<boolean> {
  const updated = await trx.query(
    `update batch set rows_read = rows_read + $3, rows_ingested = rows_ingested + $3 - $4,
       rows_failed = rows_failed + $4, rows_warned = rows_warned + $8, bytes_read = $5, content_offset = $6,
       started_at = coalesce(started_at, $7)
     where batch_id = $1 and rows_read = $2 and status = 'processing'`,
    [batchId, from, step.rowsRead, step.rowsFailed, step.bytesRead, step.contentOffset, now, step.rowsWarned],
  );
  return updated.rowCount === 1;
}

/** How far the check before loading has come. @returns false when the batch was aborted meanwhile. */
export async function advanceCheck(
  trx: Trx,
  batchId: string,
  checked: { readonly rows: number; readonly bytes: number },
  now: Date,
): Promise<boolean> {
  const updated = await trx.query(
    `update batch set rows_checked = $2, bytes_checked = $3, started_at = coalesce(started_at, $4)
     where batch_id = $1 and status = 'processing' and checked_at is null`,
    [batchId, checked.rows, checked.bytes, now],
  );
  return updated.rowCount === 1;
}

/**
 * The check is passed; what it found will be found again by loading.
 * @returns false when the batch was aborted meanwhile, or another server has checked it
 */
export async function passCheck(trx: Trx, batchId: string, now: Date): Promise<boolean> {
  const updated = await trx.query(
    `update batch set checked_at = $2, bytes_checked = file_bytes
     where batch_id = $1 and status = 'processing' and checked_at is null`,
    [batchId, now],
  );
  // Never what the loading server has written down by now.
  if (updated.rowCount === 1) await trx.query(`delete from batch_error where batch_id = $1`, [batchId]);
  return updated.rowCount === 1;
}

/**
 * More rows were refused than are borne: the batch fails and nothing of it is written.
 * @returns false when the batch was aborted meanwhile, or another server has checked it
 */
export async function failCheck(
  trx: Trx,
  batchId: string,
  end: { readonly rowsFailed: number; readonly error: string; readonly at: Date },
): Promise<boolean> {
  const updated = await trx.query(
    `update batch set status = 'failed', rows_read = rows_checked, rows_failed = $2, bytes_read = file_bytes,
       error = $3, finished_at = $4
     where batch_id = $1 and status = 'processing' and checked_at is null`,
    [batchId, end.rowsFailed, end.error, end.at],
  );
  return updated.rowCount === 1;
}

/** Ends a batch that is being loaded; one that was aborted stays so. */
export async function finishBatch(
  db: Db,
  batchId: string,
  end: { readonly status: 'success' | 'failed'; readonly error: string | null; readonly at: Date },
): Promise<void> {
  await db.query(
    `update batch set status = $2, error = $3, finished_at = $4,
       bytes_read = case when $2 = 'success' then file_bytes else bytes_read end
     where batch_id = $1 and status = 'processing'`,
    [batchId, end.status, end.error, end.at],
  );
}

/**
 * Aborts a batch that has not come to its end. It waits for the chunk under way, if any, and no later one can be
 * written. @returns false when it has come to its end.
 */
export async function abortBatch(db: Db, batchId: string, now: Date): Promise<boolean> {
  const updated = await db.query(
    `update batch set status = 'aborted', finished_at = $2
     where batch_id = $1 and status in ('loading', 'processing')`,
    [batchId, now],
  );
  return updated.rowCount === 1;
}
