import type { ResolvedField, ResolveField } from '../formula/field-term.ts';
import type { FormulaFieldType } from '../formula/formula-type.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import type { FieldDefinition, FieldType } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';

const formulaTypes: Readonly<Record<FieldType, FormulaFieldType | undefined>> = {
  id: 'id',
  reference: 'id',
  string: 'text',
  email: 'text',
  phone: 'text',
  url: 'text',
  textarea: 'text',
  picklist: 'picklist',
  multipicklist: 'multipicklist',
  boolean: 'boolean',
  int: 'number',
  double: 'number',
  currency: 'number',
  percent: 'percent',
  date: 'date',
  datetime: 'datetime',
  address: undefined,
};

/** Salesforce allows no longer chains of parents. */
const maxParents = 5;

/** One step from a record to its parent: the reference and the object it leads to. */
export interface ParentStep {
  readonly reference: FieldDefinition;
  readonly parent: ObjectType;
}

/** Where a formula's field is found: on the record, on a parent of it, or on who saves it. */
export interface FieldSource {
  readonly root: 'record' | 'user';
  /** The object the parents begin at: the record's own, or User. */
  readonly start: ObjectType;
  readonly parents: readonly ParentStep[];
  readonly field: FieldDefinition;
}

/**
 * The fields formulas of an object may name, with where their values come from: its own, its parents' (`Account.Name`)
 * and those of the user who saves (`$User.Alias`, `$Profile.Name`).
 */
export function formulaFields(
  catalog: Catalog,
  object: ObjectType,
): { readonly resolve: ResolveField; readonly sources: ReadonlyMap<string, FieldSource> } {
  const sources = new Map<string, FieldSource>();
  const resolve = (path: string): ResolvedField | undefined => {
    const source = findSource(catalog, object, path);
    const type = source === undefined ? undefined : formulaTypes[source.field.type];
    if (source === undefined || type === undefined) return undefined;
    const known = pathOf(source);
    sources.set(known, source);
    return { path: known, type };
  };
  return { resolve, sources };
}

function pathOf({ root, parents, field }: FieldSource): string {
  const steps = parents.map(({ reference }) => reference.relationshipName ?? reference.name);
  return [...(root === 'user' ? ['$User'] : []), ...steps, field.name].join('.');
}

function findSource(catalog: Catalog, object: ObjectType, path: string): FieldSource | undefined {
  const names = path.split('.');
  const first = names[0]?.toLowerCase();
  if (first?.startsWith('$') !== true) return follow(catalog, object, names, 'record');
  const user = findObject(catalog, 'User');
  if (user === undefined) return undefined;
  if (first === '$user') return follow(catalog, user, names.slice(1), 'user');
  return first === '$profile' ? follow(catalog, user, ['Profile', ...names.slice(1)], 'user') : undefined;
}

function follow(
  catalog: Catalog,
  start: ObjectType,
  names: readonly string[],
  root: FieldSource['root'],
): FieldSource | undefined {
  if (names.length - 1 > maxParents) return undefined;
  const parents: ParentStep[] = [];
  let object = start;
  for (const name of names.slice(0, -1)) {
    const reference = object.fieldByRelationship.get(name.toLowerCase());
    const targets = (reference?.referenceTo ?? []).map((target) => findObject(catalog, target));
    // Of the several objects a reference may lead to, people mean the user.
    const parent = targets.find((target) => target?.name === 'User') ?? targets.find(Boolean);
    if (reference === undefined || parent === undefined) return undefined;
    parents.push({ reference, parent });
    object = parent;
  }
  const field = findField(object, names.at(-1) ?? '');
  return field === undefined ? undefined : { root, start, parents, field };
}
