import type { FieldType, Query } from '@jetstreamapp/soql-parser-js';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { tableOf } from '../store/record-table.ts';
import { compileWhere } from './compile-where.ts';
import { type FieldPath, type PathScope, resolvePath, sqlColumn } from './field-path.ts';
import { queryErrors } from './query-error.ts';

/** A query ready to run: one statement finds the matching records, another reads one record's columns. */
export interface CompiledQuery {
  readonly object: ObjectType;
  readonly select:
    | { readonly kind: 'fields'; readonly paths: readonly FieldPath[] }
    | { readonly kind: 'count' }
    | {
        readonly kind: 'aggregate';
        readonly counts: readonly { readonly name: string; readonly sql: string }[];
      };
  readonly joins: string;
  readonly where: string;
  readonly parameters: readonly (string | number)[];
  readonly order: string;
  readonly limit: string;
}

const maxOffset = 2_000;
const maxFieldsLimit = 200;

const refuseUnsupported = (query: Query): void => {
  const parts: readonly (readonly [string, unknown])[] = [
    ['GROUP BY', query.groupBy],
    ['HAVING', query.having],
    ['USING SCOPE', query.usingScope],
    ['WITH', query.withDataCategory ?? query.withSecurityEnforced ?? query.withAccessLevel],
    ['FOR', query.for],
    ['UPDATE', query.update],
  ];
  for (const [name, value] of parts)
    if (value !== undefined) throw apiErrors.notImplemented(`${name} in a query`);
};

/** Checks a parsed query against the schema and compiles it to SQL. Throws Salesforce's errors. */
export function compileQuery(
  catalog: Catalog,
  soql: string,
  query: Query,
  includeDeleted: boolean,
): CompiledQuery {
  refuseUnsupported(query);
  const object = findObject(catalog, query.sObject ?? '');
  if (object === undefined) throw queryErrors.unknownObject(soql, query.sObject ?? '');
  const scope: PathScope = { catalog, soql, object, objectAlias: query.sObjectAlias, joins: new Map() };
  const select = compileSelect(scope, query.fields ?? []);
  if (
    /\bFIELDS\s*\(\s*(?:ALL|CUSTOM)\s*\)/i.test(soql) &&
    (query.limit ?? maxFieldsLimit + 1) > maxFieldsLimit
  )
    throw queryErrors.malformed(`The SOQL FIELDS function must have a LIMIT of at most ${maxFieldsLimit}`);
  const where = query.where === undefined ? undefined : compileWhere(scope, query.where);
  const order = compileOrderBy(scope, query);
  const conditions = [includeDeleted ? undefined : 't.IsDeleted = 0', where?.sql].filter(
    (sql) => sql !== undefined,
  );
  if ((query.offset ?? 0) > maxOffset)
    throw new ApiError(400, 'NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${maxOffset}`);
  const limited = query.limit !== undefined || query.offset !== undefined;
  return {
    object,
    select,
    joins: [`from ${tableOf(object)} as t`, ...scope.joins.values()].join(' '),
    where: conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`,
    parameters: where?.parameters ?? [],
    order,
    limit: limited ? `limit ${query.limit ?? -1} offset ${query.offset ?? 0}` : '',
  };
}

function compileSelect(scope: PathScope, fields: readonly FieldType[]): CompiledQuery['select'] {
  const [first] = fields;
  const isCount = (field: FieldType): boolean =>
    field.type === 'FieldFunctionExpression' && field.functionName.toUpperCase() === 'COUNT';
  if (
    fields.length === 1 &&
    first?.type === 'FieldFunctionExpression' &&
    isCount(first) &&
    first.parameters.length === 0
  )
    return { kind: 'count' };
  if (fields.some(isCount)) return { kind: 'aggregate', counts: compileCounts(scope, fields) };
  const paths = new Map<string, FieldPath>();
  for (const field of fields) {
    for (const path of selectPaths(scope, field)) paths.set(`${path.alias}.${path.field.name}`, path);
  }
  return { kind: 'fields', paths: [...paths.values()] };
}

function selectPaths(scope: PathScope, field: FieldType): readonly FieldPath[] {
  if (field.type === 'Field') return [resolvePath(scope, field.field)];
  if (field.type === 'FieldRelationship')
    return [resolvePath(scope, [...field.relationships, field.field].join('.'))];
  if (field.type === 'FieldFunctionExpression') {
    const group = String(field.parameters[0] ?? '').toUpperCase();
    if (
      field.functionName.toUpperCase() === 'FIELDS' &&
      (group === 'ALL' || group === 'STANDARD' || group === 'CUSTOM')
    )
      return scope.object.fields
        .filter((candidate) => group === 'ALL' || candidate.custom === (group === 'CUSTOM'))
        .map((candidate) => resolvePath(scope, candidate.name));
    throw apiErrors.notImplemented(`The function ${field.functionName} in a query`);
  }
  throw apiErrors.notImplemented(field.type === 'FieldSubquery' ? 'A child subquery' : 'TYPEOF');
}

function compileCounts(
  scope: PathScope,
  fields: readonly FieldType[],
): readonly { name: string; sql: string }[] {
  return fields.map((field, index) => {
    const [parameter] = field.type === 'FieldFunctionExpression' ? field.parameters : [];
    if (
      field.type !== 'FieldFunctionExpression' ||
      field.functionName.toUpperCase() !== 'COUNT' ||
      typeof parameter !== 'string'
    )
      throw apiErrors.notImplemented('An aggregate other than COUNT(field)');
    return { name: field.alias ?? `expr${index}`, sql: `count(${sqlColumn(resolvePath(scope, parameter))})` };
  });
}

/** Text sorts without regard to case, nulls first unless asked otherwise; ties in order of creation. */
function compileOrderBy(scope: PathScope, query: Query): string {
  const clauses = query.orderBy === undefined ? [] : [query.orderBy].flat();
  const terms = clauses.map((clause) => {
    if (!('field' in clause)) throw apiErrors.notImplemented('A function in ORDER BY');
    const path = resolvePath(scope, clause.field);
    if (path.field.type === 'address' || path.field.length > 4_000)
      throw queryErrors.malformed(`field '${path.field.name}' can not be sorted in a query call`);
    const column =
      path.field.type === 'id' || path.field.type === 'datetime'
        ? sqlColumn(path)
        : `${sqlColumn(path)} collate nocase`;
    return `${column} ${clause.order ?? 'ASC'} nulls ${clause.nulls ?? 'FIRST'}`;
  });
  return `order by ${[...terms, 't.rid'].join(', ')}`;
}
