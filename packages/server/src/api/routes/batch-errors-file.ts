import type pg from 'pg';
import { type BatchErrorRow, readBatchErrors } from '../../store/batch-errors.ts';

const pageSize = 1_000;

/** All reasons of all refused rows of a batch as a file, read page by page, in order of rows. */
export async function* writeBatchErrors(
  pool: pg.Pool,
  batchId: string,
  format: 'ndjson' | 'csv',
): AsyncGenerator<string> {
  const lineOf = format === 'csv' ? csvLine : jsonLine;
  if (format === 'csv') yield 'row,severity,pointer,keyword,message\r\n';
  let after: Pick<BatchErrorRow, 'rowNumber' | 'ordinal'> | undefined = { rowNumber: 0, ordinal: 0 };
  while (after !== undefined) {
    const page: BatchErrorRow[] = await readBatchErrors(pool, batchId, after, pageSize);
    if (page.length > 0) yield page.map(lineOf).join('');
    after = page.length === pageSize ? page.at(-1) : undefined;
  }
}

const jsonLine = ({ rowNumber, severity, pointer, keyword, message }: BatchErrorRow): string =>
  `${JSON.stringify({ row: rowNumber, severity, pointer, keyword, message })}\n`;

const csvLine = ({ rowNumber, severity, pointer, keyword, message }: BatchErrorRow): string =>
  `${[String(rowNumber), severity, pointer, keyword, message].map(csvCell).join(',')}\r\n`;

const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
