import { findObject } from '../schema/catalog.ts';
import type { StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { insertRecord, recordValues } from '../store/record-table.ts';
import { now, type OrgState, takeRecordNumber } from './org-state.ts';
import { createRecordId } from './record-id.ts';
import { modificationStamps, wholeSecond } from './stamps.ts';

/** The user in whose name the org does what nobody asked for. */
export const firstUserId = createRecordId('005', 1);

type Values = Readonly<Record<string, StoredValue>>;

/**
 * Adds a record that the org makes itself, as its first user, with the object's defaults and the audit fields it
 * has; no rules and no journal. Answers its number.
 */
export function insertSystemRecord(org: OrgState, object: ObjectType, values: Values): number {
  const instant = wholeSecond(now(org));
  const stamps = [
    ['IsDeleted', 0],
    ['CreatedDate', instant],
    ['CreatedById', firstUserId],
    ...modificationStamps(firstUserId, instant),
  ] as const;
  const record = recordValues({
    ...Object.fromEntries(object.defaultedFields.map((field) => [field.name, field.defaultValue])),
    ...Object.fromEntries(stamps.filter(([name]) => object.fieldByName.has(name))),
    ...values,
  });
  const rid = takeRecordNumber(org, object);
  insertRecord(org.database, object, rid, record);
  return rid;
}

/** The same for the object of this name; answers the record's id. */
export function addSystemRecord(org: OrgState, objectName: string, values: Values): string {
  const object = findObject(org.catalog, objectName);
  if (object === undefined) throw new Error(`There is no object ${objectName}.`);
  return createRecordId(object.keyPrefix, insertSystemRecord(org, object, values));
}
