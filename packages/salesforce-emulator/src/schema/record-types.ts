import type { Catalog } from './catalog.ts';
import { makeObjectType, type RecordTypeInfo } from './object-type.ts';
import * as standard from './standard-fields.ts';

/** A catalog in which these objects, by lower-case name, have record types and the field that names one. */
export function withRecordTypes(
  catalog: Catalog,
  types: ReadonlyMap<string, readonly RecordTypeInfo[]>,
): Catalog {
  const extended = new Map(catalog);
  for (const [key, recordTypes] of types) {
    const object = catalog.get(key);
    if (object === undefined) continue;
    const field = standard.reference('RecordTypeId', 'RecordType', 'RecordType', { permissionable: false });
    extended.set(key, makeObjectType({ ...object, recordTypes, fields: [...object.fields, field] }));
  }
  return extended;
}
