import type pg from 'pg';
import { countRefusedRows, insertBatchErrors } from '../store/batch-errors.ts';
import { advanceCheck, type BatchRow, failCheck, passCheck } from '../store/batches.ts';
import { transaction } from '../store/database.ts';
import type { OpenDataset } from './dataset-registry.ts';
import type { OpenedFile } from './opened-file.ts';
import { readBatchChunks } from './read-batch.ts';

/** A batch was aborted, or another server goes on with it: nothing is left to do. */
export class BatchStopped extends Error {
  override readonly name = 'BatchStopped';
}

const start = { rowsRead: 0, contentOffset: 0 };

/**
 * Reads the whole file before anything of it is written, where the batch does not bear every bad row. A crash
 * makes it begin again, which does no harm: the reasons of a row are written once.
 * @returns false when more rows are bad than the batch bears; it has failed then, and its errors name them.
 */
export async function checkBatch(
  options: { readonly pool: pg.Pool; readonly now: () => Date; readonly signal: AbortSignal },
  batch: BatchRow,
  dataset: OpenDataset,
  file: OpenedFile,
): Promise<boolean> {
  const { pool, now, signal } = options;
  const { batchId, errorThresholdPercent: threshold } = batch;
  if (threshold === 100) return true;
  let rows = 0;
  for await (const chunk of readBatchChunks(file, batch, dataset, start, signal)) {
    signal.throwIfAborted();
    await file.requireUnchanged();
    rows += chunk.rowCount;
    await transaction(pool, async (trx) => {
      await insertBatchErrors(trx, batchId, 'error', chunk.refused);
      if (!(await advanceCheck(trx, batchId, { rows, bytes: chunk.bytesRead }, now())))
        throw new BatchStopped();
    });
  }
  return transaction(pool, async (trx) => {
    const rowsFailed = await countRefusedRows(trx, batchId);
    const isBorne = rowsFailed * 100 <= threshold * rows;
    const error = `${rowsFailed} of ${rows} rows were refused, more than the ${threshold} % that this batch bears. Nothing of it was written. Correct the rows, or raise error_threshold_percent.`;
    const isJudged = isBorne
      ? await passCheck(trx, batchId, now())
      : await failCheck(trx, batchId, { rowsFailed, error, at: now() });
    if (!isJudged) throw new BatchStopped();
    return isBorne;
  });
}
