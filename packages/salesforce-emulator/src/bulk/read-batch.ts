import { readSync } from 'node:fs';
import { TextDecoder } from 'node:util';
import type { CsvDialect } from './csv-dialect.ts';
import { type CsvRow, findQuote, findRowEnd, parseRow } from './csv-rows.ts';

/** Salesforce's own cut of an upload into batches. */
const maxRows = 10_000;
const maxCharacters = 10_000_000;
const firstReadBytes = 1 << 18;

/** Thrown for bytes that are no UTF-8. */
export class NotUtf8 extends Error {}

/** The first row of an upload: its values, its text as it was sent, and the byte after it. */
export interface CsvHeader {
  readonly row: CsvRow | undefined;
  readonly text: string;
  readonly nextByte: number;
}

export function readHeader(file: number, bytes: number, dialect: CsvDialect): CsvHeader {
  let header: Omit<CsvHeader, 'nextByte'> = { row: undefined, text: '' };
  const nextByte = readRows(file, bytes, 0, dialect, 1, (row, text) => {
    header = { row, text: text.replace(/\r$/, '') };
  });
  return { ...header, nextByte };
}

/**
 * Reads at most one batch of rows from a byte on, handing over each as it is found, and answers the byte after
 * the last. Empty lines are no rows.
 */
export function readBatch(
  file: number,
  bytes: number,
  from: number,
  dialect: CsvDialect,
  take: (row: CsvRow) => void,
  limit = maxRows,
): number {
  return readRows(file, bytes, from, dialect, limit, take);
}

function readRows(
  file: number,
  bytes: number,
  from: number,
  dialect: CsvDialect,
  limit: number,
  take: (row: CsvRow, text: string) => void,
): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  let readTo = from;
  let nextByte = from;
  let characters = 0;
  let step = firstReadBytes;
  let count = 0;
  while (count < limit && characters < maxCharacters) {
    const wanted = Math.min(step, bytes - readTo);
    const block = Buffer.allocUnsafe(wanted);
    const got = wanted === 0 ? 0 : readSync(file, block, 0, wanted, readTo);
    readTo += got;
    const isLast = got === 0 || readTo >= bytes;
    text += decode(decoder, block.subarray(0, got), isLast);
    let at = 0;
    let firstQuote = findQuote(text, 0);
    while (at < text.length && count < limit && characters < maxCharacters) {
      if (firstQuote < at) firstQuote = findQuote(text, at);
      const end = findRowEnd(text, at, firstQuote);
      if (end === text.length && !isLast) break;
      const row = parseRow(text, at, end, dialect);
      if (row.length > 0) {
        count += 1;
        take(row, text.slice(at, end));
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
  return nextByte;
}

function decode(decoder: TextDecoder, bytes: Buffer, isLast: boolean): string {
  try {
    return decoder.decode(bytes, { stream: !isLast });
  } catch (cause) {
    throw new NotUtf8('The uploaded data is not UTF-8.', { cause });
  }
}
