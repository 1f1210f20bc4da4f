import { buildCustomField, type CustomField } from './custom-field.ts';
import type { FieldDefinition } from './field.ts';
import { findField, makeObjectType, type ObjectType } from './object-type.ts';
import { standardObjects } from './standard-objects.ts';

/** All objects of one org by lower-case name. */
export type Catalog = ReadonlyMap<string, ObjectType>;

export const standardCatalog: Catalog = new Map(
  standardObjects.map((object) => [object.name.toLowerCase(), object]),
);

export const findObject = (catalog: Catalog, name: string): ObjectType | undefined =>
  catalog.get(name.toLowerCase());

/** The field by which records of another object refer to this one under the name; undefined when there is none. */
export function findChildRelationship(
  catalog: Catalog,
  parent: ObjectType,
  name: string,
): { readonly child: ObjectType; readonly field: FieldDefinition } | undefined {
  const wanted = name.toLowerCase();
  for (const child of catalog.values())
    for (const field of child.fields)
      if (field.childRelationshipName?.toLowerCase() === wanted && field.referenceTo.includes(parent.name))
        return { child, field };
  return undefined;
}

/** The object whose ids begin with this prefix. */
export function objectOfPrefix(catalog: Catalog, keyPrefix: string): ObjectType | undefined {
  for (const object of catalog.values()) if (object.keyPrefix === keyPrefix) return object;
  return undefined;
}

/** A catalog with one more custom field. Throws an Error when the object is unknown or the name is taken. */
export function addCustomField(catalog: Catalog, custom: CustomField): Catalog {
  const object = findObject(catalog, custom.object);
  if (object === undefined)
    throw new Error(`Custom field ${custom.object}.${custom.name}: there is no object ${custom.object}.`);
  if (findField(object, custom.name) !== undefined)
    throw new Error(
      `Custom field ${object.name}.${custom.name}: the object already has a field of this name.`,
    );
  const field = buildCustomField({ ...custom, object: object.name }, childNameFor(catalog, object, custom));
  for (const target of field.referenceTo)
    if (findObject(catalog, target) === undefined)
      throw new Error(
        `Custom field ${object.name}.${custom.name}: there is no object ${target} to refer to.`,
      );
  const extended = makeObjectType({ ...object, fields: [...object.fields, field] });
  return new Map([...catalog, [object.name.toLowerCase(), extended]]);
}

/** A catalog without a custom field. */
export function withoutField(catalog: Catalog, custom: CustomField): Catalog {
  const object = findObject(catalog, custom.object);
  if (object === undefined) return catalog;
  const name = custom.name.toLowerCase();
  const fields = object.fields.filter((field) => !(field.custom && field.name.toLowerCase() === name));
  return new Map([...catalog, [object.name.toLowerCase(), makeObjectType({ ...object, fields })]]);
}

/** The wanted name, or the object's plural with the first number that makes it the parent's only one. */
function childNameFor(catalog: Catalog, object: ObjectType, custom: CustomField): string {
  const parent = findObject(catalog, custom.referenceTo ?? '');
  const isTaken = (name: string): boolean =>
    parent !== undefined && findChildRelationship(catalog, parent, name) !== undefined;
  if (custom.relationshipName !== undefined) {
    const name = `${custom.relationshipName}__r`;
    if (isTaken(name))
      throw new Error(
        `Custom field ${custom.object}.${custom.name}: ${parent?.name} already has a relationship ${name}.`,
      );
    return name;
  }
  const plural = object.labelPlural.replaceAll(' ', '_');
  let name = `${plural}__r`;
  for (let number = 1; isTaken(name); number++) name = `${plural}${number}__r`;
  return name;
}
