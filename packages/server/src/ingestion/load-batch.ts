import { HeadraceError } from '@headrace/core';
import type pg from 'pg';
import { insertBatchErrors, type RefusedRow } from '../store/batch-errors.ts';
import { advanceBatch, type BatchRow, finishBatch, readBatch } from '../store/batches.ts';
import { type Trx, transaction } from '../store/database.ts';
import { countRecords } from '../store/dataset-activity.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { applyBisecting } from './apply-bisecting.ts';
import type { BatchFiles } from './batch-files.ts';
import { BatchStopped, checkBatch } from './check-batch.ts';
import type { DatasetRegistry, OpenDataset } from './dataset-registry.ts';
import type { OpenedFile } from './opened-file.ts';
import { type BatchChunk, readBatchChunks } from './read-batch.ts';
import type { ProfileChangeListener } from './save-profiles.ts';

export type LoadOptions = {
  readonly pool: pg.Pool;
  readonly datasets: DatasetRegistry;
  readonly files: BatchFiles;
  readonly onChange: ProfileChangeListener;
  readonly onCommit: () => void;
  readonly now: () => Date;
  readonly signal: AbortSignal;
};

/**
 * Reads the rows of a batch's file and ingests the good ones, from the checkpoint on. Bad rows are written
 * down with row and reason; the rest goes on. Where not every bad row is borne, the whole file is checked first.
 * Aborted by the signal it can be called again later.
 */
export async function loadBatch(options: LoadOptions, batch: BatchRow): Promise<void> {
  const { pool, datasets, files, now, signal } = options;
  try {
    await using file = await files.open(batch);
    // Another server's file is loaded there.
    if (file === undefined) return;
    await file.requireUnchanged();
    const dataset = await datasets.open(pool, batch.datasetId);
    const isBorne = batch.checkedAt !== null || (await checkBatch(options, batch, dataset, file));
    if (isBorne) {
      await loadRows(options, batch, dataset, file);
      const error = await errorOf(pool, batch.batchId);
      const status = error === null ? 'success' : 'failed';
      await finishBatch(pool, batch.batchId, { status, error, at: now() });
    }
  } catch (error) {
    if (signal.aborted || error instanceof BatchStopped) return;
    if (!(error instanceof HeadraceError)) throw error;
    await finishBatch(pool, batch.batchId, { status: 'failed', error: error.message, at: now() });
  }
}

/** A file of which nothing at all could be ingested is no success, however many bad rows are borne. */
async function errorOf(pool: pg.Pool, batchId: string): Promise<string | null> {
  const read = await readBatch(pool, batchId);
  return read === undefined || read.rowsRead === 0 || read.rowsIngested > 0
    ? null
    : `None of the ${read.rowsRead} rows could be ingested. Its errors say why. Correct the rows or the mapping, and send the file as another batch.`;
}

/** The next chunk is read and checked while PostgreSQL works on the present one. */
async function loadRows(
  options: LoadOptions,
  batch: BatchRow,
  dataset: OpenDataset,
  file: OpenedFile,
): Promise<void> {
  let { rowsRead } = batch;
  let writing = Promise.resolve();
  try {
    for await (const chunk of readBatchChunks(file, batch, dataset, batch, options.signal)) {
      await writing;
      await file.requireUnchanged();
      writing = writeChunk(options, batch, rowsRead, chunk);
      // Whoever awaits it gets the error; until then nobody does.
      writing.catch(() => undefined);
      rowsRead += chunk.rowCount;
    }
  } finally {
    await writing;
  }
}

async function writeChunk(
  options: LoadOptions,
  { batchId, datasetId }: BatchRow,
  from: number,
  chunk: BatchChunk,
): Promise<void> {
  options.signal.throwIfAborted();
  await transaction(options.pool, async (trx) => {
    // The instant is that of the lock, as in the record queue.
    await lockProfileWrites(trx);
    const at = options.now();
    const unfit = await applyChunk(trx, chunk, options, at);
    const refused = [...chunk.refused, ...unfit];
    const warned = chunk.warned.filter(({ rowNumber }) => !unfit.some((row) => row.rowNumber === rowNumber));
    await insertBatchErrors(trx, batchId, 'error', refused);
    await insertBatchErrors(trx, batchId, 'warning', warned);
    const [rowsFailed, rowsWarned] = [refused.length, warned.length];
    const counts = { ingested: chunk.rowCount - rowsFailed, failed: rowsFailed };
    await countRecords(trx, new Map([[datasetId, counts]]), at);
    const { rowCount, bytesRead, contentOffset } = chunk;
    const step = { rowsRead: rowCount, rowsFailed, rowsWarned, bytesRead, contentOffset };
    if (!(await advanceBatch(trx, batchId, from, step, at))) throw new BatchStopped();
  });
  options.onCommit();
}

/** @returns the rows that the database refused */
async function applyChunk(
  trx: Trx,
  { good }: BatchChunk,
  { onChange }: LoadOptions,
  at: Date,
): Promise<RefusedRow[]> {
  const records = good.map(({ record }) => record);
  const applied = await applyBisecting(trx, records, onChange, at);
  return good.flatMap(({ rowNumber }, index) => {
    const result = applied[index];
    return result?.status === 'failed' ? [{ rowNumber, errors: result.errors }] : [];
  });
}
