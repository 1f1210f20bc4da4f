import { type Line, longestRow } from './lines.ts';

/** A row of a file, or what stands in its place and is none. `end` is the offset in the content behind it. */
export type FileRow<Value> =
  | { readonly value: Value; readonly end: number }
  | { readonly error: string; readonly end: number };
export type CsvRow = FileRow<readonly string[]>;

/** A quoted cell may span this many lines; a quote that is open longer is taken for a slip. */
const mostLinesPerRow = 200;
const quote = '"';

/**
 * Rows as lines stream by, in order, in bounded memory. A broken row costs itself alone: lines are joined into
 * rows by their quotes first, so a quote left open does not swallow the rows behind it. (csv-parse loses rows
 * after an invalid quote even when told to skip, and takes five times as long.)
 */
export async function* readCsvRows(
  groups: AsyncIterable<readonly Line[]>,
  delimiter: string,
  width: number | undefined,
): AsyncGenerator<CsvRow[]> {
  let open: readonly Line[] = [];
  for await (const lines of groups) {
    const { rows, rest } = takeRows(open.length === 0 ? lines : [...open, ...lines], delimiter, width, false);
    open = rest;
    if (rows.length > 0) yield rows;
  }
  const { rows } = takeRows(open, delimiter, width, true);
  if (rows.length > 0) yield rows;
}

/** Rows of the lines there are; `rest` are lines that may go on in the next group. */
function takeRows(
  lines: readonly Line[],
  delimiter: string,
  width: number | undefined,
  isEnd: boolean,
): { readonly rows: CsvRow[]; readonly rest: readonly Line[] } {
  const rows: CsvRow[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] as Line;
    if (line.isTooLong) rows.push(tooLong(line));
    else if (hasOpenQuote(line.text)) {
      const joined = joinLines(lines, at);
      if (joined === 'open' && !isEnd) return { rows, rest: lines.slice(at) };
      const row = joined === 'open' || joined === 'never' ? undefined : rowOf(joined.line, delimiter);
      if (row !== undefined && 'value' in row && (width === undefined || row.value.length === width)) {
        rows.push(row);
        at += (joined as Joined).count;
        continue;
      }
      rows.push({
        error: 'A quote is opened and not closed. Close it, or double it to write a quote.',
        end: line.end,
      });
    } else if (line.text !== '') rows.push(rowOf(line, delimiter));
    at += 1;
  }
  return { rows, rest: [] };
}

type Joined = { readonly line: Line; readonly count: number };

/** The line at a place with those behind it, up to where its quotes are even; `open` when there are no more. */
function joinLines(lines: readonly Line[], from: number): Joined | 'open' | 'never' {
  let text = lines[from]?.text ?? '';
  for (let count = 2; count <= mostLinesPerRow; count += 1) {
    const line = lines[from + count - 1];
    if (line === undefined) return 'open';
    text += `\n${line.text}`;
    if (line.isTooLong || text.length > longestRow) return 'never';
    if (hasOpenQuote(line.text)) return { line: { ...line, text }, count };
  }
  return 'never';
}

function rowOf({ text, end }: Line, delimiter: string): CsvRow {
  const value = splitCells(text, delimiter);
  if (value !== undefined) return { value, end };
  return {
    error: 'A quote stands in the middle of a cell. Quote the whole cell and double the quotes in it.',
    end,
  };
}

/** The cells of one row (RFC 4180); undefined when a quote stands inside a cell that is not quoted whole. */
export function splitCells(text: string, delimiter: string): string[] | undefined {
  if (!text.includes(quote)) return text.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; ; at += 1) {
    let end: number;
    if (text[at] === quote) {
      end = text.indexOf(quote, at + 1);
      while (end >= 0 && text[end + 1] === quote) end = text.indexOf(quote, end + 2);
      if (end < 0) return undefined;
      cells.push(text.slice(at + 1, end).replaceAll('""', quote));
      end += 1;
    } else {
      end = text.indexOf(delimiter, at);
      if (end < 0) end = text.length;
      const cell = text.slice(at, end);
      if (cell.includes(quote)) return undefined;
      cells.push(cell);
    }
    if (end === text.length) return cells;
    if (text[end] !== delimiter) return undefined;
    at = end;
  }
}

const tooLong = ({ end }: Line): { error: string; end: number } => ({
  error: 'The row is longer than 1 MB. Look for a quote that is not closed.',
  end,
});

/** Whether the quotes of a line are odd: it opens or closes a cell that spans lines. */
function hasOpenQuote(text: string): boolean {
  let isOpen = false;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) isOpen = !isOpen;
  return isOpen;
}
