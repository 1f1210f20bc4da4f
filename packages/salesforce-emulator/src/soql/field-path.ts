import { type Catalog, findObject } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { columnOf, keyColumnOf, tableOf } from '../store/record-table.ts';
import { type NameObject, nameObjectOf } from './name-object.ts';
import { queryErrors } from './query-error.ts';
import { type SqlFragment, timeGuard } from './sql-fragment.ts';

/** One step from a record to its parent: the reference that is followed, and the parent's SQL alias. */
export interface PathStep {
  readonly reference: FieldDefinition;
  readonly object: ObjectType;
  readonly alias: string;
  /** Set where the parent may be of several objects; `object` is then `Name`. */
  readonly several: NameObject | undefined;
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
    const several = reference === undefined ? undefined : nameObjectOf(scope.catalog, reference);
    const parent = several?.object ?? onlyParentOf(scope.catalog, reference);
    if (reference === undefined || parent === undefined || steps.length >= maxSteps)
      throw queryErrors.unknownRelationship(scope.soql, name, text);
    object = parent;
    alias = `${alias}_${reference.name}`;
    steps.push({ reference, object, alias, several });
  }
  const field = findField(object, fieldName);
  if (field === undefined) throw queryErrors.unknownField(scope.soql, text, fieldName, object.name);
  return { text, object, field, steps, alias };
}

/** The first object a reference may lead to that the user sees. */
function onlyParentOf(catalog: Catalog, reference: FieldDefinition | undefined): ObjectType | undefined {
  return reference?.referenceTo.flatMap((name) => findObject(catalog, name) ?? [])[0];
}

/** The SQL column of a path; an id is its record number. */
export const sqlColumn = (path: FieldPath): string =>
  path.field.type === 'id' ? `"${path.alias}".rid` : `"${path.alias}".${columnOf(path.field)}`;

/** The SQL column with the folded key, which carries the index. */
export const sqlKeyColumn = (path: FieldPath): string => `"${path.alias}".${keyColumnOf(path.field)}`;

/** The joins that make the columns of these paths visible beside the table with the root alias, each once. */
export function joinsOf(root: string, paths: readonly FieldPath[]): string {
  const joins = new Map<string, string>();
  for (const { steps } of paths)
    for (const [depth, step] of steps.entries()) {
      const { alias, object } = step;
      const id = referenceColumn(root, steps, depth, step);
      const match =
        step.several === undefined
          ? `"${alias}".rid = record_number(${id}, '${object.keyPrefix}')`
          : `"${alias}"."Id" = ${id}`;
      joins.set(alias, `left join ${sourceOf(step)} as "${alias}" on ${match}`);
    }
  return [...joins.values()].join(' ');
}

/**
 * Turns a condition on a path's own table into one on the root table. Each parent becomes a list of ids that the
 * reference must be in, so that the parent's index finds it, and the reference's index its children. (A join
 * would start with the children and call a function for each.)
 */
export function throughParents(root: string, path: FieldPath, inner: SqlFragment): SqlFragment {
  return path.steps.reduceRight<SqlFragment>((condition, step, depth) => {
    const { alias, object } = step;
    const id =
      step.several === undefined ? `record_id('${object.keyPrefix}', "${alias}".rid)` : `"${alias}"."Id"`;
    const parents = `select ${id} from ${sourceOf(step)} as "${alias}" where ${timeGuard(alias)} and ${condition.sql}`;
    return {
      sql: `${referenceColumn(root, path.steps, depth, step)} in (${parents})`,
      parameters: condition.parameters,
    };
  }, inner);
}

const sourceOf = ({ several, object }: PathStep): string => several?.source ?? tableOf(object);

/** The column of the reference that a step follows, on the table it starts from. */
const referenceColumn = (root: string, steps: readonly PathStep[], depth: number, step: PathStep): string =>
  `"${steps[depth - 1]?.alias ?? root}".${columnOf(step.reference)}`;
