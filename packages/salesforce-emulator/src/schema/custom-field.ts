import Type from 'typebox';
import { checkSection } from '../definition/check-section.ts';
import { type FieldDefinition, type FieldType, makeField } from './field.ts';

const customTypes = [
  'string',
  'email',
  'phone',
  'url',
  'textarea',
  'picklist',
  'multipicklist',
  'boolean',
  'int',
  'double',
  'currency',
  'percent',
  'date',
  'datetime',
  'reference',
] as const satisfies readonly FieldType[];

const count = () => Type.Optional(Type.Integer({ minimum: 0, maximum: 131_072 }));
const flag = () => Type.Optional(Type.Boolean());

/** A custom field as an org definition or the admin interface states it; lengths in characters. */
export const customFieldSchema = Type.Object(
  {
    object: Type.String({ minLength: 1 }),
    name: Type.String({ minLength: 1 }),
    label: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    type: Type.Optional(Type.Enum(customTypes)),
    length: count(),
    precision: count(),
    scale: count(),
    required: flag(),
    externalId: flag(),
    unique: flag(),
    caseSensitive: flag(),
    values: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }))),
    restricted: flag(),
    referenceTo: Type.Optional(Type.String({ minLength: 1 })),
    /** How the parent's records list those that refer to them, without the `__r`; by default the object's plural. */
    relationshipName: Type.Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,39}$' })),
    /** Of a checkbox. */
    defaultValue: flag(),
    description: Type.Optional(Type.String()),
    inlineHelpText: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type CustomField = Type.Static<typeof customFieldSchema>;

const defaultLengths: Partial<Record<FieldType, number>> = {
  string: 255,
  email: 80,
  phone: 40,
  url: 255,
  textarea: 255,
  picklist: 255,
  multipicklist: 4099,
  reference: 18,
};
const keyTypes: ReadonlySet<FieldType> = new Set(['string', 'email', 'double', 'int']);

/** Reads a custom field from parsed JSON. Throws an Error that names the key and what was expected. */
export const parseCustomField = (input: unknown): CustomField =>
  checkSection(customFieldSchema, input, 'Custom field');

/**
 * The field definition of a custom field, a reference with the name its parents list it under. Throws an Error
 * when the parts do not fit together.
 */
export function buildCustomField(custom: CustomField, childRelationshipName: string): FieldDefinition {
  const { name, type = 'string' } = custom;
  const where = `Custom field ${custom.object}.${name}`;
  if (!/^[A-Za-z](?:[A-Za-z0-9]|_(?!_)){0,39}__c$/.test(name))
    throw new Error(`${where}: the name must be letters, digits and single underscores followed by __c.`);
  if ((custom.externalId || custom.unique) && !keyTypes.has(type))
    throw new Error(
      `${where}: only fields of type ${[...keyTypes].join(', ')} can be External ID or Unique.`,
    );
  if (type === 'reference' && custom.referenceTo === undefined)
    throw new Error(`${where}: a reference needs "referenceTo", the name of an object.`);
  const numeric = type === 'double' || type === 'currency' || type === 'percent';
  return makeField(name, type, {
    ...(custom.label === undefined ? {} : { label: custom.label }),
    length: custom.length ?? defaultLengths[type] ?? 0,
    precision: custom.precision ?? (type === 'int' ? 8 : numeric ? 18 : 0),
    scale: numeric ? (custom.scale ?? (type === 'double' ? 0 : 2)) : 0,
    nillable: type === 'boolean' ? false : !custom.required,
    ...(type === 'boolean' ? { defaultedOnCreate: true, defaultValue: custom.defaultValue ? 1 : 0 } : {}),
    externalId: custom.externalId ?? false,
    idLookup: custom.externalId ?? false,
    unique: custom.unique ?? false,
    caseSensitive: custom.caseSensitive ?? false,
    custom: true,
    permissionable: type === 'boolean' || !custom.required,
    picklistValues: custom.values ?? [],
    restrictedPicklist: custom.restricted ?? (custom.values !== undefined && type.endsWith('picklist')),
    referenceTo: custom.referenceTo === undefined ? [] : [custom.referenceTo],
    relationshipName: type === 'reference' ? name.replace(/__c$/, '__r') : null,
    childRelationshipName: type === 'reference' ? childRelationshipName : null,
  });
}
