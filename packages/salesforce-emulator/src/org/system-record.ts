import { wholeSecond } from '../records/stamps.ts';
import { findObject } from '../schema/catalog.ts';
import type { StoredValue } from '../schema/field.ts';
import { insertRecord, recordValues } from '../store/record-table.ts';
import { now, type OrgState, takeRecordNumber } from './org-state.ts';
import { createRecordId } from './record-id.ts';

/** Adds a record that the org makes itself, as its first user, and answers its id; no rules and no journal. */
export function addSystemRecord(
  org: OrgState,
  objectName: string,
  values: Readonly<Record<string, StoredValue>>,
): string {
  const object = findObject(org.catalog, objectName);
  if (object === undefined) throw new Error(`There is no object ${objectName}.`);
  const instant = wholeSecond(now(org));
  const firstUser = createRecordId('005', 1);
  const defaults = object.defaultedFields.map((field) => [field.name, field.defaultValue] as const);
  const record = recordValues({
    ...Object.fromEntries(defaults),
    IsDeleted: 0,
    CreatedDate: instant,
    CreatedById: firstUser,
    LastModifiedDate: instant,
    LastModifiedById: firstUser,
    SystemModstamp: instant,
    ...values,
  });
  const rid = takeRecordNumber(org, object);
  insertRecord(org.database, object, rid, record);
  return createRecordId(object.keyPrefix, rid);
}
