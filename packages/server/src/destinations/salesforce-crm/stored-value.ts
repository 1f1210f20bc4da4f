import type { FieldValue } from '@headrace/core';
import type { FieldDescription } from './contact-fields.ts';

/** A value as Salesforce will store it; `blank` has nothing to store; `wrong_kind` the field cannot hold. */
export type StoredValue =
  | { readonly kind: 'value'; readonly value: FieldValue }
  | { readonly kind: 'blank' }
  | { readonly kind: 'wrong_kind'; readonly expected: string };

const numbers = new Set(['int', 'double', 'currency', 'percent']);
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * A mapped value in the JSON kind its field takes. A wrong kind makes Salesforce refuse the whole call
 * (JSON_PARSER_ERROR), so it must not leave; lengths and forms are judged by Salesforce, record by record.
 * Text is trimmed, e-mail in lower case, instants without fractions of a second, as Salesforce stores them.
 */
export function toStoredValue(value: FieldValue, type: string): StoredValue {
  if (value === null) return { kind: 'value', value: null };
  if (typeof value === 'string' && value.trim() === '') return { kind: 'blank' };
  if (typeof value === 'number' && !Number.isFinite(value)) return wrongKind('a number');
  if (type === 'boolean') return toBoolean(value);
  if (numbers.has(type)) return toNumber(value, type === 'int');
  const text = String(value).trim().toWellFormed();
  if (type === 'date') return isDay(text) ? stored(text) : wrongKind('a day (YYYY-MM-DD)');
  if (type === 'datetime') {
    const instant = parseInstant(text);
    return instant === undefined
      ? wrongKind('an instant with its offset (ISO 8601)')
      : stored(new Date(instant).toISOString());
  }
  return stored(type === 'email' ? text.toLowerCase() : text);
}

/**
 * Whether what was sent and what Salesforce holds mean the same, after what Salesforce does to values of the
 * type: null and empty text are one, ids have 15 or 18 characters, line ends may differ, numbers are rounded.
 */
export function isStoredEqual(
  sent: FieldValue,
  held: unknown,
  field: Pick<FieldDescription, 'type' | 'scale'>,
): boolean {
  return canonical(sent, field) === canonical(held, field);
}

function canonical(
  value: unknown,
  { type, scale }: Pick<FieldDescription, 'type' | 'scale'>,
): string | number | boolean | null {
  if (type === 'boolean') return value === true || value === 'true';
  if (value === null || value === undefined || value === '') return null;
  if (numbers.has(type)) return roundHalfUp(Number(value), type === 'int' ? 0 : scale);
  const text = String(value).replaceAll('\r\n', '\n').trim();
  if (text === '') return null;
  switch (type) {
    case 'email':
      return text.toLowerCase();
    case 'reference':
    case 'id':
      return text.slice(0, 15);
    case 'date':
      return text.slice(0, 10);
    case 'datetime':
      return parseInstant(text) ?? text;
    case 'multipicklist':
      return text
        .split(';')
        .map((item) => item.trim())
        .sort()
        .join(';');
    default:
      return text;
  }
}

/** Epoch milliseconds in whole seconds. */
function parseInstant(text: string): number | undefined {
  if (!instantPattern.test(text) || !isDay(text.slice(0, 10))) return undefined;
  // Salesforce writes +0000, which ECMAScript reads only with a colon.
  const ms = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1_000) * 1_000;
}

function isDay(text: string): boolean {
  if (!dayPattern.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function toBoolean(value: string | number | boolean): StoredValue {
  if (typeof value === 'boolean') return stored(value);
  const text = String(value).trim().toLowerCase();
  if (text === 'true' || text === '1') return stored(true);
  if (text === 'false' || text === '0') return stored(false);
  return wrongKind('true or false');
}

function toNumber(value: string | number | boolean, isWhole: boolean): StoredValue {
  const expected = isWhole ? 'a whole number' : 'a number';
  if (typeof value === 'boolean') return wrongKind(expected);
  const text = String(value).trim();
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) return wrongKind(expected);
  const number = Number(text);
  return Number.isFinite(number) && (!isWhole || Number.isInteger(number))
    ? stored(number)
    : wrongKind(expected);
}

/** Half away from zero, on the decimal digits, as Salesforce rounds to the scale of a field. */
function roundHalfUp(value: number, scale: number): number {
  const rounded = Number(`${Math.round(Number(`${Math.abs(value)}e${scale}`))}e-${scale}`);
  return Number.isNaN(rounded) ? value : Math.sign(value) * rounded || 0;
}

const stored = (value: FieldValue): StoredValue => ({ kind: 'value', value });
const wrongKind = (expected: string): StoredValue => ({ kind: 'wrong_kind', expected });
