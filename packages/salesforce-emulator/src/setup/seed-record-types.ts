import type { RecordTypeDefinition } from '../definition/record-types.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import { seedRow } from '../org/seed-rows.ts';
import { findObject } from '../schema/catalog.ts';
import { findField, type ObjectType, type RecordTypeInfo } from '../schema/object-type.ts';

/**
 * Makes the rows of the record types in the org's definition; answers them by lower-case object name.
 * Throws an Error that says which object, picklist or value there is not.
 */
export function seedRecordTypes(org: OrgState): ReadonlyMap<string, readonly RecordTypeInfo[]> {
  const types = new Map<string, RecordTypeInfo[]>();
  const recordType = findObject(org.catalog, 'RecordType');
  if (recordType === undefined) return types;
  for (const defined of org.definition.recordTypes) {
    const where = `Record type ${defined.object}.${defined.developerName}`;
    const object = findObject(org.catalog, defined.object);
    if (object === undefined || !object.createable)
      throw new Error(`${where}: there is no object ${defined.object} that could have record types.`);
    const picklists = readPicklists(object, defined, where);
    const label = defined.label ?? defined.developerName;
    const rid = seedRow(
      org,
      recordType,
      { SobjectType: object.name, DeveloperName: defined.developerName },
      { Name: label, Description: defined.description ?? null, IsActive: defined.active ? 1 : 0 },
    );
    const key = object.name.toLowerCase();
    const known = types.get(key) ?? [];
    if (defined.default && known.some(({ isDefault }) => isDefault))
      throw new Error(`${where}: another record type is the default already.`);
    const id = createRecordId(recordType.keyPrefix, rid);
    const { developerName, active } = defined;
    known.push({ id, developerName, label, active, isDefault: defined.default, picklists });
    types.set(key, known);
  }
  return types;
}

function readPicklists(
  object: ObjectType,
  defined: RecordTypeDefinition,
  where: string,
): ReadonlyMap<string, readonly string[]> {
  const picklists = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(defined.picklists)) {
    const field = findField(object, name);
    if (field === undefined || !field.type.endsWith('picklist'))
      throw new Error(`${where}: ${object.name} has no picklist ${name}.`);
    const unknown = values.find((value) => !field.picklistValues.includes(value));
    if (unknown !== undefined) throw new Error(`${where}: ${field.name} has no value ${unknown}.`);
    picklists.set(field.name, values);
  }
  return picklists;
}
