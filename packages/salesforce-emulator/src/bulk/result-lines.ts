import type { RecordError } from '../records/record-error.ts';
import type { RecordResult } from '../records/record-result.ts';
import type { RecordWrite } from '../records/write-record.ts';
import type { CsvDialect } from './csv-dialect.ts';
import type { CsvRow } from './csv-rows.ts';
import { errorsOfRow } from './row-write.ts';

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

/** The first line of a result file: the emulator's columns, then the header as it was sent. */
export const resultHeader = (
  kind: 'sf__Created' | 'sf__Error',
  header: string,
  { delimiter, lineEnding }: CsvDialect,
): string => `"sf__Id"${delimiter}"${kind}"${delimiter}${header}${lineEnding}`;

/** The values of a row, as many as the header has. */
function cellsOf(row: CsvRow, columns: number, delimiter: string): string {
  const { values } = row;
  const full =
    values.length === columns ? values : Array.from({ length: columns }, (_, index) => values[index] ?? '');
  return row.isQuoted ? full.map(quoted).join(delimiter) : `"${full.join(`"${delimiter}"`)}"`;
}

const sfError = (error: RecordError | undefined): string =>
  error === undefined
    ? 'UNKNOWN_EXCEPTION::--'
    : `${error.statusCode}:${error.message}:${error.fields.map((field) => `${field} `).join('')}--`;

/** A line of the successful results: every value in quotes. */
export function successLine(result: RecordResult, row: CsvRow, columns: number, dialect: CsvDialect): string {
  const { delimiter } = dialect;
  const cells = cellsOf(row, columns, delimiter);
  return `"${result.id ?? ''}"${delimiter}"${result.created === true}"${delimiter}${cells}${dialect.lineEnding}`;
}

/** A line of the failed results. Only the first error is told; `sf__Id` is the id that was sent, if one was. */
export function failureLine(
  result: RecordResult,
  write: RecordWrite,
  row: CsvRow,
  columns: number,
  dialect: CsvDialect,
): string {
  const { delimiter } = dialect;
  const id = write.kind === 'update' || write.kind === 'delete' ? write.id : '';
  const [error] = errorsOfRow(write, result.errors);
  const cells = cellsOf(row, columns, delimiter);
  return `${quoted(id)}${delimiter}${quoted(sfError(error))}${delimiter}${cells}${dialect.lineEnding}`;
}
