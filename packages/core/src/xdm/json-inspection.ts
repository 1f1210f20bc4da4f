import type { JsonObject } from './field.ts';
import { isUnsafeKey } from './unsafe-keys.ts';

/** Something wrong with a value whatever its schema says. */
export type Finding = {
  readonly path: readonly string[];
  readonly keyword: string;
  readonly message: string;
};

/**
 * Bounds of one record. Real records stay far below; beyond them a record is an attack or an accident, and
 * every later step (validation, merging, jsonb) may rely on them.
 */
export const recordLimits = {
  depth: 32,
  values: 10_000,
  /** UTF-16 units of one text. */
  textLength: 65_536,
  /** UTF-16 units of one key; identifiers as keys of maps are at most 1,024. */
  keyLength: 1_024,
} as const;

/** Whether something that was read from JSON is an object: neither a list nor null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value is, in words, never its content. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'empty text' : 'text';
    case 'number':
      return Number.isInteger(value) ? 'a whole number' : 'a number';
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'an object';
    default:
      return `no JSON value (${typeof value})`;
  }
}

/**
 * Looks a value over before any schema sees it: null and empty text, keys that reach prototypes, text that
 * PostgreSQL cannot store, and the bounds of `recordLimits`. Stops at `most` findings and at the first bound
 * that is passed, so that its own cost is bounded too. A root that is no object or list is left to the schema.
 */
export function inspectJson(root: unknown, most: number): readonly Finding[] {
  const findings: Finding[] = [];
  let values = 0;

  /** False once the walk has to stop. */
  const visit = (value: unknown, path: readonly string[]): boolean => {
    values += 1;
    if (path.length === 0 && (typeof value !== 'object' || value === null)) return true;
    if (values > recordLimits.values) {
      add([], 'maxValues', `The record holds more than ${recordLimits.values} values. Split it up.`);
      return false;
    }
    if (typeof value === 'string') return visitText(value, path);
    if (typeof value === 'number' && Number.isFinite(value)) return true;
    if (typeof value === 'boolean') return true;
    if (value === null) return add(path, 'null', 'Found null. Omit the key when there is no value.');
    if (typeof value !== 'object') return add(path, 'type', `Found ${kindOf(value)}; expected a JSON value.`);
    if (path.length >= recordLimits.depth) {
      add(path, 'maxDepth', `Nested deeper than ${recordLimits.depth} levels.`);
      return false;
    }
    if (Array.isArray(value)) return value.every((item, index) => visit(item, [...path, String(index)]));
    return Object.keys(value).every((key) => {
      const to = [...path, key];
      if (isUnsafeKey(key)) return add(to, 'unsafeKey', 'This key is not allowed in any record. Rename it.');
      if (key.length > recordLimits.keyLength)
        return add(path, 'maxKeyLength', `A key is longer than ${recordLimits.keyLength} characters.`);
      if (!isStorable(key)) return add(path, 'unicode', 'A key holds characters that are no valid text.');
      return visit(Reflect.get(value, key), to);
    });
  };

  const visitText = (value: string, path: readonly string[]): boolean => {
    if (value === '') return add(path, 'empty', 'Found empty text. Omit the key when there is no value.');
    if (value.length > recordLimits.textLength)
      return add(path, 'maxLength', `Found text longer than ${recordLimits.textLength} characters.`);
    if (!isStorable(value))
      return add(path, 'unicode', 'Found text with NUL or half a character (unpaired surrogate). Remove it.');
    return true;
  };

  const add = (path: readonly string[], keyword: string, message: string): boolean => {
    findings.push({ path, keyword, message });
    return findings.length < most;
  };

  visit(root, []);
  return findings;
}

/** PostgreSQL's jsonb takes neither NUL nor unpaired surrogates (its manual, section 8.14). */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
