import { type CsvError, parse } from 'csv-parse/sync';

/** A row of a CSV file, or what stands in its place and is none. `bytes` of the file are behind it. */
export type CsvRow =
  | { readonly cells: readonly string[]; readonly bytes: number }
  | { readonly error: string; readonly bytes: number };

/** A quoted cell may span this many lines; a quote that is open longer is taken for a slip. */
const mostLinesPerRow = 200;
const longestRow = 1_048_576;
/** Simple lines parsed in one go. */
const linesPerParse = 200;

type Line = { readonly text: string; readonly bytes: number };

/**
 * Rows as they stream by, in order, in bounded memory. A broken row costs itself alone: lines are joined into
 * rows by their quotes before a parser sees them, so a quote left open does not swallow the rows behind it.
 * (csv-parse alone loses rows after an invalid quote, even when told to skip.)
 */
export async function* readCsvRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow> {
  const lines = new LineReader(chunks);
  let width: number | undefined;
  for (;;) {
    const simple = await takeSimpleLines(lines);
    for (const row of parseLines(simple)) {
      if ('cells' in row) width ??= row.cells.length;
      yield row;
    }
    const first = await lines.next();
    if (first === undefined) return;
    if (first.text.length > longestRow) {
      yield {
        error: 'The row is longer than 1 MB. Look for a quote that is not closed.',
        bytes: first.bytes,
      };
      continue;
    }
    const row = await joinQuotedLines(lines, first, width);
    if ('cells' in row) width ??= row.cells.length;
    yield row;
  }
}

/** Lines that are rows by themselves, up to the first that is not. */
async function takeSimpleLines(lines: LineReader): Promise<Line[]> {
  const simple: Line[] = [];
  while (simple.length < linesPerParse) {
    const line = await lines.peek();
    if (line === undefined || !hasEvenQuotes(line.text) || line.text.length > longestRow) break;
    await lines.next();
    if (line.text !== '') simple.push(line);
  }
  return simple;
}

/** Reads on until the quotes are even; if that makes no row of the expected width, the first line is broken. */
async function joinQuotedLines(lines: LineReader, first: Line, width: number | undefined): Promise<CsvRow> {
  if (hasEvenQuotes(first.text)) return parseLine(first);
  const joined: Line[] = [];
  let text = first.text;
  while (joined.length < mostLinesPerRow && text.length < longestRow) {
    const line = await lines.next();
    if (line === undefined) break;
    joined.push(line);
    text += `\n${line.text}`;
    if (hasEvenQuotes(line.text)) continue;
    const row = parseLine({ text, bytes: line.bytes });
    if ('cells' in row && (width === undefined || row.cells.length === width)) return row;
    break;
  }
  lines.putBack(joined);
  return {
    error: 'A quote is opened and not closed. Close it, or double it to write a quote.',
    bytes: first.bytes,
  };
}

function parseLines(lines: readonly Line[]): CsvRow[] {
  if (lines.length === 0) return [];
  try {
    const records = parseRecords(lines.map((line) => line.text).join('\n'));
    if (records.length === lines.length)
      return records.map((cells, index) => ({ cells, bytes: lines[index]?.bytes ?? 0 }));
  } catch {
    // One of them is broken: found below.
  }
  return lines.map(parseLine);
}

function parseLine({ text, bytes }: Line): CsvRow {
  try {
    const [cells, ...others] = parseRecords(text);
    if (cells !== undefined && others.length === 0) return { cells, bytes };
    return { error: 'The row cannot be read as CSV.', bytes };
  } catch (error) {
    return { error: explain(error), bytes };
  }
}

const parseRecords = (text: string): string[][] => parse(text, { relax_column_count: true });

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? (error as CsvError).code : undefined;
  return code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE'
    ? 'A quote stands in the middle of a cell. Quote the whole cell and double the quotes in it.'
    : 'The row cannot be read as CSV.';
}

function hasEvenQuotes(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes += 1;
  return quotes % 2 === 0;
}

/** Splits text at line feeds; carriage returns before them and a byte order mark are dropped. */
class LineReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder = new TextDecoder('utf-8');
  #lines: Line[] = [];
  #position = 0;
  #rest = '';
  #bytes = 0;
  #isDone = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async peek(): Promise<Line | undefined> {
    while (this.#position >= this.#lines.length && !this.#isDone) await this.#fill();
    return this.#lines[this.#position];
  }

  async next(): Promise<Line | undefined> {
    const line = await this.peek();
    if (line !== undefined) this.#position += 1;
    return line;
  }

  putBack(lines: readonly Line[]): void {
    this.#lines = [...lines, ...this.#lines.slice(this.#position)];
    this.#position = 0;
  }

  async #fill(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    this.#isDone = done === true;
    this.#bytes += value?.length ?? 0;
    // What is longer than any row may be is dropped up to the next line feed.
    const kept = this.#rest.length > longestRow ? this.#rest.slice(0, longestRow + 1) : this.#rest;
    const text =
      kept + (value === undefined ? this.#decoder.decode() : this.#decoder.decode(value, { stream: true }));
    const parts = text.split('\n');
    this.#rest = this.#isDone ? '' : (parts.pop() ?? '');
    if (this.#isDone && parts.at(-1) === '') parts.pop();
    this.#lines = [
      ...this.#lines.slice(this.#position),
      ...parts.map((part) => ({ text: part.endsWith('\r') ? part.slice(0, -1) : part, bytes: this.#bytes })),
    ];
    this.#position = 0;
  }
}
