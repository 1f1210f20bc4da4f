import { ApiError } from '../errors/api-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { now, type OrgState } from '../org/org-state.ts';
import type { Catalog } from '../schema/catalog.ts';
import { compileQuery } from '../soql/compile-query.ts';
import type { CompiledQuery, SelectedField } from '../soql/compiled-query.ts';
import { parseSoql } from '../soql/parse-soql.ts';

/** A column of a query job's results: its header, and where a record has its value. */
export interface QueryColumn {
  readonly name: string;
  readonly path: readonly string[];
  readonly isDateTime: boolean;
}

/** What a query job is about. */
export interface PlannedQuery {
  readonly object: string;
  readonly columns: readonly QueryColumn[];
}

const unsupported = (what: string): ApiError =>
  new ApiError(400, 'API_ERROR', `${what} not supported in Bulk Query`);

/**
 * Checks a job's SOQL. Throws as a query does, and for what the Bulk API does not take: aggregates and GROUP BY,
 * OFFSET, compound fields, lists of children, TYPEOF.
 */
export function planQuery(org: OrgState, catalog: Catalog, userId: string, soql: string): PlannedQuery {
  if (/\bTYPEOF\b/i.test(soql)) throw unsupported('TYPEOF clause');
  if (/\bFIELDS\s*\(/i.test(soql)) throw unsupported('FIELDS() function');
  const context = { catalog, soql, includeDeleted: true, userId, now: now(org) };
  const query = compileQuery(context, parseSoql(soql));
  if (query.select.kind !== 'fields') throw unsupported('Aggregate functions and GROUP BY are');
  if (query.offset > 0) throw unsupported('OFFSET clause');
  return { object: query.object.name, columns: query.select.items.map(columnOf) };
}

type Item = Extract<CompiledQuery['select'], { kind: 'fields' }>['items'][number];

function columnOf(item: Item): QueryColumn {
  if (item.kind === 'children') throw unsupported('Aggregate Relationships');
  const { field } = item.path;
  if (field.type === 'address') throw unsupported('Selecting compound data');
  const path = pathOf(item);
  return { name: path.join('.'), path, isDateTime: field.type === 'datetime' };
}

function pathOf({ path, name }: SelectedField): readonly string[] {
  if (name !== undefined) return [name];
  return [...path.steps.map((step) => step.reference.relationshipName ?? ''), path.field.name];
}

/** A record's value as it stands in the results: empty for null, instants in the form of XML Schema. */
export function cellOf(record: JsonObject, { path, isDateTime }: QueryColumn): string {
  let value: JsonValue | undefined = record;
  for (const name of path) value = isJsonObject(value) ? value[name] : undefined;
  if (value === null || value === undefined) return '';
  const text = String(value);
  return isDateTime ? text.replace('+0000', 'Z') : text;
}
