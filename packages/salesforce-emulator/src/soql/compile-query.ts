import type { FieldSubquery, Query, QueryBase } from '@jetstreamapp/soql-parser-js';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import { type Catalog, findChildRelationship, findObject } from '../schema/catalog.ts';
import { isSortable } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { columnOf } from '../store/record-table.ts';
import { compileAggregate, isAggregateQuery } from './compile-aggregate.ts';
import { compileFields } from './compile-fields.ts';
import { compileWhere } from './compile-where.ts';
import {
  type CompiledQuery,
  type CompiledSelect,
  rootAlias,
  type SelectedChildren,
} from './compiled-query.ts';
import { type Expression, fieldExpression, functionExpression, sortColumn } from './expression.ts';
import { joinsOf, type PathScope } from './field-path.ts';
import { queryErrors } from './query-error.ts';
import { combine, type SqlFragment, timeGuard } from './sql-fragment.ts';

/** Everything a query's meaning depends on beside its text. */
export interface CompileContext {
  readonly catalog: Catalog;
  readonly soql: string;
  readonly includeDeleted: boolean;
  /** Whose records `USING SCOPE mine` means. */
  readonly userId: string;
  /** The org's time in epoch milliseconds. */
  readonly now: number;
}

const maxOffset = 2_000;
const maxSubqueryDepth = 5;

/** Checks a parsed query against the schema and compiles it to SQL. Throws Salesforce's errors. */
export function compileQuery(context: CompileContext, query: Query): CompiledQuery {
  const object = findObject(context.catalog, query.sObject ?? '');
  if (object === undefined) throw queryErrors.unknownObject(context.soql, query.sObject ?? '');
  return compileOn(context, object, query, 0);
}

function compileOn(
  context: CompileContext,
  object: ObjectType,
  query: QueryBase,
  depth: number,
): CompiledQuery {
  refuseUnsupported(query);
  const { catalog, soql, now } = context;
  const scope: PathScope = { catalog, soql, object, objectAlias: query.sObjectAlias, alias: rootAlias, now };
  const select = compileSelect(context, scope, query, depth);
  const where = query.where === undefined ? [] : [compileWhere(scope, query.where)];
  const order = compileOrderBy(scope, query, select);
  if ((query.offset ?? 0) > maxOffset)
    throw new ApiError(400, 'NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${maxOffset}`);
  const visible = context.includeDeleted ? [] : [plain(`"${rootAlias}".IsDeleted = 0`)];
  const columns =
    select.kind === 'aggregate'
      ? [...select.groupBy, ...select.columns.map((column) => column.expression)]
      : [];
  return {
    object,
    select,
    joins: joinsOf(
      rootAlias,
      [...order, ...columns].map((expression) => expression.path),
    ),
    where: combine('and', [
      plain(timeGuard(rootAlias)),
      ...visible,
      ...scopeCondition(context, object, query),
      ...where,
    ]),
    order: order.map((term) => `${sortColumn(term)} ${term.direction}`),
    limit: query.limit,
    offset: query.offset ?? 0,
  };
}

const plain = (sql: string): SqlFragment => ({ sql, parameters: [] });

function refuseUnsupported(query: QueryBase): void {
  if (query.withDataCategory !== undefined) throw apiErrors.notImplemented('WITH DATA CATEGORY in a query');
  if (query.update !== undefined) throw apiErrors.notImplemented('UPDATE in a query');
}

/** `USING SCOPE`: everything is no condition, mine are the records the user owns. */
function scopeCondition(context: CompileContext, object: ObjectType, query: QueryBase): SqlFragment[] {
  const name = query.usingScope?.toLowerCase();
  if (name === undefined || name === 'everything') return [];
  const owner = object.fieldByName.get('OwnerId');
  if (name !== 'mine' || owner === undefined)
    throw apiErrors.notImplemented(`USING SCOPE ${query.usingScope}`);
  return [{ sql: `"${rootAlias}".${columnOf(owner)} = ?`, parameters: [context.userId] }];
}

function compileSelect(
  context: CompileContext,
  scope: PathScope,
  query: QueryBase,
  depth: number,
): CompiledSelect {
  const [first] = query.fields ?? [];
  const isCount =
    first?.type === 'FieldFunctionExpression' &&
    first.functionName.toUpperCase() === 'COUNT' &&
    first.parameters.length === 0;
  if ((isCount || isAggregateQuery(query)) && depth > 0)
    throw queryErrors.malformed('only root queries support aggregate expressions');
  if (isCount && query.fields?.length === 1 && query.groupBy === undefined) return { kind: 'count' };
  if (isAggregateQuery(query)) return compileAggregate(scope, query);
  const children = (field: FieldSubquery): SelectedChildren => compileChildren(context, scope, field, depth);
  return { kind: 'fields', items: compileFields(scope, query, children) };
}

function compileChildren(
  context: CompileContext,
  scope: PathScope,
  { subquery }: FieldSubquery,
  depth: number,
): SelectedChildren {
  const { relationshipName } = subquery;
  const relationship = findChildRelationship(context.catalog, scope.object, relationshipName);
  if (relationship === undefined || depth >= maxSubqueryDepth)
    throw queryErrors.unknownChildRelationship(context.soql, relationshipName);
  const { child, field } = relationship;
  return {
    kind: 'children',
    name: field.childRelationshipName ?? relationshipName,
    reference: field,
    query: compileOn(context, child, subquery, depth + 1),
  };
}

type OrderTerm = Expression & { readonly direction: string };

/** Nulls come first unless asked otherwise, in both directions. */
function compileOrderBy(scope: PathScope, query: QueryBase, select: CompiledSelect): readonly OrderTerm[] {
  const clauses = query.orderBy === undefined ? [] : [query.orderBy].flat();
  return clauses.map((clause) => {
    const expression =
      'field' in clause ? fieldExpression(scope, clause.field) : functionExpression(scope, clause.fn);
    if (expression.kind === 'field' && !isSortable(expression.path.field))
      throw queryErrors.cannotBe(scope.soql, expression.text, 'sorted');
    const isGrouped =
      expression.kind === 'aggregate' ||
      (select.kind === 'aggregate' && select.groupBy.some(({ sql }) => sql === expression.sql));
    if (select.kind === 'aggregate' && !isGrouped)
      throw queryErrors.malformedAt(
        scope.soql,
        expression.text,
        `Ordered field must be grouped or aggregated: ${expression.text}`,
      );
    if (select.kind !== 'aggregate' && expression.kind !== 'field')
      throw apiErrors.notImplemented('A function in ORDER BY of a query without GROUP BY');
    return { ...expression, direction: `${clause.order ?? 'ASC'} nulls ${clause.nulls ?? 'FIRST'}` };
  });
}
