import { apiErrors } from '../errors/api-error.ts';
import { recordNumberOf } from '../org/record-id.ts';
import { type FieldType, foldKey, isFilterable, isKeyField } from '../schema/field.ts';
import type { Expression } from './expression.ts';
import { type PathScope, sqlKeyColumn, throughParents } from './field-path.ts';
import { type Literal, type LiteralValue, readLiteral, unquote } from './literal.ts';
import { queryErrors } from './query-error.ts';
import { combine, negate, type SqlFragment } from './sql-fragment.ts';

/** How the left side of a comparison is reached: in WHERE through its parents, in HAVING it is a column. */
export type Reach = (expression: Expression, condition: SqlFragment) => SqlFragment;

const textTypes: ReadonlySet<FieldType> = new Set<FieldType>([
  'string',
  'email',
  'phone',
  'url',
  'textarea',
  'picklist',
  'multipicklist',
]);
const orderOperators: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);
const isAscii = (text: string): boolean => !/[^\u0020-\u007e]/.test(text);

export const whereReach =
  (scope: PathScope): Reach =>
  (expression, condition) =>
    throughParents(scope.alias, expression.path, condition);

/** Compiles `expression operator literals`. Text compares without regard to case; keys and ids use their index. */
export function compileComparison(
  scope: PathScope,
  reach: Reach,
  left: Expression,
  operator: string,
  literals: readonly Literal[],
): SqlFragment {
  if (left.kind === 'field' && !isFilterable(left.path.field))
    throw queryErrors.cannotBe(scope.soql, left.text, 'filtered');
  const upper = operator.toUpperCase();
  if (upper === 'LIKE') return reach(left, compileLike(scope, left, literals));
  if (upper === 'INCLUDES' || upper === 'EXCLUDES') {
    const includes = reach(left, compileIncludes(scope, left, literals));
    return upper === 'INCLUDES' ? includes : negate(includes);
  }
  const context = { soql: scope.soql, path: left.text, type: left.type, now: scope.now };
  const values = literals.map((literal) => readLiteral(context, literal));
  if (upper === '=' || upper === 'IN') return compileAnyOf(reach, left, values);
  if (upper === '!=' || upper === '<>' || upper === 'NOT IN')
    return negate(compileAnyOf(reach, left, values));
  const [value] = values;
  if (!orderOperators.has(upper) || value === undefined)
    throw apiErrors.notImplemented(`The operator ${operator}`);
  if (left.type === 'boolean') throw queryErrors.badOperator(scope.soql, left.text, left.type);
  return reach(left, compileOrder(left, upper, value));
}

function compileAnyOf(reach: Reach, left: Expression, values: readonly LiteralValue[]): SqlFragment {
  const parts: SqlFragment[] = [];
  const present: (string | number)[] = [];
  let orNull = false;
  for (const value of values) {
    if (value.kind === 'range')
      parts.push({
        sql: `(${left.sql} >= ? and ${left.sql} < ?)`,
        parameters: [value.start, value.end],
      });
    // An empty text is no value in Salesforce, so comparing with '' is comparing with null.
    else if (value.value === null || value.value === '') orNull = true;
    else present.push(value.value);
  }
  if (present.length > 0) parts.push(compileMatches(left, present));
  const matches = parts.map((part) => reach(left, part));
  // A parent that is not there has no value, and its checkboxes count as unchecked.
  const orUnchecked = left.type === 'boolean' && left.path.steps.length > 0 && present.includes(0);
  if (orUnchecked) matches.push(negate(reach(left, compileMatches(left, [1]))));
  if (orNull) matches.push(negate(reach(left, { sql: `${left.sql} is not null`, parameters: [] })));
  return combine('or', matches);
}

function compileMatches(left: Expression, values: readonly (string | number)[]): SqlFragment {
  const { field, object } = left.path;
  if (left.type === 'id') {
    const numbers = values
      .filter((value) => String(value).startsWith(object.keyPrefix))
      .map((value) => recordNumberOf(String(value)) ?? 0);
    return inList(left.sql, numbers);
  }
  if (left.kind === 'field' && isKeyField(field))
    return inList(
      sqlKeyColumn(left.path),
      values.map((value) => foldKey(field, value)),
    );
  if (!textTypes.has(left.type)) return inList(left.sql, values);
  if (values.every((value) => isAscii(String(value)))) return inList(`${left.sql} collate nocase`, values);
  return inList(
    `fold(${left.sql})`,
    values.map((value) => String(value).toLowerCase()),
  );
}

/** One parameter holds the whole list, so that the statement is the same for every length. */
function inList(column: string, values: readonly (string | number)[]): SqlFragment {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return { sql: `${column} = ?`, parameters: [only] };
  return { sql: `${column} in (select value from json_each(?))`, parameters: [JSON.stringify(values)] };
}

function compileOrder(left: Expression, operator: string, value: LiteralValue): SqlFragment {
  if (value.kind === 'range') {
    const bound = operator === '<' || operator === '>=' ? value.start : value.end;
    return { sql: `${left.sql} ${operator.charAt(0)}${boundSuffix(operator)} ?`, parameters: [bound] };
  }
  const bound = value.value;
  if (bound === null) return { sql: '0', parameters: [] };
  if (left.type === 'id')
    return { sql: `${left.sql} ${operator} ?`, parameters: [recordNumberOf(String(bound)) ?? 0] };
  if (textTypes.has(left.type))
    return { sql: `fold(${left.sql}) ${operator} ?`, parameters: [String(bound).toLowerCase()] };
  return { sql: `${left.sql} ${operator} ?`, parameters: [bound] };
}

/** A span holds its start but not its end: later than it is from its end on, up to it is before its end. */
const boundSuffix = (operator: string): string => (operator.startsWith('>') ? '=' : '');

function readStrings(
  scope: PathScope,
  left: Expression,
  literals: readonly Literal[],
  pattern: boolean,
): string[] {
  return literals.map(({ kind, text }) => {
    if (kind !== 'STRING') throw queryErrors.wrongLiteral(scope.soql, left.text, 'string', true);
    return unquote(text, pattern);
  });
}

function compileLike(scope: PathScope, left: Expression, literals: readonly Literal[]): SqlFragment {
  if (!textTypes.has(left.type)) throw queryErrors.badOperator(scope.soql, left.text, left.type);
  const [pattern = ''] = readStrings(scope, left, literals, true);
  // SQL takes a backslash before nothing special as an error, so lone ones are doubled.
  const safe = pattern.replace(/\\(?![%_\\])/g, '\\\\');
  const column = isAscii(safe) ? left.sql : `fold(${left.sql})`;
  return { sql: `${column} like ? escape '\\'`, parameters: [isAscii(safe) ? safe : safe.toLowerCase()] };
}

/** `INCLUDES ('a;b', 'c')`: both a and b are chosen, or c is. */
function compileIncludes(scope: PathScope, left: Expression, literals: readonly Literal[]): SqlFragment {
  if (left.type !== 'multipicklist') throw queryErrors.badOperator(scope.soql, left.text, left.type);
  const choices = readStrings(scope, left, literals, false).map((choice) =>
    combine(
      'and',
      choice.split(';').map((value) => ({
        sql: `instr(fold(';' || ${left.sql} || ';'), ?) > 0`,
        parameters: [`;${value.toLowerCase()};`],
      })),
    ),
  );
  return combine('or', choices);
}
