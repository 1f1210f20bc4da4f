import { ApiError, apiErrors } from '../errors/api-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json.ts';
import type { CustomField } from '../schema/custom-field.ts';
import { type MetadataType, metadataTypes } from './metadata-type.ts';

const refuse = (message: string, fields?: readonly string[]): ApiError =>
  new ApiError(400, 'FIELD_INTEGRITY_EXCEPTION', message, fields);

/** Attributes a custom field may carry here without a meaning: they only change what people see in pages. */
const withoutEffect = new Set(['trackFeedHistory', 'trackHistory', 'trackTrending', 'relationshipLabel']);
/** Attributes that belong to some types only. */
const typed = [
  'length',
  'precision',
  'scale',
  'unique',
  'externalId',
  'caseSensitive',
  'referenceTo',
  'valueSet',
];

const isSet = (value: JsonValue | undefined): value is JsonValue =>
  value !== undefined && value !== null && value !== false && value !== '' && value !== 'false';

/**
 * Reads the Metadata API's form of a custom field, as Tooling's `CustomField.Metadata` holds it.
 * Throws what Salesforce answers for what does not fit, and 501 for what this emulator has not.
 */
export function readFieldMetadata(object: string, name: string, metadata: JsonObject): CustomField {
  const typeName = ownValue(metadata, 'type');
  if (typeof typeName !== 'string' || typeName === '')
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [type]', ['type']);
  if (isSet(ownValue(metadata, 'formula'))) throw apiErrors.notImplemented('A formula field through Tooling');
  const type = metadataTypes.get(typeName);
  if (type === undefined) throw apiErrors.notImplemented(`A custom field of type ${typeName}`);
  refuseUnknown(metadata, type, typeName);
  const label = readText(metadata, 'label');
  if (label === undefined) throw refuse('Must specify a non-empty label for the CustomField');
  if (label.length > 40)
    throw new ApiError(400, 'STRING_TOO_LONG', `label: data value too large: ${label} (max length=40)`);
  const description = readText(metadata, 'description');
  const inlineHelpText = readText(metadata, 'inlineHelpText');
  return {
    object,
    name,
    label,
    type: type.type,
    ...readSize(metadata, type, typeName),
    ...readKey(metadata),
    ...(isSet(ownValue(metadata, 'required')) ? { required: true } : {}),
    ...(type.allows.includes('valueSet') ? readValueSet(metadata, typeName) : {}),
    ...(type.allows.includes('referenceTo') ? readLookup(metadata, typeName) : {}),
    ...(type.type === 'boolean' ? readDefault(metadata) : {}),
    ...(description === undefined ? {} : { description }),
    ...(inlineHelpText === undefined ? {} : { inlineHelpText }),
  };
}

const known = new Set([
  ...typed,
  ...withoutEffect,
  'type',
  'label',
  'required',
  'description',
  'inlineHelpText',
  'defaultValue',
  'deleteConstraint',
  'relationshipName',
  'visibleLines',
  'fullName',
  'formula',
]);

function refuseUnknown(metadata: JsonObject, type: MetadataType, typeName: string): void {
  for (const name of typed)
    if (isSet(ownValue(metadata, name)) && !type.allows.includes(name))
      throw refuse(`Can not specify '${name}' for a CustomField of type ${typeName}`);
  if (isSet(ownValue(metadata, 'required')) && type.neverRequired)
    throw refuse(`Can not specify 'required' for a CustomField of type ${typeName}`);
  if (isSet(ownValue(metadata, 'defaultValue')) && type.type !== 'boolean')
    throw apiErrors.notImplemented('A default value of a custom field that is no checkbox');
  const other = Object.keys(metadata).find((name) => !known.has(name) && isSet(ownValue(metadata, name)));
  if (other !== undefined) throw apiErrors.notImplemented(`The attribute ${other} of a custom field`);
  for (const name of type.needs)
    if (ownValue(metadata, name) === undefined || ownValue(metadata, name) === null)
      throw refuse(`Must specify '${name}' for a CustomField of type ${typeName}`);
}

