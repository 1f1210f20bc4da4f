import type { FieldType, QueryBase } from '@jetstreamapp/soql-parser-js';
import { apiErrors } from '../errors/api-error.ts';
import { isGroupable } from '../schema/field.ts';
import { compileComparison, type Reach } from './compile-comparison.ts';
import { selectedText } from './compile-fields.ts';
import { leftOf, literalsOf } from './compile-where.ts';
import type { AggregateColumn, CompiledSelect } from './compiled-query.ts';
import { type Expression, fieldExpression, functionExpression } from './expression.ts';
import type { PathScope } from './field-path.ts';
import { queryErrors } from './query-error.ts';
import { combine, negate, type SqlFragment } from './sql-fragment.ts';
import { buildWhereTree, type WhereTree } from './where-tree.ts';

/** Functions that give one value for each record, so that they do not make a query an aggregate one. */
const recordFunctions: ReadonlySet<string> = new Set([
  'FIELDS',
  'TOLABEL',
  'FORMAT',
  'CONVERTCURRENCY',
  'DISTANCE',
]);

const isAggregate = (field: FieldType): boolean =>
  field.type === 'FieldFunctionExpression' && !recordFunctions.has(field.functionName.toUpperCase());

/** Whether the query answers AggregateResults: it groups, or selects an aggregate or a date function. */
export const isAggregateQuery = (query: QueryBase): boolean =>
  query.groupBy !== undefined || (query.fields ?? []).some(isAggregate);

/** Compiles SELECT, GROUP BY and HAVING of an aggregate query. Throws Salesforce's errors. */
export function compileAggregate(scope: PathScope, query: QueryBase): CompiledSelect & { kind: 'aggregate' } {
  const groupBy = compileGroupBy(scope, query);
  const grouped = new Set(groupBy.map((expression) => expression.sql));
  const columns = nameColumns(scope, query.fields ?? []);
  const ungrouped = columns.find(({ expression }) => !isAllowed(expression, grouped));
  if (ungrouped !== undefined) throw queryErrors.notGrouped(scope.soql, ungrouped.expression.text);
  if (groupBy.length === 0 && (query.limit !== undefined || query.offset !== undefined))
    throw queryErrors.malformed(
      'Non-grouped query that uses overall aggregate functions cannot also use LIMIT',
    );
  if (query.having !== undefined && groupBy.length === 0)
    throw queryErrors.malformedAt(scope.soql, 'HAVING', "unexpected token: 'HAVING'");
  const having =
    query.having === undefined ? undefined : compileHaving(scope, buildWhereTree(query.having), grouped);
  return { kind: 'aggregate', columns, groupBy, having };
}

const isAllowed = (expression: Expression, grouped: ReadonlySet<string>): boolean =>
  expression.kind === 'aggregate' || grouped.has(expression.sql);

function compileGroupBy(scope: PathScope, query: QueryBase): readonly Expression[] {
  const clauses = query.groupBy === undefined ? [] : [query.groupBy].flat();
  return clauses.map((clause) => {
    if ('field' in clause) {
      const expression = fieldExpression(scope, clause.field);
      if (!isGroupable(expression.path.field))
        throw queryErrors.cannotBe(scope.soql, expression.text, 'grouped');
      return expression;
    }
    const name = clause.fn.functionName?.toUpperCase() ?? '';
    if (name === 'ROLLUP' || name === 'CUBE') throw apiErrors.notImplemented(`GROUP BY ${name}`);
    const expression = functionExpression(scope, clause.fn);
    if (expression.kind === 'aggregate')
      throw queryErrors.malformedAt(scope.soql, name, `unexpected token: '${name}'`);
    return expression;
  });
}

/** A field is called by its name, a function by its alias or `expr0`, `expr1` and so on. */
function nameColumns(scope: PathScope, fields: readonly FieldType[]): readonly AggregateColumn[] {
  let unnamed = 0;
  const names = new Set<string>();
  return fields.map((field) => {
    const expression = compileColumn(scope, field);
    const alias = 'alias' in field ? field.alias : undefined;
    const name = alias ?? (expression.kind === 'field' ? expression.path.field.name : `expr${unnamed++}`);
    if (names.has(name.toLowerCase()))
      throw queryErrors.malformedAt(scope.soql, alias ?? expression.text, `duplicate alias: ${name}`);
    names.add(name.toLowerCase());
    return { name, expression };
  });
}

function compileColumn(scope: PathScope, field: FieldType): Expression {
  if (field.type === 'FieldSubquery')
    throw queryErrors.malformed('Grouped query cannot use child relationships in the SELECT list');
  if (field.type === 'FieldTypeof') throw apiErrors.notImplemented('TYPEOF');
  if (field.type !== 'FieldFunctionExpression') return fieldExpression(scope, selectedText(field) ?? '');
  const name = field.functionName.toUpperCase();
  if (name === 'FIELDS') throw queryErrors.notGrouped(scope.soql, scope.object.fields[0]?.name ?? 'Id');
  const [argument] = field.parameters;
  if (name === 'TOLABEL' && typeof argument === 'string') return fieldExpression(scope, argument);
  if (name === 'COUNT' && field.parameters.length === 0)
    throw queryErrors.malformedAt(scope.soql, field.functionName, "unexpected token: ')'");
  return functionExpression(scope, field);
}

const asColumn: Reach = (_expression, condition) => condition;

function compileHaving(scope: PathScope, tree: WhereTree, grouped: ReadonlySet<string>): SqlFragment {
  if (tree.kind === 'not') return negate(compileHaving(scope, tree.part, grouped));
  if (tree.kind !== 'condition')
    return combine(
      tree.kind,
      tree.parts.map((part) => compileHaving(scope, part, grouped)),
    );
  const { condition } = tree;
  if (!('operator' in condition) || 'valueQuery' in condition)
    throw queryErrors.malformed("unexpected token: 'SELECT'");
  const left = leftOf(scope, condition);
  if (!isAllowed(left, grouped)) throw queryErrors.notGrouped(scope.soql, left.text);
  return compileComparison(scope, asColumn, left, condition.operator, literalsOf(condition));
}
