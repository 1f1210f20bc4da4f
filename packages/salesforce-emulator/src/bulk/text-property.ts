import { apiErrors } from '../errors/api-error.ts';
import { type JsonObject, ownValue } from '../json.ts';

/** A text of a job's description; undefined when it is left out or null. Throws JSON_PARSER_ERROR for anything else. */
export function textProperty(body: JsonObject, property: string): string | undefined {
  const value = ownValue(body, property) ?? undefined;
  if (value !== undefined && typeof value !== 'string')
    throw apiErrors.json(`Cannot deserialize instance of string: "${property}" at [line:1, column:1]`);
  return value;
}
