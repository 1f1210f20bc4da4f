import { createReadStream } from 'node:fs';
import {
  type BoundCsvMapping,
  bindCsvHeader,
  compileCsvMapping,
  type ErrorDetail,
  HeadraceError,
  invalidInput,
  mapRow,
} from '@headrace/core';
import type pg from 'pg';
import { advanceBatch, type BatchRow, finishBatch, insertBatchErrors } from '../store/batches.ts';
import { transaction } from '../store/database.ts';
import { countRecords } from '../store/dataset-activity.ts';
import { applyBisecting } from './apply-bisecting.ts';
import type { BatchFiles } from './batch-files.ts';
import { type CsvRow, readCsvRows } from './csv-rows.ts';
import type { DatasetRegistry, OpenDataset } from './dataset-registry.ts';
import { type Arrival, type PreparedRecord, prepareRecord } from './prepared-record.ts';
import type { ProfileChangeListener } from './save-profiles.ts';

/** Rows of one transaction: the checkpoint is written with them. */
const chunkRows = 500;
const headerRows = 1;

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
 * down with row and reason; the rest goes on. Aborted by the signal it can be called again later.
 */
export async function loadBatch(options: LoadOptions, batch: BatchRow): Promise<void> {
  const { pool, datasets, files, now, signal } = options;
  try {
    const dataset = await datasets.open(pool, batch.datasetId);
    let bound: BoundCsvMapping | undefined;
    // As a spreadsheet counts: the header is row 1.
    let rowNumber = 1;
    let chunk: ParsedRow[] = [];
    for await (const row of readCsvRows(createReadStream(files.pathOf(batch.batchId), { signal }))) {
      if (bound === undefined) {
        if ('error' in row) throw invalidInput(`The header line cannot be read: ${row.error}`);
        bound = bindCsvHeader(compileCsvMapping(batch.mapping, dataset.schema), row.cells);
        continue;
      }
      rowNumber += 1;
      if (rowNumber <= headerRows + batch.rowsRead) continue;
      chunk.push({ ...row, rowNumber });
      if (chunk.length < chunkRows) continue;
      await loadChunk(options, batch, dataset, bound, chunk);
      chunk = [];
    }
    if (bound === undefined) throw invalidInput('The file has no header line.');
    if (chunk.length > 0) await loadChunk(options, batch, dataset, bound, chunk);
    await finishBatch(pool, batch.batchId, { status: 'success', error: null, at: now() });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof HeadraceError)) throw error;
    await finishBatch(pool, batch.batchId, { status: 'failed', error: error.message, at: now() });
  }
  await files.remove(batch.batchId);
}

type ParsedRow = CsvRow & { readonly rowNumber: number };

async function loadChunk(
  options: LoadOptions,
  batch: BatchRow,
  dataset: OpenDataset,
  mapping: BoundCsvMapping,
  chunk: readonly ParsedRow[],
): Promise<void> {
  options.signal.throwIfAborted();
  const at = options.now();
  const good: { rowNumber: number; record: PreparedRecord }[] = [];
  const failures: { rowNumber: number; errors: readonly ErrorDetail[] }[] = [];
  for (const row of chunk) {
    const prepared = prepareRow(dataset, mapping, row, batch);
    if ('errors' in prepared) failures.push({ rowNumber: row.rowNumber, errors: prepared.errors });
    else good.push({ rowNumber: row.rowNumber, record: prepared.record });
  }
  await transaction(options.pool, async (trx) => {
    const applied = await applyBisecting(
      trx,
      good.map(({ record }) => record),
      options.onChange,
      at,
    );
    const refused = applied.flatMap((result, index) => {
      const rowNumber = good[index]?.rowNumber;
      return result.status === 'failed' && rowNumber !== undefined
        ? [{ rowNumber, errors: result.errors }]
        : [];
    });
    const rowsFailed = failures.length + refused.length;
    await insertBatchErrors(trx, batch.batchId, [...failures, ...refused]);
    await countRecords(
      trx,
      new Map([[batch.datasetId, { ingested: chunk.length - rowsFailed, failed: rowsFailed }]]),
      at,
    );
    await advanceBatch(trx, batch.batchId, {
      rowsRead: chunk.length,
      rowsIngested: chunk.length - rowsFailed,
      rowsFailed,
      bytesRead: chunk.at(-1)?.bytes ?? 0,
    });
  });
  options.onCommit();
}

function prepareRow(
  dataset: OpenDataset,
  mapping: BoundCsvMapping,
  row: ParsedRow,
  arrival: Arrival,
): { readonly record: PreparedRecord } | { readonly errors: readonly ErrorDetail[] } {
  if ('error' in row) return { errors: [{ keyword: 'csv', message: row.error }] };
  const { record, errors } = mapRow(mapping, row.cells);
  if (errors.length > 0) return { errors };
  const preparation = prepareRecord(dataset, record, arrival);
  return preparation.ok ? { record: preparation.record } : { errors: preparation.errors };
}
