import { isUtf8 } from 'node:buffer';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { Call } from './route.ts';

const maxDepth = 64;
/** Far more than the fields of an object, or the values of five collections of wide records. */
const maxMembers = 10_000;
const maxValues = 1_000_000;

/** An escape that may stand for half a character, or for NUL, neither of which can be stored as text. */
const suspectEscape = /\\u(?:d[89a-f]|0000)/i;

/** The JSON body of a call. Throws JSON_PARSER_ERROR, or 415 for another media type. */
export function readJson(call: Call): JsonValue {
  if (call.json !== undefined) return call.json;
  const contentType = call.headers['content-type'];
  if (contentType !== undefined && /^(?:application|text)\/xml\b/i.test(contentType))
    throw apiErrors.notImplemented('A body in XML');
  if (contentType !== undefined && !/^application\/json\b/i.test(contentType))
    throw new ApiError(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      `Content-Type '${contentType}' is not supported for this resource; send application/json.`,
    );
  const text = readText(call);
  try {
    const value: JsonValue = JSON.parse(text);
    if (isTooMuch(value)) throw new Error('too deep or too wide');
    if (suspectEscape.test(text) && hasUnstorableText(value)) throw new Error('a character that is none');
    return value;
  } catch (error) {
    throw apiErrors.json(describeJsonError(error instanceof Error ? error.message : String(error), text));
  }
}

/** The body as text. Throws JSON_PARSER_ERROR for bytes that are no UTF-8. */
export function readText(call: Call): string {
  if (!isUtf8(call.body)) throw apiErrors.json('Invalid UTF-8 at [line:1, column:1]');
  return call.body.toString('utf8');
}

/** The JSON body, when it is an object; `what` is what Salesforce makes of it. */
export function readJsonObject(call: Call, what = 'object'): JsonObject {
  const value = readJson(call);
  if (!isJsonObject(value))
    throw apiErrors.json(`Can not deserialize ${what} out of ${tokenOf(value)} token at [line:1, column:1]`);
  return value;
}

/** How Salesforce's parser calls the beginning of a value that is no object. */
function tokenOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'START_ARRAY';
  if (typeof value === 'string') return 'VALUE_STRING';
  if (typeof value === 'number') return Number.isInteger(value) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT';
  if (typeof value === 'boolean') return value ? 'VALUE_TRUE' : 'VALUE_FALSE';
  return 'VALUE_NULL';
}

/** Refuses members the input does not have, as Salesforce's parser does. Throws JSON_PARSER_ERROR. */
export function refuseOtherFields(object: JsonObject, known: readonly string[]): void {
  for (const name of Object.keys(object))
    if (!known.includes(name)) throw apiErrors.json(`Unrecognized field "${name}" at [line:1, column:1]`);
}

/** What nobody sends to save records: each value would cost a multiple of its bytes. */
function isTooMuch(root: JsonValue): boolean {
  let values = 0;
  const look = (value: JsonValue, depth: number): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    // Names alone first: the values of so many members take long to list.
    if (depth > maxDepth || (!Array.isArray(value) && Object.keys(value).length > maxMembers)) return true;
    const children = Object.values(value);
    values += children.length;
    return values > maxValues || children.some((child) => look(child, depth + 1));
  };
  return look(root, 0);
}

function hasUnstorableText(value: JsonValue): boolean {
  if (typeof value === 'string') return !isStorableText(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, item]) => !isStorableText(key) || hasUnstorableText(item));
}

/** Whether a text is Unicode without NUL: anything else would come back as another text. */
export const isStorableText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Position and reason; never the text itself. */
function describeJsonError(message: string, text: string): string {
  if (text.trim() === '') return 'The HTTP entity body is required, but this request has no entity body.';
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(0, position).split('\n');
  const reason = /end of JSON|Unterminated/i.test(message)
    ? 'Unexpected end-of-input'
    : 'Unexpected character';
  return `${reason} at [line:${before.length}, column:${(before.at(-1)?.length ?? 0) + 1}]`;
}
