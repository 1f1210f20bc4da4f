import { isJsonObject, type JsonValue, ownValue } from '../json.ts';
import { type FieldDefinition, type FieldType, makeField } from './field.ts';

/** A custom field as an org definition or the admin interface states it. */
export interface CustomField {
  readonly object: string;
  readonly name: string;
  readonly label?: string;
  readonly type?: FieldType;
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
  readonly required?: boolean;
  readonly externalId?: boolean;
  readonly unique?: boolean;
  readonly caseSensitive?: boolean;
  readonly values?: readonly string[];
  readonly restricted?: boolean;
  readonly referenceTo?: string;
  /** How queries on the parent name the records that refer to it, without the `__r`; the object's plural by default. */
  readonly relationshipName?: string;
}

const customTypes: ReadonlySet<string> = new Set<FieldType>([
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
]);
const isCustomType = (text: string): text is FieldType => customTypes.has(text);

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
export function parseCustomField(input: JsonValue | undefined): CustomField {
  if (!isJsonObject(input)) throw new Error('A custom field must be a JSON object with object and name.');
  const read = <T>(key: string, is: (value: unknown) => value is T, expected: string): T | undefined => {
    const value = ownValue(input, key);
    if (value === undefined) return undefined;
    if (!is(value)) throw new Error(`Custom field: "${key}" must be ${expected}.`);
    return value;
  };
  const isText = (value: unknown): value is string => typeof value === 'string';
  const isCount = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 131_072;
  const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
  const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);
  const isType = (value: unknown): value is FieldType => isText(value) && isCustomType(value);
  const object = read('object', isText, 'the name of an object');
  const name = read('name', isText, 'an API name that ends in __c');
  if (object === undefined || name === undefined)
    throw new Error('Custom field: "object" and "name" are required.');
  const optional = {
    label: read('label', isText, 'text'),
    type: read('type', isType, `one of ${[...customTypes].join(', ')}`),
    length: read('length', isCount, 'a whole number of characters'),
    precision: read('precision', isCount, 'a whole number of digits'),
    scale: read('scale', isCount, 'a whole number of digits'),
    required: read('required', isFlag, 'true or false'),
    externalId: read('externalId', isFlag, 'true or false'),
    unique: read('unique', isFlag, 'true or false'),
    caseSensitive: read('caseSensitive', isFlag, 'true or false'),
    values: read('values', isTexts, 'a list of texts'),
    restricted: read('restricted', isFlag, 'true or false'),
    referenceTo: read('referenceTo', isText, 'the name of an object'),
    relationshipName: read('relationshipName', isText, 'the name of a relationship without __r'),
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { object, name, ...given };
}

/**
 * The field definition of a custom field on an object with this plural name. Throws an Error when the parts do
 * not fit together.
 */
export function buildCustomField(custom: CustomField, labelPlural: string): FieldDefinition {
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
    ...(type === 'boolean' ? { defaultedOnCreate: true, defaultValue: 0 } : {}),
    externalId: custom.externalId ?? false,
    idLookup: custom.externalId ?? false,
    unique: custom.unique ?? false,
    caseSensitive: custom.caseSensitive ?? false,
    custom: true,
    picklistValues: custom.values ?? [],
    restrictedPicklist: custom.restricted ?? (custom.values !== undefined && type.endsWith('picklist')),
    referenceTo: custom.referenceTo === undefined ? [] : [custom.referenceTo],
    relationshipName: type === 'reference' ? name.replace(/__c$/, '__r') : null,
    childRelationshipName:
      type === 'reference' ? `${custom.relationshipName ?? labelPlural.replaceAll(' ', '_')}__r` : null,
  });
}
