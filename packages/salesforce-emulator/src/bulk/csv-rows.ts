import type { CsvDialect } from './csv-dialect.ts';

/** One row as it was sent: its values without their quotes, or why it is no row. */
export interface CsvRow {
  readonly values: readonly string[];
  /** Whether a value needs more than quotes around it to be written again. */
  readonly isQuoted: boolean;
  /** Characters of the whole row. */
  readonly length: number;
  readonly problem: string | undefined;
}

const quote = 34;

/** Where the first quote from an index on stands; Infinity without one. */
export const findQuote = (text: string, from: number): number => {
  const at = text.indexOf('"', from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
};

/**
 * Where the row that starts at `from` ends: the index of the LF after it, outside of quotes; `text.length` when
 * the text ends first. `firstQuote` is where the first quote of the row or of a later one stands.
 */
export function findRowEnd(text: string, from: number, firstQuote = findQuote(text, from)): number {
  const lineFeed = text.indexOf('\n', from);
  const end = lineFeed < 0 ? text.length : lineFeed;
  if (firstQuote > end) return end;
  let isInside = false;
  for (let index = firstQuote; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) isInside = !isInside;
    else if (code === 10 && !isInside) return index;
  }
  return text.length;
}

/** The row between two indexes, its line ending left out. */
export function parseRow(text: string, from: number, to: number, dialect: CsvDialect): CsvRow {
  const end = dialect.lineEnding === '\r\n' && to > from && text.charCodeAt(to - 1) === 13 ? to - 1 : to;
  const line = text.slice(from, end);
  if (!line.includes('"'))
    return {
      values: line.split(dialect.delimiter),
      isQuoted: false,
      length: line.length,
      problem: undefined,
    };
  return parseQuotedRow(line, dialect.delimiter);
}

/** A quoted value begins and ends right at a delimiter; a quote anywhere else, or a space beside it, is an error. */
function parseQuotedRow(line: string, delimiter: string): CsvRow {
  const values: string[] = [];
  let problem: string | undefined;
  let at = 0;
  for (;;) {
    if (line.charCodeAt(at) === quote) {
      const close = findClosingQuote(line, at + 1);
      values.push(line.slice(at + 1, close).replaceAll('""', '"'));
      at = close + 1;
      if (close === line.length) problem ??= 'a quote is not closed';
      if (at < line.length && line.charAt(at) !== delimiter) {
        problem ??= 'unexpected character after a closing quote';
        at = nextDelimiter(line, at, delimiter);
      }
    } else {
      const next = line.indexOf(delimiter, at);
      const end = next < 0 ? line.length : next;
      const value = line.slice(at, end);
      if (value.includes('"')) {
        problem ??= 'unexpected quote inside an unquoted value';
        at = nextDelimiter(line, at, delimiter);
      } else at = end;
      values.push(value);
    }
    if (at >= line.length) break;
    at += 1;
  }
  return { values, isQuoted: true, length: line.length, problem };
}

/** The next delimiter outside of quotes, or the end of the line. */
function nextDelimiter(line: string, from: number, delimiter: string): number {
  let isInside = false;
  for (let index = from; index < line.length; index++) {
    const character = line.charAt(index);
    if (character === '"') isInside = !isInside;
    else if (character === delimiter && !isInside) return index;
  }
  return line.length;
}

function findClosingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (at >= 0 && line.charCodeAt(at + 1) === quote) at = line.indexOf('"', at + 2);
  return at < 0 ? line.length : at;
}
