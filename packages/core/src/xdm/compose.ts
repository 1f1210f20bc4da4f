import { type ErrorDetail, HeadraceError, invalidInput } from '../errors/headrace-error.ts';
import { type XdmClass, type XdmClassId, xdmClasses } from './classes.ts';
import type { XdmField, XdmObject } from './field.ts';
import { type FieldGroup, standardFieldGroups } from './field-groups.ts';
import { nearestName } from './nearest-name.ts';
import { isPropertyName } from './unsafe-keys.ts';

/** What a schema is put together from. */
export type SchemaParts = {
  readonly classId: XdmClassId;
  /** Field groups by id, standard and custom ones. */
  readonly fieldGroupIds: readonly string[];
  /** The custom field groups that the ids may name. */
  readonly custom?: readonly FieldGroup[];
};

/** Compiling a validator takes some 0.1 ms a field, during which nothing else is answered. */
const maxFields = 5_000;

type Merging = {
  /** Title of the class or field group that defined a path first. */
  readonly origins: Map<string, string>;
  readonly groupTitle: string;
  readonly errors: ErrorDetail[];
};

/**
 * One object of all fields of a class and its field groups; objects that several groups define are merged.
 *
 * Throws `invalid_input` with a detail for each unknown class or group, group of another class, property
 * name that is not allowed, and path that two groups define differently.
 */
export function composeSchema(parts: SchemaParts): XdmObject {
  const schemaClass = findClass(parts.classId);
  const errors: ErrorDetail[] = [];
  const origins = new Map<string, string>();
  noteOrigins(schemaClass.properties, [], schemaClass.title, origins);
  let schema: XdmObject = {
    type: 'object',
    title: schemaClass.title,
    properties: schemaClass.properties,
    ...(schemaClass.required.length > 0 && { required: schemaClass.required }),
  };
  for (const group of parts.fieldGroupIds.flatMap((id) => findGroup(id, parts.custom ?? [], errors))) {
    if (!group.classIds.includes(parts.classId)) {
      errors.push({ message: `The field group "${group.title}" does not go with ${schemaClass.title}.` });
      continue;
    }
    checkNames(group.properties, [], errors);
    schema = mergeObjects(schema, objectOf(group), [], { origins, groupTitle: group.title, errors });
  }
  if (origins.size > maxFields)
    errors.push({
      message: `It has ${origins.size} fields; at most ${maxFields} are taken. Leave field groups out, or divide it into several schemas.`,
    });
  if (errors.length > 0) throw new HeadraceError('invalid_input', summary(errors), { details: errors });
  return schema;
}

/** The fields of a field group as one object. */
export const objectOf = ({ title, description, properties, required }: FieldGroup): XdmObject => ({
  type: 'object',
  title,
  ...(description !== undefined && { description }),
  properties,
  ...(required !== undefined && required.length > 0 && { required }),
});

function findClass(id: string): XdmClass {
  const found = xdmClasses.find((candidate) => candidate.id === id);
  if (found !== undefined) return found;
  const known = xdmClasses.map((candidate) => candidate.id).join(', ');
  throw invalidInput(`There is no class ${JSON.stringify(id)}. Known classes: ${known}.`);
}

const summary = (errors: readonly ErrorDetail[]): string =>
  `The schema cannot be put together: ${errors[0]?.message ?? ''}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`;

function findGroup(id: string, custom: readonly FieldGroup[], errors: ErrorDetail[]): readonly FieldGroup[] {
  const groups = [...standardFieldGroups, ...custom];
  const group = groups.find((candidate) => candidate.id === id);
  if (group !== undefined) return [group];
  const ids = groups.map((candidate) => candidate.id);
  const nearest = nearestName(id, ids);
  const hint =
    nearest === undefined ? 'List the field groups to see which there are.' : `Did you mean "${nearest}"?`;
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

function noteOrigins(
  properties: Readonly<Record<string, XdmField>>,
  path: readonly string[],
  title: string,
  origins: Map<string, string>,
): void {
  for (const [name, field] of Object.entries(properties)) {
    const at = [...path, name];
    origins.set(at.join('.'), title);
    if (field.type === 'object') noteOrigins(field.properties, at, title, origins);
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
    const at = [...path, name];
    if (present === undefined) noteOrigins({ [name]: field }, path, merging.groupTitle, merging.origins);
    properties.set(name, present === undefined ? field : mergeFields(present, field, at, merging));
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
  const where = path.join('.');
  const origin = merging.origins.get(where) ?? 'another field group';
  const difference =
    base.type === addition.type
      ? `with other rules than "${origin}" does (${base.type})`
      : `as ${addition.type}, but "${origin}" defines it as ${base.type}`;
  merging.errors.push({
    message: `The field group "${merging.groupTitle}" defines ${where} ${difference}. Rename the field or leave one group out.`,
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
