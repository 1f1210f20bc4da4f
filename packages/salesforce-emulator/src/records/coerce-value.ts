import type { JsonValue } from '../json.ts';
import { normalizeId } from '../org/record-id.ts';
import { isAddressCode } from '../schema/address-picklists.ts';
import type { FieldDefinition, FieldType, StoredValue } from '../schema/field.ts';
import { type RecordError, recordError, recordErrors } from './record-error.ts';

/** A value ready to store, or why the record is refused. */
export type Coerced =
  | { readonly kind: 'value'; readonly value: StoredValue }
  | { readonly kind: 'error'; readonly error: RecordError };

const stored = (value: StoredValue): Coerced => ({ kind: 'value', value });
const refused = (error: RecordError): Coerced => ({ kind: 'error', error });
const wrongJson = (field: FieldDefinition, input: JsonValue): Coerced =>
  refused(recordErrors.wrongJsonType(jsonTypeNames[field.type] ?? field.type, input));
const cleared = stored(null);

/** How Salesforce's JSON reader names a field type in its errors, where that is not the describe name. */
const jsonTypeNames: Partial<Record<FieldType, string>> = {
  id: 'reference',
  phone: 'string',
  url: 'string',
  textarea: 'string',
  picklist: 'string',
};

// Letters, digits and the marks Salesforce lists for the local part; a domain with at least one point.
const emailPattern =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/;
const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const dateTimePattern = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})$/;

/** Whether a text is a calendar day between the years Salesforce stores. */
export function isCalendarDate(text: string): boolean {
  const match = datePattern.exec(text);
  if (match === null) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return (
    !Number.isNaN(date.getTime()) &&
    date.toISOString().startsWith(text) &&
    text >= '1700-01-01' &&
    text < '4001'
  );
}

