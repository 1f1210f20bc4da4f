import { type ErrorDetail, HeadraceError, invalidInput } from '../errors/headrace-error.ts';
import { type XdmClassId, xdmClasses } from './classes.ts';
import type { XdmField, XdmObject } from './field.ts';
import { type FieldGroup, standardFieldGroups } from './field-groups.ts';
import { nearestName } from './nearest-name.ts';
import { isPropertyName } from './unsafe-keys.ts';

/** What a schema is put together from. */
export type SchemaParts = {
  readonly classId: XdmClassId;
  /** Standard field groups by id. */
  readonly fieldGroupIds: readonly string[];
  /** Field groups of one's own, added after the standard ones. */
  readonly custom?: readonly FieldGroup[];
};

type Merging = { readonly groupTitle: string; readonly errors: ErrorDetail[] };

/**
 * One object of all fields of a class and its field groups; objects that several groups define are merged.
 *
 * Throws `invalid_input` with a detail for each unknown class or group, group of another class, property
 * name that is not allowed, and path that two groups define differently.
 */
export function composeSchema(parts: SchemaParts): XdmObject {
  const schemaClass = xdmClasses.find(({ id }) => id === parts.classId);
  if (schemaClass === undefined) {
    const known = xdmClasses.map(({ id }) => id).join(', ');
    throw invalidInput(`There is no class ${JSON.stringify(parts.classId)}. Known classes: ${known}.`);
  }
  const errors: ErrorDetail[] = [];
  const groups = [...parts.fieldGroupIds.flatMap((id) => findGroup(id, errors)), ...(parts.custom ?? [])];
  let schema: XdmObject = {
    type: 'object',
    title: schemaClass.title,
    properties: schemaClass.properties,
    ...(schemaClass.required.length > 0 && { required: schemaClass.required }),
  };
  for (const group of groups) {
    if (!group.classIds.includes(parts.classId)) {
      errors.push({ message: `The field group "${group.title}" does not go with ${schemaClass.title}.` });
      continue;
    }
    checkNames(group.properties, [], errors);
    const addition: XdmObject = { type: 'object', title: schema.title, properties: group.properties };
    schema = mergeObjects(schema, addition, [], { groupTitle: group.title, errors });
  }
  if (errors.length > 0) throw new HeadraceError('invalid_input', summary(errors), { details: errors });
  return schema;
}

const summary = (errors: readonly ErrorDetail[]): string =>
  `The schema cannot be put together: ${errors[0]?.message ?? ''}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`;

function findGroup(id: string, errors: ErrorDetail[]): readonly FieldGroup[] {
  const group = standardFieldGroups.find((candidate) => candidate.id === id);
  if (group !== undefined) return [group];
  const ids = standardFieldGroups.map((candidate) => candidate.id);
  const nearest = nearestName(id, ids);
  const hint = nearest === undefined ? `Known: ${ids.join(', ')}.` : `Did you mean "${nearest}"?`;
  errors.push({ message: `There is no field group ${JSON.stringify(id.slice(0, 100))}. ${hint}` });
  return [];
}

function checkNames(
  properties: Readonly<Record<string, XdmField>>,
  path: readonly string[],
  errors: ErrorDetail[],
): void {
  for (const [name, field] of Object.entries(properties)) {
    if (!isPropertyName(name)) {
      const where = [...path, name.slice(0, 100)].join('.');
      errors.push({
        message: `The field name ${JSON.stringify(where)} is not allowed: use letters, digits and _, not starting with a digit.`,
      });
    }
    let inner: XdmField = field;
    while (inner.type === 'array' || inner.type === 'map')
      inner = inner.type === 'array' ? inner.items : inner.values;
    if (inner.type === 'object') checkNames(inner.properties, [...path, name], errors);
  }
}

function mergeObjects(
  base: XdmObject,
  addition: XdmObject,
  path: readonly string[],
  merging: Merging,
): XdmObject {
  const properties = new Map(Object.entries(base.properties));
  for (const [name, field] of Object.entries(addition.properties)) {
    const present = properties.get(name);
    properties.set(
      name,
      present === undefined ? field : mergeFields(present, field, [...path, name], merging),
    );
  }
  const required = [...new Set([...(base.required ?? []), ...(addition.required ?? [])])];
  return {
    ...base,
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
  };
}

function mergeFields(
  base: XdmField,
  addition: XdmField,
  path: readonly string[],
  merging: Merging,
): XdmField {
  if (base.type === 'object' && addition.type === 'object')
    return mergeObjects(base, addition, path, merging);
  if (rulesOf(base) === rulesOf(addition)) return base;
  const difference =
    base.type === addition.type
      ? `with other rules than before (${base.type})`
      : `as ${addition.type}, but it is ${base.type} already`;
  merging.errors.push({
    message: `The field group "${merging.groupTitle}" defines ${path.join('.')} ${difference}. Rename the field or leave one group out.`,
  });
  return base;
}

/**
 * What a field accepts, as comparable text; titles and descriptions do not count. (A property that is itself
 * called `title` holds a field, not text, and so does count.)
 */
const rulesOf = (field: XdmField): string =>
  JSON.stringify(field, (key, value: unknown) => {
    if ((key === 'title' || key === 'description') && typeof value === 'string') return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
