import { type Line, longestRow } from './lines.ts';

/** A row of a file, or what stands in its place and is none. `end` is the offset in the content behind it. */
export type FileRow<Value> =
  | { readonly value: Value; readonly end: number }
  | { readonly error: string; readonly end: number };
export type CsvRow = FileRow<readonly string[]>;

/** A quoted cell may span this many lines; a quote that is open longer is taken for a slip. */
const mostLinesPerRow = 200;
const quote = '"';

const tooLong = 'The row is longer than 1 MB. Look for a quote that is not closed.';
const openQuote = 'A quote is opened and not closed. Close it, or double it to write a quote.';
const quoteInside =
  'A quote stands in the middle of a cell. Quote the whole cell and double the quotes in it.';

/**
 * Rows as lines stream by, in order, in bounded memory. A broken row costs itself alone: lines are joined into
 * rows by their quotes first, so a quote left open does not swallow the rows behind it.
 */
export async function* readCsvRows(
  groups: AsyncIterable<readonly Line[]>,
  delimiter: string,
  width: number | undefined,
): AsyncGenerator<CsvRow[]> {
  let open: readonly Line[] = [];
  const takeRows = (isEnd: boolean): CsvRow[] => {
    const rows: CsvRow[] = [];
    let at = 0;
    while (at < open.length) {
      const taken = takeRow(open, at, { delimiter, width, isEnd });
      if (taken === undefined) break;
      if (taken.row !== undefined) rows.push(taken.row);
      at += taken.lineCount;
    }
    open = open.slice(at);
    return rows;
  };
  for await (const lines of groups) {
    open = open.length === 0 ? lines : [...open, ...lines];
    yield takeRows(false);
  }
  yield takeRows(true);
}

/** The row that begins at a line, none for a blank line; undefined when it may go on behind the last line. */
function takeRow(
  lines: readonly Line[],
  at: number,
  options: { readonly delimiter: string; readonly width: number | undefined; readonly isEnd: boolean },
): { readonly row: CsvRow | undefined; readonly lineCount: number } | undefined {
  const { delimiter, width, isEnd } = options;
  const line = lines[at] as Line;
  if (line.isTooLong) return { row: { error: tooLong, end: line.end }, lineCount: 1 };
  if (line.text === '') return { row: undefined, lineCount: 1 };
  if (!hasOpenQuote(line.text)) return { row: rowOf([line], delimiter), lineCount: 1 };
  const lineCount = countLines(lines, at);
  if (lineCount === undefined && !isEnd) return undefined;
  const row = rowOf(lines.slice(at, at + (lineCount ?? 1)), delimiter);
  if ('value' in row && (width === undefined || row.value.length === width))
    return { row, lineCount: lineCount ?? 1 };
  return { row: { error: openQuote, end: line.end }, lineCount: 1 };
}

/** Lines up to the one that makes the quotes even; 1 when none near does, undefined when there are too few lines. */
function countLines(lines: readonly Line[], from: number): number | undefined {
  let length = 0;
  for (let count = 1; count <= mostLinesPerRow; count += 1) {
    const line = lines[from + count - 1];
    if (line === undefined) return undefined;
    length += line.text.length;
    if (line.isTooLong || length > longestRow) return 1;
    if (count > 1 && hasOpenQuote(line.text)) return count;
  }
  return 1;
}

function rowOf(lines: readonly Line[], delimiter: string): CsvRow {
  const end = lines.at(-1)?.end ?? 0;
  const value = splitCells(lines.map(({ text }) => text).join('\n'), delimiter);
  return value === undefined ? { error: quoteInside, end } : { value, end };
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

/** Whether the quotes of a line are odd: it opens or closes a cell that spans lines. */
function hasOpenQuote(text: string): boolean {
  let isOpen = false;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) isOpen = !isOpen;
  return isOpen;
}
