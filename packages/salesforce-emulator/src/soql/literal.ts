import { apiErrors } from '../errors/api-error.ts';
import { normalizeId } from '../org/record-id.ts';
import { isCalendarDate, parseInstant } from '../records/coerce-value.ts';
import type { FieldType, StoredValue } from '../schema/field.ts';
import { dateLiteralRange, type InstantRange } from './date-literal.ts';
import { queryErrors } from './query-error.ts';

/** A literal as the parser hands it over: its text, and what kind of literal it is. */
export interface Literal {
  readonly text: string;
  readonly kind: string;
}

/** What literals are read against: the left side of the comparison and the moment of the query. */
export interface LiteralContext {
  readonly soql: string;
  /** As written in the query. */
  readonly path: string;
  readonly type: FieldType;
  readonly now: number;
}

/** A value in stored form, or the span a date literal stands for, its ends in stored form. */
export type LiteralValue =
  | { readonly kind: 'value'; readonly value: StoredValue }
  | { readonly kind: 'range'; readonly start: string | number; readonly end: string | number };

const maxStringLength = 4_000;
const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The text of a quoted SOQL string. In a LIKE pattern, escaped wildcards keep their backslash for SQL. */
export function unquote(literal: string, keepWildcards = false): string {
  const text = literal.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (whole, body: string) => {
    if (body.length === 5) return String.fromCharCode(Number.parseInt(body.slice(1), 16));
    if (keepWildcards && (body === '%' || body === '_' || body === '\\')) return whole;
    return escapes[body] ?? body;
  });
  if (text.length > maxStringLength)
    throw queryErrors.malformed(
      `A string in a WHERE clause cannot be longer than ${maxStringLength} characters.`,
    );
  return text;
}

const numericTypes: ReadonlySet<FieldType> = new Set<FieldType>(['int', 'double', 'currency', 'percent']);

/** Reads a literal; Salesforce checks its type strictly against the field's. Throws Salesforce's errors. */
export function readLiteral(context: LiteralContext, literal: Literal): LiteralValue {
  const { kind, text } = literal;
  if (kind.endsWith('_WITH_CURRENCY_PREFIX')) throw apiErrors.notImplemented('A currency code in a query');
  if (kind === 'NULL') return { kind: 'value', value: null };
  if (context.type === 'date' || context.type === 'datetime') return readTime(context, literal);
  return { kind: 'value', value: readPlain(context, kind, text) };
}

function readPlain({ soql, path, type }: LiteralContext, kind: string, text: string): StoredValue {
  if (type === 'boolean') {
    if (kind !== 'BOOLEAN') throw queryErrors.wrongLiteral(soql, path, 'boolean', false);
    return /^true$/i.test(text) ? 1 : 0;
  }
  if (numericTypes.has(type)) {
    const number = Number(text);
    const fits = kind === 'INTEGER' || (kind === 'DECIMAL' && type !== 'int');
    if (!fits || !Number.isFinite(number))
      throw queryErrors.wrongLiteral(soql, path, type === 'int' ? 'int' : 'double', false);
    return number;
  }
  const isId = type === 'id' || type === 'reference';
  if (kind !== 'STRING') throw queryErrors.wrongLiteral(soql, path, isId ? 'ID' : 'string', true);
  const value = unquote(text);
  if (!isId) return value;
  if (value === '') return null;
  const id = normalizeId(value);
  if (id === undefined) throw queryErrors.badId(soql, path, value);
  return id;
}

function readTime(context: LiteralContext, { text, kind }: Literal): LiteralValue {
  const { soql, path, type, now } = context;
  if (kind === 'DATE_LITERAL' || kind === 'DATE_N_LITERAL') {
    const range = dateLiteralRange(text, now);
    if (range === undefined) throw queryErrors.malformed(`Invalid date literal: ${text}`);
    return type === 'date' ? dayRange(range) : { kind: 'range', ...range };
  }
  if (type === 'date') {
    if (kind !== 'DATE' || !isCalendarDate(text)) throw queryErrors.wrongLiteral(soql, path, 'date', false);
    return { kind: 'value', value: text };
  }
  const instant = kind === 'DATETIME' ? parseInstant(text) : undefined;
  if (instant === undefined) throw queryErrors.wrongLiteral(soql, path, 'dateTime', false);
  return { kind: 'value', value: instant };
}

const lastDay = Date.UTC(9999, 11, 31);
const dayOf = (instant: number): string => new Date(Math.min(instant, lastDay)).toISOString().slice(0, 10);

const dayRange = ({ start, end }: InstantRange): LiteralValue => ({
  kind: 'range',
  start: dayOf(start),
  end: dayOf(end),
});
