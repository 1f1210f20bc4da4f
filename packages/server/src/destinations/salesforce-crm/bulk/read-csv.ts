import { HeadraceError } from '@headrace/core';

/** Far more than a record of 400,000 characters, each of which may be a quote to be doubled, and its error. */
const longestRow = 2_000_000;

/** Rows of a result file as it streams by, in bounded memory. */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[][]> {
  const decoder = new TextDecoder('utf-8');
  let text = '';
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    const { rows, next } = takeRows(text, false);
    text = text.slice(next);
    if (text.length > longestRow) throw broken('a row without an end');
    if (rows.length > 0) yield rows;
  }
  const { rows } = takeRows(text + decoder.decode(), true);
  if (rows.length > 0) yield rows;
}

function takeRows(text: string, isEnd: boolean): { readonly rows: string[][]; readonly next: number } {
  const rows: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const row = takeRow(text, at, isEnd);
    if (row === undefined) break;
    at = row.next;
    // A blank line is no row.
    if (row.cells.length > 1 || row.cells[0] !== '') rows.push(row.cells);
  }
  return { rows, next: at };
}

/** @returns undefined where the row may go on behind the end of the text */
function takeRow(
  text: string,
  start: number,
  isEnd: boolean,
): { readonly cells: string[]; readonly next: number } | undefined {
  const cells: string[] = [];
  for (let at = start; ; ) {
    const isQuoted = text[at] === '"';
    const end = isQuoted ? closingQuote(text, at) : endOfBare(text, at);
    if (isQuoted && end === text.length && isEnd) throw broken('a quote that is not closed');
    const behind = isQuoted ? end + 1 : end;
    // At the end of the text a quote may be the first of two, and a CR may be followed by its LF.
    if (!isEnd && behind + 1 >= text.length) return undefined;
    cells.push(isQuoted ? text.slice(at + 1, end).replaceAll('""', '"') : text.slice(at, end));
    if (text[behind] === ',') at = behind + 1;
    else if (behind >= text.length) return { cells, next: text.length };
    else if (text[behind] === '\n') return { cells, next: behind + 1 };
    else if (text[behind] === '\r') return { cells, next: behind + (text[behind + 1] === '\n' ? 2 : 1) };
    else throw broken('text behind a quoted value');
  }
}

/** Where a quoted cell closes; the end of the text where it does not. */
function closingQuote(text: string, open: number): number {
  for (let at = open + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    if (text[at + 1] !== '"') return at;
  }
}

function endOfBare(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === ',' || character === '\n' || character === '\r') return at;
  }
  return text.length;
}

const broken = (what: string): HeadraceError =>
  new HeadraceError('destination_unavailable', `A result file of Salesforce has ${what}.`);
