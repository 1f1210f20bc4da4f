import { type Catalog, findObject } from '../schema/catalog.ts';
import { type FieldDefinition, isKeyField } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import type { Operation } from './bulk-job.ts';

/** What a column of an upload stands for. */
export type Column =
  | { readonly kind: 'id' }
  | { readonly kind: 'field'; readonly name: string; readonly field: FieldDefinition }
  | {
      readonly kind: 'parent';
      readonly relationship: string;
      readonly keyName: string;
      /** The parent's object, where the field may refer to several. */
      readonly type: string | undefined;
    };

/** The columns in their order, or the job's error message. */
export type PlannedColumns = { readonly columns: readonly Column[] } | { readonly error: string };

const maxHeaderLength = 32_000;
const maxColumns = 5_000;

const notFound = (name: string): PlannedColumns => ({
  error: `InvalidBatch : Field name not found : ${name}`,
});

/**
 * Reads a header: API names of fields the user sees, `Relationship.Key` for a parent, `Type:Relationship.Key`
 * where several objects can be one. Messages recorded from orgs, except for headers too long or with a name twice.
 */
export function planColumns(
  catalog: Catalog,
  object: ObjectType,
  operation: Operation,
  header: readonly string[],
): PlannedColumns {
  if (header.length > maxColumns || header.join().length > maxHeaderLength)
    return {
      error: `InvalidBatch : Failed to parse CSV header. Exceeded max size limit of ${maxHeaderLength}`,
    };
  const columns: Column[] = [];
  const seen = new Set<string>();
  for (const name of header) {
    const planned = name.includes('.') ? planParent(catalog, object, name) : planField(object, name);
    if ('error' in planned) return planned;
    const folded = name.toLowerCase();
    if (seen.has(folded)) return { error: `InvalidBatch : Duplicate field name : ${name}` };
    seen.add(folded);
    columns.push(...planned.columns);
  }
  const isDelete = operation === 'delete' || operation === 'hardDelete';
  if (isDelete && (columns.length !== 1 || columns[0]?.kind !== 'id'))
    return { error: 'InvalidBatch : Delete batches must contain only ids' };
  return { columns };
}

function planField(object: ObjectType, name: string): PlannedColumns {
  const field = findField(object, name);
  if (field === undefined) return notFound(name);
  return { columns: [field.type === 'id' ? { kind: 'id' } : { kind: 'field', name: field.name, field }] };
}

function planParent(catalog: Catalog, object: ObjectType, name: string): PlannedColumns {
  const dot = name.indexOf('.');
  const colon = name.indexOf(':');
  const type = colon >= 0 && colon < dot ? name.slice(0, colon) : undefined;
  const relationship = type === undefined ? name.slice(0, dot) : name.slice(colon + 1, dot);
  const keyName = name.slice(dot + 1);
  const field = object.fieldByRelationship.get(relationship.toLowerCase());
  if (field === undefined) return { error: `InvalidBatch : Unable to find relationship: ${relationship}` };
  const isPolymorphic = field.referenceTo.length > 1;
  if (type !== undefined && !isPolymorphic)
    return {
      error: `InvalidBatch : type is not needed for non polymorphic foreign key references: ${relationship}`,
    };
  if (type === undefined && isPolymorphic)
    return { error: `InvalidBatch : type is needed for polymorphic foreign key references: ${relationship}` };
  const target = field.referenceTo.find(
    (candidate) => type === undefined || candidate.toLowerCase() === type.toLowerCase(),
  );
  const parent = target === undefined ? undefined : findObject(catalog, target);
  const key = parent === undefined ? undefined : findField(parent, keyName);
  if (key === undefined || !(isKeyField(key) || key.type === 'id')) return notFound(name);
  return {
    columns: [
      { kind: 'parent', relationship, keyName: key.name, type: type === undefined ? undefined : target },
    ],
  };
}
