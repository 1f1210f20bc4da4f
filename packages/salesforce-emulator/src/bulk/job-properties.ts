import { apiErrors } from '../errors/api-error.ts';
import { type JsonObject, ownValue } from '../json.ts';
import { bulkErrors } from './bulk-errors.ts';
import { type DelimiterName, isDelimiterName, isLineEndingName, type LineEndingName } from './csv-dialect.ts';

/** A text of a job's description; undefined when it is left out or null. Throws JSON_PARSER_ERROR for anything else. */
export function textProperty(body: JsonObject, property: string): string | undefined {
  const value = ownValue(body, property) ?? undefined;
  if (value !== undefined && typeof value !== 'string')
    throw apiErrors.json(`Cannot deserialize instance of string: "${property}" at [line:1, column:1]`);
  return value;
}

/** Throws JSON_PARSER_ERROR when a job's description has a property its kind does not know. */
export function refuseUnknownProperties(body: JsonObject, known: ReadonlySet<string>): void {
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown !== undefined) throw apiErrors.json(`Unrecognized field "${unknown}" at [line:1, column:1]`);
}

/** How a job's rows are written, by default with LF and commas. Throws API_ERROR for what is no such value. */
export function readFormat(body: JsonObject): {
  readonly lineEnding: LineEndingName;
  readonly columnDelimiter: DelimiterName;
} {
  const contentType = textProperty(body, 'contentType') ?? 'CSV';
  if (contentType !== 'CSV') throw bulkErrors.invalidValue('contentType', contentType);
  const lineEnding = textProperty(body, 'lineEnding') ?? 'LF';
  if (!isLineEndingName(lineEnding)) throw bulkErrors.invalidValue('lineEnding', lineEnding);
  const columnDelimiter = textProperty(body, 'columnDelimiter') ?? 'COMMA';
  if (!isDelimiterName(columnDelimiter)) throw bulkErrors.invalidValue('columnDelimiter', columnDelimiter);
  return { lineEnding, columnDelimiter };
}
