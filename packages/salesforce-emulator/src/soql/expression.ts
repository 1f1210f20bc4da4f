import type { FieldFunctionExpression, FunctionExp } from '@jetstreamapp/soql-parser-js';
import { apiErrors } from '../errors/api-error.ts';
import { type FieldType, isAggregatable } from '../schema/field.ts';
import { dateFunctions, sqlTime } from './date-function.ts';
import { type FieldPath, type PathScope, resolvePath, sqlColumn } from './field-path.ts';
import { queryErrors } from './query-error.ts';

/** A value a query computes: a field, a date function of one, or an aggregate over one. */
export interface Expression {
  readonly kind: 'field' | 'date' | 'aggregate';
  readonly path: FieldPath;
  readonly type: FieldType;
  readonly sql: string;
  /** As written in the query. */
  readonly text: string;
}

type FunctionCall = FieldFunctionExpression | FunctionExp;

const numericTypes: ReadonlySet<FieldType> = new Set<FieldType>(['int', 'double', 'currency', 'percent']);
const plainOrder: ReadonlySet<FieldType> = new Set<FieldType>([
  'id',
  'boolean',
  'date',
  'datetime',
  ...numericTypes,
]);

/** The SQL by which values of an expression are equal, sorted and grouped: text without regard to case. */
export const sortColumn = (expression: Pick<Expression, 'type' | 'sql'>): string =>
  plainOrder.has(expression.type) ? expression.sql : `${expression.sql} collate nocase`;

export const fieldExpression = (scope: PathScope, text: string): Expression => {
  const path = resolvePath(scope, text);
  return { kind: 'field', path, type: path.field.type, sql: sqlColumn(path), text };
};

/** Compiles a function call. Throws Salesforce's errors, or 501 for what is not supported. */
export function functionExpression(scope: PathScope, call: FunctionCall): Expression {
  const name = (call.functionName ?? '').toUpperCase();
  const text = call.rawValue ?? name;
  const [argument] = call.parameters ?? [];
  const dateFunction = dateFunctions.get(name);
  if (dateFunction !== undefined) {
    const path = resolvePath(scope, dateArgument(text, argument));
    if (!dateFunction.accepts.includes(path.field.type))
      throw queryErrors.malformedAt(scope.soql, path.text, `Invalid field type for date function: ${name}`);
    const sql = dateFunction.sql(sqlTime(path.field.type, sqlColumn(path)));
    return { kind: 'date', path, type: dateFunction.type, sql, text };
  }
  const aggregate = aggregates.get(name);
  if (aggregate === undefined) throw apiErrors.notImplemented(`The function ${call.functionName} in a query`);
  if (typeof argument !== 'string' || call.parameters?.length !== 1)
    throw queryErrors.malformedAt(scope.soql, call.functionName ?? '', `Invalid aggregate function: ${text}`);
  const operand = fieldExpression(scope, argument);
  if (!isAggregatable(operand.path.field) || (aggregate.numeric && !numericTypes.has(operand.type)))
    throw queryErrors.malformedAt(
      scope.soql,
      argument,
      `field ${operand.path.field.name} does not support aggregate operator ${name}`,
    );
  return {
    kind: 'aggregate',
    path: operand.path,
    type: aggregate.type ?? operand.type,
    sql: aggregate.sql(sortColumn(operand)),
    text,
  };
}

/** Days are counted in UTC, the integration user's time zone, so that `convertTimezone` changes nothing. */
function dateArgument(text: string, argument: string | FunctionCall | undefined): string {
  if (typeof argument === 'string') return argument;
  const [inner] = argument?.parameters ?? [];
  if (argument?.functionName?.toUpperCase() === 'CONVERTTIMEZONE' && typeof inner === 'string') return inner;
  throw apiErrors.notImplemented(`${text} in a query`);
}

interface Aggregate {
  /** Undefined where the result has the field's own type. */
  readonly type?: FieldType;
  readonly numeric?: boolean;
  readonly sql: (column: string) => string;
}

const aggregates: ReadonlyMap<string, Aggregate> = new Map<string, Aggregate>([
  ['COUNT', { type: 'int', sql: (column) => `count(${column})` }],
  ['COUNT_DISTINCT', { type: 'int', sql: (column) => `count(distinct ${column})` }],
  ['SUM', { numeric: true, sql: (column) => `sum(${column})` }],
  ['AVG', { type: 'double', numeric: true, sql: (column) => `avg(${column})` }],
  ['MIN', { sql: (column) => `min(${column})` }],
  ['MAX', { sql: (column) => `max(${column})` }],
]);
