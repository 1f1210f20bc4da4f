import { apiErrors } from '../errors/api-error.ts';
import { recordNumberOf } from '../org/record-id.ts';
import { foldKey, isKeyField, type StoredValue } from '../schema/field.ts';
import { type FieldPath, type PathScope, resolvePath, sqlColumn, sqlKeyColumn } from './field-path.ts';
import { literalValue, unquote } from './literal.ts';
import { queryErrors } from './query-error.ts';
import type { SqlFragment } from './sql-fragment.ts';

interface Literal {
  readonly text: string;
  readonly kind: string;
}

const textTypes = new Set(['string', 'email', 'phone', 'url', 'textarea', 'picklist', 'multipicklist']);
const orderOperators = new Set(['<', '<=', '>', '>=']);
const isAscii = (text: string): boolean => !/[^\u0020-\u007e]/.test(text);

/** Compiles `field operator literals`. Text compares without regard to case; keys and ids use their index. */
export function compileComparison(
  scope: PathScope,
  pathText: string,
  operator: string,
  literals: readonly Literal[],
): SqlFragment {
  const path = resolvePath(scope, pathText);
  if (path.field.type === 'address') throw queryErrors.badOperator(scope.soql, pathText);
  const upper = operator.toUpperCase();
  const like = upper === 'LIKE';
  if (like) return compileLike(scope, path, literals);
  const values = literals.map((literal) => literalValue(scope.soql, path.field, literal.text, literal.kind));
  if (upper === '=' || upper === 'IN') return compileAnyOf(path, values);
  if (upper === '!=' || upper === '<>' || upper === 'NOT IN') {
    const inner = compileAnyOf(path, values);
    return { sql: `(not ifnull(${inner.sql}, 0))`, parameters: inner.parameters };
  }
  if (orderOperators.has(upper)) return compileOrder(path, upper, values[0] ?? null);
  throw apiErrors.notImplemented(`The operator ${operator}`);
}

function compileAnyOf(path: FieldPath, values: readonly StoredValue[]): SqlFragment {
  // An empty text is no value in Salesforce, so comparing with '' is comparing with null.
  const present = values.filter((value): value is string | number => value !== null && value !== '');
  const parts: SqlFragment[] = [];
  if (present.length < values.length) parts.push({ sql: `${sqlColumn(path)} is null`, parameters: [] });
  if (present.length > 0) parts.push(compileMatches(path, present));
  if (parts.length === 0) return { sql: '0', parameters: [] };
  return {
    sql: `(${parts.map((part) => part.sql).join(' or ')})`,
    parameters: parts.flatMap((part) => part.parameters),
  };
}

function compileMatches(path: FieldPath, values: readonly (string | number)[]): SqlFragment {
  const { field } = path;
  if (field.type === 'id') {
    const numbers = values
      .filter((value) => String(value).startsWith(path.object.keyPrefix))
      .map((value) => recordNumberOf(String(value)) ?? 0);
    return inList(sqlColumn(path), numbers);
  }
  if (isKeyField(field))
    return inList(
      sqlKeyColumn(path),
      values.map((value) => foldKey(field, value)),
    );
  if (!textTypes.has(field.type)) return inList(sqlColumn(path), values);
  if (values.every((value) => isAscii(String(value))))
    return inList(`${sqlColumn(path)} collate nocase`, values);
  return inList(
    `fold(${sqlColumn(path)})`,
    values.map((value) => String(value).toLowerCase()),
  );
}

/** One parameter holds the whole list, so that the statement is the same for every length. */
function inList(column: string, values: readonly (string | number)[]): SqlFragment {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return { sql: `${column} = ?`, parameters: [only] };
  return { sql: `${column} in (select value from json_each(?))`, parameters: [JSON.stringify(values)] };
}

function compileOrder(path: FieldPath, operator: string, value: StoredValue): SqlFragment {
  if (value === null || path.field.type === 'boolean') return { sql: '0', parameters: [] };
  if (path.field.type === 'id')
    return { sql: `${sqlColumn(path)} ${operator} ?`, parameters: [recordNumberOf(String(value)) ?? 0] };
  if (textTypes.has(path.field.type))
    return { sql: `fold(${sqlColumn(path)}) ${operator} ?`, parameters: [String(value).toLowerCase()] };
  return { sql: `${sqlColumn(path)} ${operator} ?`, parameters: [value] };
}

function compileLike(scope: PathScope, path: FieldPath, literals: readonly Literal[]): SqlFragment {
  if (!textTypes.has(path.field.type)) throw queryErrors.badOperator(scope.soql, path.field.name);
  const [literal] = literals;
  if (literal === undefined || literal.kind !== 'STRING')
    throw queryErrors.wrongLiteral(scope.soql, path.field.name, 'string', true);
  const pattern = unquote(literal.text, true);
  // SQL takes a backslash before nothing special as an error, so lone ones are doubled.
  const safe = pattern.replace(/\\(?![%_\\])/g, '\\\\');
  const column = isAscii(safe) ? sqlColumn(path) : `fold(${sqlColumn(path)})`;
  return { sql: `${column} like ? escape '\\'`, parameters: [isAscii(safe) ? safe : safe.toLowerCase()] };
}
