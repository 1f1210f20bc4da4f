import { type Catalog, findObject } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { columnOf, keyColumnOf, tableOf } from '../store/record-table.ts';
import { queryErrors } from './query-error.ts';

/** A field a query names, reached over parents: `Account.Owner.Name` is two joins and a field. */
export interface FieldPath {
  readonly object: ObjectType;
  readonly field: FieldDefinition;
  /** Relationship names as Salesforce spells them, outermost first. */
  readonly relationships: readonly string[];
  /** The parents on the way with the SQL alias of each, outermost first. */
  readonly parents: readonly { readonly object: ObjectType; readonly alias: string }[];
  /** SQL alias of the table that holds the field. */
  readonly alias: string;
}

/** Collects the joins of a query while its paths are resolved. `t` is the queried object itself. */
export interface PathScope {
  readonly catalog: Catalog;
  readonly soql: string;
  readonly object: ObjectType;
  readonly objectAlias: string | undefined;
  readonly joins: Map<string, string>;
}

const maxParents = 5;

/** Resolves `Field` or `Parent.Field`, adding the joins it needs. Throws Salesforce's INVALID_FIELD. */
export function resolvePath(scope: PathScope, path: string): FieldPath {
  const steps = path.split('.');
  const first = steps[0]?.toLowerCase();
  const named = first === scope.object.name.toLowerCase() || first === scope.objectAlias?.toLowerCase();
  if (steps.length > 1 && named && !scope.object.fieldByRelationship.has(first ?? '')) steps.shift();
  const fieldName = steps.pop() ?? '';
  let object = scope.object;
  let alias = 't';
  const relationships: string[] = [];
  const parents: { readonly object: ObjectType; readonly alias: string }[] = [];
  for (const step of steps) {
    const reference = object.fieldByRelationship.get(step.toLowerCase());
    const parent =
      reference === undefined ? undefined : findObject(scope.catalog, reference.referenceTo[0] ?? '');
    if (reference === undefined || parent === undefined || relationships.length >= maxParents)
      throw queryErrors.unknownRelationship(scope.soql, step, path, object.name);
    const parentAlias = `${alias}_${reference.name}`;
    scope.joins.set(
      parentAlias,
      `left join ${tableOf(parent)} as "${parentAlias}" on "${parentAlias}".rid = record_number("${alias}".${columnOf(reference)})`,
    );
    relationships.push(reference.relationshipName ?? step);
    object = parent;
    alias = parentAlias;
    parents.push({ object, alias });
  }
  const field = findField(object, fieldName);
  if (field === undefined) throw queryErrors.unknownField(scope.soql, fieldName, object.name);
  return { object, field, relationships, parents, alias };
}

/** The SQL column of a path; an id is its record number. */
export const sqlColumn = (path: FieldPath): string =>
  path.field.type === 'id' ? `"${path.alias}".rid` : `"${path.alias}".${columnOf(path.field)}`;

/** The SQL column with the folded key, which carries the index. */
export const sqlKeyColumn = (path: FieldPath): string => `"${path.alias}".${keyColumnOf(path.field)}`;
