import { setImmediate } from 'node:timers/promises';
import {
  bindCsvHeader,
  compileCsvMapping,
  detectDelimiter,
  type ErrorDetail,
  invalidInput,
  mapRow,
} from '@headrace/core';
import type { RefusedRow } from '../store/batch-errors.ts';
import type { BatchRow } from '../store/batches.ts';
import { type CsvRow, type FileRow, readCsvRows } from './csv-rows.ts';
import type { OpenDataset } from './dataset-registry.ts';
import { type Line, readLines } from './lines.ts';
import { readNdjsonRows } from './ndjson-rows.ts';
import type { OpenedFile } from './opened-file.ts';
import { type Arrival, type PreparedRecord, prepareRecord } from './prepared-record.ts';

/** Rows of one transaction: the checkpoint is written with them. */
const chunkRows = 500;

/**
 * Rows checked before what waits gets its turn: the chunk before, whose answers from PostgreSQL come meanwhile, and
 * requests.
 */
const rowsAtOnce = 25;

/** Some rows of a file, checked, in order. */
export type BatchChunk = {
  readonly rowCount: number;
  readonly good: readonly { readonly rowNumber: number; readonly record: PreparedRecord }[];
  readonly refused: readonly RefusedRow[];
  /** Good ones of which something is left out. */
  readonly warned: readonly RefusedRow[];
  /** Where the next row begins in the content, and how much of the file is read. */
  readonly contentOffset: number;
  readonly bytesRead: number;
};

/** How far a batch was read: rows, and where the next one begins in the content; 0 and 0 for its start. */
export type BatchPosition = Pick<BatchRow, 'rowsRead' | 'contentOffset'>;

/**
 * Reads a batch's file from a position on and checks every row against the dataset; memory stays bounded.
 * @throws HeadraceError `invalid_input` when the header does not fit the mapping; `conflict` when the file changed.
 */
export async function* readBatchChunks(
  file: OpenedFile,
  batch: BatchRow,
  dataset: OpenDataset,
  from: BatchPosition,
  signal: AbortSignal,
): AsyncGenerator<BatchChunk> {
  let packedRead = 0;
  const linesFrom = (offset: number) =>
    readLines(
      file.readContent(batch.compression, offset, signal, (bytes) => {
        packedRead = Math.max(packedRead, bytes);
      }),
      offset,
    );
  const { firstRow, groups } = await openRows(linesFrom, batch, dataset, from.contentOffset);
  let rowNumber = firstRow + from.rowsRead;
  let open: RecordRow[] = [];
  const cut = async (rows: readonly RecordRow[]): Promise<BatchChunk> => {
    const chunk = await checkRows(rows, rowNumber, dataset, batch);
    rowNumber += rows.length;
    const contentOffset = rows.at(-1)?.end ?? 0;
    return {
      ...chunk,
      contentOffset,
      bytesRead: batch.compression === 'none' ? contentOffset : packedRead,
    };
  };
  for await (const rows of groups) {
    open = open.length === 0 ? rows : [...open, ...rows];
    while (open.length >= chunkRows) {
      yield await cut(open.slice(0, chunkRows));
      open = open.slice(chunkRows);
    }
  }
  if (open.length > 0) yield await cut(open);
}

/** A row as a record that is still to be validated, or why it is none. */
type RecordRow = {
  readonly end: number;
  readonly record: unknown;
  readonly errors: readonly ErrorDetail[];
};
type OpenRows = { readonly firstRow: number; readonly groups: AsyncIterable<RecordRow[]> };

async function openRows(
  linesFrom: (offset: number) => AsyncIterable<Line[]>,
  batch: BatchRow,
  dataset: OpenDataset,
  contentOffset: number,
): Promise<OpenRows> {
  if (batch.format === 'ndjson') {
    const toRecord = (value: unknown) => ({ record: value, errors: [] });
    return { firstRow: 1, groups: toRecords(readNdjsonRows(linesFrom(contentOffset)), 'json', toRecord) };
  }
  const mapping = compileCsvMapping(batch.mapping, dataset.schema);
  const delimiter = mapping.delimiter ?? detectDelimiter((await firstLine(linesFrom(0)))?.text ?? '');
  const header = await firstRow(readCsvRows(linesFrom(0), delimiter, undefined));
  if (header === undefined) throw invalidInput('The file has no header line.');
  if ('error' in header) throw invalidInput(`The header line cannot be read: ${header.error}`);
  const bound = bindCsvHeader(mapping, header.value);
  const rows = readCsvRows(linesFrom(Math.max(contentOffset, header.end)), delimiter, bound.width);
  // As a spreadsheet counts: the header is row 1.
  return { firstRow: 2, groups: toRecords(rows, 'csv', (cells) => mapRow(bound, cells)) };
}

async function firstLine(groups: AsyncIterable<readonly Line[]>): Promise<Line | undefined> {
  for await (const lines of groups) {
    const found = lines.find(({ text }) => text !== '');
    if (found !== undefined) return found;
  }
  return undefined;
}

async function firstRow(groups: AsyncIterable<readonly CsvRow[]>): Promise<CsvRow | undefined> {
  for await (const [row] of groups) if (row !== undefined) return row;
  return undefined;
}

async function* toRecords<Value>(
  groups: AsyncIterable<readonly FileRow<Value>[]>,
  keyword: string,
  toRecord: (value: Value) => { readonly record: unknown; readonly errors: readonly ErrorDetail[] },
): AsyncGenerator<RecordRow[]> {
  for await (const rows of groups)
    yield rows.map((row) =>
      'error' in row
        ? { end: row.end, record: undefined, errors: [{ keyword, message: row.error }] }
        : { end: row.end, ...toRecord(row.value) },
    );
}

async function checkRows(
  rows: readonly RecordRow[],
  firstRowNumber: number,
  dataset: OpenDataset,
  arrival: Arrival,
): Promise<Pick<BatchChunk, 'rowCount' | 'good' | 'refused' | 'warned'>> {
  const good: { rowNumber: number; record: PreparedRecord }[] = [];
  const refused: RefusedRow[] = [];
  const warned: RefusedRow[] = [];
  for (const [index, { record, errors }] of rows.entries()) {
    if (index % rowsAtOnce === 0) await setImmediate();
    const rowNumber = firstRowNumber + index;
    if (errors.length > 0) {
      refused.push({ rowNumber, errors });
      continue;
    }
    const preparation = prepareRecord(dataset, record, arrival);
    if (!preparation.ok) {
      refused.push({ rowNumber, errors: preparation.errors });
      continue;
    }
    good.push({ rowNumber, record: preparation.record });
    if (preparation.warnings.length > 0) warned.push({ rowNumber, errors: preparation.warnings });
  }
  return { rowCount: rows.length, good, refused, warned };
}
