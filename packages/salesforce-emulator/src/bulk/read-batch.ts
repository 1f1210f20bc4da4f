import { readSync } from 'node:fs';
import { TextDecoder } from 'node:util';
import type { CsvDialect } from './csv-dialect.ts';
import { type CsvRow, findQuote, findRowEnd, parseRow } from './csv-rows.ts';

/** Rows of an upload that are processed together, and the byte after them. */
export interface CsvBatch {
  readonly rows: readonly CsvRow[];
  readonly nextByte: number;
}

/** Salesforce's own cut of an upload into batches. */
const maxRows = 10_000;
const maxCharacters = 10_000_000;
const firstReadBytes = 1 << 18;

/** Thrown for bytes that are no UTF-8. */
export class NotUtf8 extends Error {}

/** The header: its row, its text as it was sent, and where the records begin. */
export function readHeader(file: number, bytes: number, dialect: CsvDialect) {
  const { rows, texts, nextByte } = readRows(file, bytes, 0, dialect, 1, true);
  const [row] = rows;
  return { row, text: texts[0] ?? '', nextByte };
}

/** Reads at most one batch of rows from a byte on. Empty lines are no rows. */
export function readBatch(file: number, bytes: number, from: number, dialect: CsvDialect): CsvBatch {
  return readRows(file, bytes, from, dialect, maxRows, false);
}

function readRows(
  file: number,
  bytes: number,
  from: number,
  dialect: CsvDialect,
  limit: number,
  keepTexts: boolean,
): CsvBatch & { readonly texts: readonly string[] } {
  const rows: CsvRow[] = [];
  const texts: string[] = [];
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  let readTo = from;
  let nextByte = from;
  let characters = 0;
  let step = firstReadBytes;
  while (rows.length < limit && characters < maxCharacters) {
    const count = Math.min(step, bytes - readTo);
    const block = Buffer.allocUnsafe(count);
    const got = count === 0 ? 0 : readSync(file, block, 0, count, readTo);
    readTo += got;
    const isLast = got === 0 || readTo >= bytes;
    text += decode(decoder, block.subarray(0, got), isLast);
    let at = 0;
    let firstQuote = findQuote(text, 0);
    while (at < text.length && rows.length < limit && characters < maxCharacters) {
      if (firstQuote < at) firstQuote = findQuote(text, at);
      const end = findRowEnd(text, at, firstQuote);
      if (end === text.length && !isLast) break;
      const row = parseRow(text, at, end, dialect);
      if (row.length > 0) {
        rows.push(row);
        if (keepTexts) texts.push(text.slice(at, end).replace(/\r$/, ''));
        characters += row.length;
      }
      at = end + 1;
    }
    const used = text.slice(0, at);
    nextByte = Math.min(nextByte + Buffer.byteLength(used), bytes);
    // A row longer than what was read is looked for in twice as much, so that it costs no more than its length.
    step = at === 0 ? step * 2 : firstReadBytes;
    text = text.slice(at);
    if (isLast) break;
  }
  return { rows, nextByte, texts };
}

function decode(decoder: TextDecoder, bytes: Buffer, isLast: boolean): string {
  try {
    return decoder.decode(bytes, { stream: !isLast });
  } catch (cause) {
    throw new NotUtf8('The uploaded data is not UTF-8.', { cause });
  }
}
