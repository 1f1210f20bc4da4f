import Type from 'typebox';
import type { Catalog } from './catalog.ts';
import { makeObjectType, type ObjectType } from './object-type.ts';
import * as standard from './standard-fields.ts';

/** An object of the org's own; its fields are `customFields` that name it. */
export const customObjectSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z](?:[A-Za-z0-9]|_(?!_)){0,39}__c$' }),
    label: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    labelPlural: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    nameLabel: Type.Optional(
      Type.String({ minLength: 1, maxLength: 40, description: 'the label of its Name field' }),
    ),
  },
  { additionalProperties: false },
);
export type CustomObject = Type.Static<typeof customObjectSchema>;

const labelOf = ({ name, label }: CustomObject): string =>
  label ?? name.replace(/__c$/, '').replaceAll('_', ' ');

/** A custom object: a Name, an owner, and who changed it. The name may be left out; then it is the record's id. */
export function buildCustomObject(custom: CustomObject, keyPrefix: string): ObjectType {
  const label = labelOf(custom);
  return makeObjectType({
    name: custom.name,
    label,
    labelPlural: custom.labelPlural ?? `${label}s`,
    keyPrefix,
    createable: true,
    updateable: true,
    deletable: true,
    traits: { feedEnabled: false, mruEnabled: false, triggerable: true },
    fields: [
      standard.idField('Record'),
      standard.ownerField,
      ...standard.identityFields('Record').slice(1),
      standard.text('Name', 80, {
        label: custom.nameLabel ?? `${label} Name`,
        defaultedOnCreate: true,
        idLookup: true,
        nameField: true,
        permissionable: false,
      }),
      ...standard.auditFields,
      ...standard.activityFields,
    ],
  });
}

/** A catalog with these objects as well. Throws an Error when a name is taken. */
export function withCustomObjects(catalog: Catalog, objects: readonly ObjectType[]): Catalog {
  const extended = new Map(catalog);
  for (const object of objects) {
    const key = object.name.toLowerCase();
    if (extended.has(key)) throw new Error(`Custom object ${object.name}: the name is taken.`);
    extended.set(key, object);
  }
  return extended;
}
