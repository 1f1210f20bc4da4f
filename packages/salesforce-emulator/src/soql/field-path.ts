import { type Catalog, findObject } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { columnOf, keyColumnOf, tableOf } from '../store/record-table.ts';
import { queryErrors } from './query-error.ts';
import { type SqlFragment, timeGuard } from './sql-fragment.ts';

/** One step from a record to its parent: the reference that is followed, and the parent's SQL alias. */
export interface PathStep {
  readonly reference: FieldDefinition;
  readonly object: ObjectType;
  readonly alias: string;
}

/** A field a query names, reached over parents: `Account.Owner.Name` is two steps and a field. */
export interface FieldPath {
  /** As written in the query. */
  readonly text: string;
  readonly object: ObjectType;
  readonly field: FieldDefinition;
  /** The way to the parent that holds the field, nearest parent first. */
  readonly steps: readonly PathStep[];
  /** SQL alias of the table that holds the field. */
  readonly alias: string;
}

/** What names in one SELECT are resolved against. */
export interface PathScope {
  readonly catalog: Catalog;
  readonly soql: string;
  readonly object: ObjectType;
  /** The name the query gives its object, as in `FROM Account a`. */
  readonly objectAlias: string | undefined;
  /** SQL alias of the object's table. */
  readonly alias: string;
  /** The org's time of the query in epoch milliseconds. */
  readonly now: number;
}

const maxSteps = 5;

/** Resolves `Field` or `Parent.Field`. Throws Salesforce's INVALID_FIELD. */
export function resolvePath(scope: PathScope, text: string): FieldPath {
  const names = text.split('.');
  const first = names[0]?.toLowerCase() ?? '';
  const isOwnName = first === scope.object.name.toLowerCase() || first === scope.objectAlias?.toLowerCase();
  if (names.length > 1 && isOwnName && !scope.object.fieldByRelationship.has(first)) names.shift();
  const fieldName = names.pop() ?? '';
  let { object, alias } = scope;
  const steps: PathStep[] = [];
  for (const name of names) {
    const reference = object.fieldByRelationship.get(name.toLowerCase());
    const parent = reference === undefined ? undefined : parentOf(scope.catalog, reference);
    if (reference === undefined || parent === undefined || steps.length >= maxSteps)
      throw queryErrors.unknownRelationship(scope.soql, name, text);
    object = parent;
    alias = `${alias}_${reference.name}`;
    steps.push({ reference, object, alias });
  }
  const field = findField(object, fieldName);
  if (field === undefined) throw queryErrors.unknownField(scope.soql, text, fieldName, object.name);
  return { text, object, field, steps, alias };
}

/** The object a reference's relationship leads to; of an owner that may be a group or a user, the user. */
function parentOf(catalog: Catalog, reference: FieldDefinition): ObjectType | undefined {
  const target = reference.referenceTo.includes('User') ? 'User' : reference.referenceTo[0];
  return target === undefined ? undefined : findObject(catalog, target);
}

/** The SQL column of a path; an id is its record number. */
export const sqlColumn = (path: FieldPath): string =>
  path.field.type === 'id' ? `"${path.alias}".rid` : `"${path.alias}".${columnOf(path.field)}`;

/** The SQL column with the folded key, which carries the index. */
export const sqlKeyColumn = (path: FieldPath): string => `"${path.alias}".${keyColumnOf(path.field)}`;

const outerAlias = (root: string, steps: readonly PathStep[], depth: number): string =>
  steps[depth - 1]?.alias ?? root;

/** The joins that make the columns of these paths visible beside the table with the root alias, each once. */
export function joinsOf(root: string, paths: readonly FieldPath[]): string {
  const joins = new Map<string, string>();
  for (const { steps } of paths)
    for (const [depth, { reference, object, alias }] of steps.entries()) {
      const id = `"${outerAlias(root, steps, depth)}".${columnOf(reference)}`;
      joins.set(
        alias,
        `left join ${tableOf(object)} as "${alias}" on "${alias}".rid = record_number(${id}, '${object.keyPrefix}')`,
      );
    }
  return [...joins.values()].join(' ');
}

/**
 * Turns a condition on a path's own table into one on the root table. Each parent becomes a list of ids that the
 * reference must be in, so that the parent's index finds it, and the reference's index its children. (A join
 * would start with the children and call a function for each.)
 */
export function throughParents(root: string, path: FieldPath, inner: SqlFragment): SqlFragment {
  return path.steps.reduceRight<SqlFragment>((condition, { reference, object, alias }, depth) => {
    const id = `"${outerAlias(root, path.steps, depth)}".${columnOf(reference)}`;
    return {
      sql: `${id} in (select record_id('${object.keyPrefix}', "${alias}".rid) from ${tableOf(object)} as "${alias}" where ${timeGuard(alias)} and ${condition.sql})`,
      parameters: condition.parameters,
    };
  }, inner);
}