function readText(metadata: JsonObject, name: string): string | undefined {
  const value = ownValue(metadata, name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string')
    throw apiErrors.json(`Cannot deserialize instance of string from ${name} at [line:1, column:1]`);
  return value.trim() === '' ? undefined : value;
}

/** Whole numbers may be texts. */
function readCount(metadata: JsonObject, name: string): number | undefined {
  const value = ownValue(metadata, name);
  if (value === undefined || value === null || value === '') return undefined;
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0)
    throw apiErrors.json(`Cannot deserialize instance of int from ${name} at [line:1, column:1]`);
  return count;
}

function readSize(metadata: JsonObject, type: MetadataType, typeName: string): Partial<CustomField> {
  if (type.length !== undefined) {
    const length = readCount(metadata, 'length') ?? type.length[1];
    const [least, most] = type.length;
    if (length < least || length > most)
      throw refuse(`length of a CustomField of type ${typeName} must be from ${least} to ${most}`);
    return { length };
  }
  if (!type.allows.includes('precision')) return {};
  const precision = readCount(metadata, 'precision') ?? 18;
  const scale = readCount(metadata, 'scale') ?? 0;
  if (precision < 1 || precision > 18 || scale > precision)
    throw refuse('precision must be from 1 to 18, and scale not more than precision');
  return { precision, scale };
}

const readKey = (metadata: JsonObject): Partial<CustomField> => ({
  ...(isSet(ownValue(metadata, 'externalId')) ? { externalId: true } : {}),
  ...(isSet(ownValue(metadata, 'unique')) ? { unique: true } : {}),
  ...(isSet(ownValue(metadata, 'caseSensitive')) ? { caseSensitive: true } : {}),
});

const readDefault = (metadata: JsonObject): Partial<CustomField> => ({
  defaultValue: isSet(ownValue(metadata, 'defaultValue')),
});

function readValueSet(metadata: JsonObject, typeName: string): Partial<CustomField> {
  const valueSet = ownValue(metadata, 'valueSet');
  const definition = isJsonObject(valueSet) ? ownValue(valueSet, 'valueSetDefinition') : undefined;
  if (!isJsonObject(valueSet)) throw refuse(`Must specify 'valueSet' for a CustomField of type ${typeName}`);
  for (const name of ['valueSetName', 'controllingField'])
    if (isSet(ownValue(valueSet, name))) throw apiErrors.notImplemented(`${name} of a value set`);
  const list = isJsonObject(definition) ? ownValue(definition, 'value') : undefined;
  const values = (Array.isArray(list) ? list : []).map(readValue);
  if (values.length === 0) throw refuse('A picklist needs at least one value');
  return { values, restricted: isSet(ownValue(valueSet, 'restricted')) };
}

function readValue(entry: JsonValue): string {
  if (isJsonObject(entry) && isSet(ownValue(entry, 'default')))
    throw apiErrors.notImplemented('A default value of a custom picklist');
  const name = isJsonObject(entry)
    ? (ownValue(entry, 'fullName') ?? ownValue(entry, 'valueName') ?? ownValue(entry, 'label'))
    : undefined;
  if (typeof name !== 'string' || name.trim() === '' || name.length > 255)
    throw refuse('A value of a picklist needs a fullName of at most 255 characters');
  return name;
}

function readLookup(metadata: JsonObject, typeName: string): Partial<CustomField> {
  const referenceTo = readText(metadata, 'referenceTo');
  if (referenceTo === undefined)
    throw refuse(`Must specify 'referenceTo' for a CustomField of type ${typeName}`);
  const constraint = readText(metadata, 'deleteConstraint') ?? 'SetNull';
  if (constraint !== 'SetNull') throw apiErrors.notImplemented(`The delete constraint ${constraint}`);
  const relationshipName = readText(metadata, 'relationshipName');
  if (relationshipName !== undefined && !/^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(relationshipName))
    throw refuse('relationshipName must be letters, digits and underscores, at most 40');
  return { referenceTo, ...(relationshipName === undefined ? {} : { relationshipName }) };
}
