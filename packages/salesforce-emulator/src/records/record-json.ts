import type { JsonObject, JsonValue } from '../json.ts';
import { createRecordId } from '../org/record-id.ts';
import type { FieldDefinition } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { valueJson } from '../schema/value-json.ts';
import { integerOf, type Row } from '../store/database.ts';

const addressParts = [
  'city',
  'country',
  'countryCode',
  'geocodeAccuracy',
  'latitude',
  'longitude',
  'postalCode',
  'state',
  'stateCode',
  'street',
];

/** The fields a compound address is made of, each under its name inside it. */
export function addressPartsOf(
  object: ObjectType,
  address: FieldDefinition,
): readonly (readonly [string, FieldDefinition])[] {
  const prefix = address.name.slice(0, -'Address'.length);
  return addressParts.flatMap((part) => {
    const field = object.fieldByName.get(`${prefix}${part.charAt(0).toUpperCase()}${part.slice(1)}`);
    return field === undefined ? [] : [[part, field] as const];
  });
}

/** A field's value out of a whole row, compound addresses and the id included. */
export function fieldJson(object: ObjectType, field: FieldDefinition, row: Row): JsonValue {
  if (field.type === 'id') return createRecordId(object.keyPrefix, integerOf(row.rid));
  if (field.type !== 'address') return valueJson(field, row[field.name]);
  const parts = addressPartsOf(object, field).map(
    ([part, source]) => [part, valueJson(source, row[source.name])] as const,
  );
  return parts.every(([, value]) => value === null) ? null : Object.fromEntries(parts);
}

/** The `attributes` every record carries. */
export const attributesJson = (object: ObjectType, id: string, version: string): JsonObject => ({
  type: object.name,
  url: `/services/data/v${version}/sobjects/${object.name}/${id}`,
});

/** A whole record with the given fields, in their order. */
export function recordJson(
  object: ObjectType,
  fields: readonly FieldDefinition[],
  row: Row,
  version: string,
): JsonObject {
  const id = createRecordId(object.keyPrefix, integerOf(row.rid));
  const values = fields.map((field) => [field.name, fieldJson(object, field, row)] as const);
  return { attributes: attributesJson(object, id, version), ...Object.fromEntries(values) };
}
