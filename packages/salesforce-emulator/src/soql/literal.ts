import { normalizeId } from '../org/record-id.ts';
import { isCalendarDate, parseInstant } from '../records/coerce-value.ts';
import type { FieldDefinition, StoredValue } from '../schema/field.ts';
import { queryErrors } from './query-error.ts';

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The text of a quoted SOQL string. In a LIKE pattern, escaped wildcards keep their backslash for SQL. */
export function unquote(literal: string, keepWildcards = false): string {
  return literal.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (whole, body: string) => {
    if (body.length === 5) return String.fromCharCode(Number.parseInt(body.slice(1), 16));
    if (keepWildcards && (body === '%' || body === '_' || body === '\\')) return whole;
    return escapes[body] ?? body;
  });
}

const numericTypes = new Set(['int', 'double', 'currency', 'percent']);

/** The stored form of a literal for this field; Salesforce checks its type strictly against the field's. */
export function literalValue(
  soql: string,
  field: FieldDefinition,
  literal: string,
  kind: string,
): StoredValue {
  if (kind === 'NULL') return null;
  const { name, type } = field;
  if (type === 'boolean') {
    if (kind !== 'BOOLEAN') throw queryErrors.wrongLiteral(soql, name, 'boolean', false);
    return /^true$/i.test(literal) ? 1 : 0;
  }
  if (numericTypes.has(type)) {
    const number = Number(literal);
    if ((kind !== 'INTEGER' && kind !== 'DECIMAL') || !Number.isFinite(number))
      throw queryErrors.wrongLiteral(soql, name, type === 'int' ? 'int' : 'double', false);
    return number;
  }
  if (type === 'date') {
    if (kind !== 'DATE' || !isCalendarDate(literal))
      throw queryErrors.wrongLiteral(soql, name, 'date', false);
    return literal;
  }
  if (type === 'datetime') {
    const instant = kind === 'DATETIME' ? parseInstant(literal) : undefined;
    if (instant === undefined) throw queryErrors.wrongLiteral(soql, name, 'dateTime', false);
    return instant;
  }
  if (kind !== 'STRING')
    throw queryErrors.wrongLiteral(soql, name, type === 'id' || type === 'reference' ? 'ID' : 'string', true);
  const text = unquote(literal);
  if (type !== 'id' && type !== 'reference') return text;
  if (text === '') return null;
  const id = normalizeId(text);
  if (id === undefined) throw queryErrors.badId(text);
  return id;
}