/** Epoch milliseconds of an ISO 8601 instant with an offset, whole seconds; undefined when it is none. */
export function parseInstant(text: string): number | undefined {
  const match = dateTimePattern.exec(text);
  const [, day, hour, minute, second, zone] = match ?? [];
  if (day === undefined || zone === undefined || !isCalendarDate(day)) return undefined;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const instant = Date.parse(`${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(instant) ? undefined : instant;
}

const tooLong = (field: FieldDefinition, value: string): Coerced =>
  refused(
    recordError(
      'STRING_TOO_LONG',
      `${field.label}: data value too large: ${value} (max length=${field.length})`,
      [field.name],
    ),
  );

const isBlank = (text: string, index: number): boolean => text.charCodeAt(index) <= 0x20;

/** Without leading and trailing blanks and control characters; a no-break space stays. Source: Apex's strings. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text, start)) start += 1;
  while (end > start && isBlank(text, end - 1)) end -= 1;
  return end - start === text.length ? text : text.slice(start, end);
}

function coerceText(field: FieldDefinition, input: JsonValue): Coerced {
  if (typeof input !== 'string') return wrongJson(field, input);
  const value = trimmed(input);
  if (value === '') return cleared;
  return value.length > field.length ? tooLong(field, value) : stored(value);
}

/**
 * Text of several lines. Salesforce ends lines with a carriage return and a line feed, which count as both, but
 * those of a street with a line feed alone (as its sample records and report exports show).
 */
function coerceLines(field: FieldDefinition, input: JsonValue): Coerced {
  if (typeof input !== 'string' || !/[\r\n]/.test(input)) return coerceText(field, input);
  const end = field.compoundFieldName === null ? '\r\n' : '\n';
  return coerceText(field, input.replace(/\r\n?|\n/g, end));
}

function coerceEmail(field: FieldDefinition, input: JsonValue): Coerced {
  const coerced = coerceText(field, input);
  if (coerced.kind !== 'value' || typeof coerced.value !== 'string') return coerced;
  if (emailPattern.test(coerced.value)) return stored(coerced.value.toLowerCase());
  const message = `${field.label}: invalid email address: ${coerced.value}`;
  return refused(recordError('INVALID_EMAIL_ADDRESS', message, [field.name]));
}

/** A picklist's values for looking up: by the value in lower case, and its place in the definition. */
interface Choices {
  readonly byFolded: ReadonlyMap<string, string>;
  readonly order: ReadonlyMap<string, number>;
  readonly isRestricted: boolean;
}
const knownChoices = new WeakMap<FieldDefinition, Choices>();

function choicesOf(field: FieldDefinition): Choices {
  let choices = knownChoices.get(field);
  if (choices === undefined) {
    choices = {
      byFolded: new Map(field.picklistValues.map((value) => [value.toLowerCase(), value])),
      order: new Map(field.picklistValues.map((value, index) => [value, index])),
      // An address's country and state are looked at together, later.
      isRestricted: field.restrictedPicklist && !isAddressCode(field),
    };
    knownChoices.set(field, choices);
  }
  return choices;
}

function coercePicklist(field: FieldDefinition, input: JsonValue): Coerced {
  const coerced = coerceText(field, input);
  if (coerced.kind !== 'value' || typeof coerced.value !== 'string') return coerced;
  const { byFolded, isRestricted } = choicesOf(field);
  const choice = byFolded.get(coerced.value.toLowerCase());
  if (choice === undefined && isRestricted)
    return refused(recordErrors.badChoice(field.label, field.name, coerced.value));
  return stored(choice ?? coerced.value);
}

/** Several choices joined by semicolons. Salesforce keeps each once, in the order of the definition. */
function coerceMultipicklist(field: FieldDefinition, input: JsonValue): Coerced {
  const coerced = coerceText(field, input);
  if (coerced.kind !== 'value' || typeof coerced.value !== 'string') return coerced;
  const { byFolded, order, isRestricted } = choicesOf(field);
  const chosen = new Set<string>();
  for (const item of coerced.value.split(';')) {
    const text = trimmed(item);
    const choice = byFolded.get(text.toLowerCase());
    if (choice === undefined && text !== '' && isRestricted)
      return refused(recordErrors.badChoice(field.label, field.name, text));
    if (text !== '') chosen.add(choice ?? text);
  }
  if (chosen.size === 0) return cleared;
  const place = (value: string): number => order.get(value) ?? order.size;
  return stored([...chosen].sort((left, right) => place(left) - place(right)).join(';'));
}

function coerceBoolean(field: FieldDefinition, input: JsonValue): Coerced {
  if (typeof input === 'boolean') return stored(input ? 1 : 0);
  if (typeof input === 'string' && /^(true|false)$/i.test(input))
    return stored(/^true$/i.test(input) ? 1 : 0);
  return wrongJson(field, input);
}

const numericText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function coerceNumber(field: FieldDefinition, input: JsonValue): Coerced {
  const number = typeof input === 'string' && numericText.test(input.trim()) ? Number(input) : input;
  if (typeof number !== 'number' || !Number.isFinite(number)) return wrongJson(field, input);
  if (field.type === 'int' && !Number.isInteger(number)) return wrongJson(field, input);
  const rounded = roundToScale(number, field.scale);
  if (Math.abs(rounded) >= 10 ** Math.max(field.precision - field.scale, 1) || isOffTheMap(field, rounded)) {
    const message = `${field.label}: value outside of valid range on numeric field: ${number}`;
    return refused(recordError('NUMBER_OUTSIDE_VALID_RANGE', message, [field.name]));
  }
  return stored(rounded);
}

const isOffTheMap = ({ name, compoundFieldName }: FieldDefinition, degrees: number): boolean =>
  compoundFieldName !== null && Math.abs(degrees) > (name.endsWith('Latitude') ? 90 : 180);

/** Half away from zero at the field's scale, on the decimal digits that were written. */
function roundToScale(number: number, scale: number): number {
  const size = Number(`${Math.round(Number(`${Math.abs(number)}e${scale}`))}e-${scale}`);
  return Number.isNaN(size) ? number : Math.sign(number) * size || 0;
}

function coerceDate(field: FieldDefinition, input: JsonValue): Coerced {
  return typeof input === 'string' && isCalendarDate(input) ? stored(input) : wrongJson(field, input);
}

function coerceDateTime(field: FieldDefinition, input: JsonValue): Coerced {
  const instant = typeof input === 'string' ? parseInstant(input) : undefined;
  return instant === undefined ? wrongJson(field, input) : stored(instant);
}

function coerceReference(field: FieldDefinition, input: JsonValue): Coerced {
  if (typeof input !== 'string') return wrongJson(field, input);
  const id = normalizeId(trimmed(input));
  return id === undefined ? refused(recordErrors.malformedId(field.label, input, field.name)) : stored(id);
}

const coercions: Record<FieldType, (field: FieldDefinition, input: JsonValue) => Coerced> = {
  id: coerceReference,
  string: coerceText,
  email: coerceEmail,
  phone: coerceText,
  url: coerceText,
  textarea: coerceLines,
  picklist: coercePicklist,
  multipicklist: coerceMultipicklist,
  boolean: coerceBoolean,
  int: coerceNumber,
  double: coerceNumber,
  currency: coerceNumber,
  percent: coerceNumber,
  date: coerceDate,
  datetime: coerceDateTime,
  reference: coerceReference,
  address: wrongJson,
};

/**
 * The stored form of a value sent for a field: null and "" clear, text is trimmed, e-mail lower-cased, numbers
 * rounded to scale, instants cut to seconds.
 */
export function coerceValue(field: FieldDefinition, input: JsonValue): Coerced {
  if (input === null || input === '') {
    if (field.type !== 'boolean') return cleared;
    const message = `${field.label}: value not of required type: `;
    return refused(recordError('INVALID_TYPE_ON_FIELD_IN_RECORD', message, [field.name]));
  }
  return coercions[field.type](field, input);
}
