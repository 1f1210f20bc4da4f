import type { StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { integerOf } from '../store/database.ts';
import { insertRecord, recordValues, tableOf, updateRecord } from '../store/record-table.ts';
import { now, type OrgState, takeRecordNumber } from './org-state.ts';
import { createRecordId } from './record-id.ts';

/**
 * Brings a row of the org's own setup up to its definition: the row whose `key` fields have these values gets the
 * facts, or is made with them. Answers its record number.
 */
export function seedRow(
  org: OrgState,
  object: ObjectType,
  key: Readonly<Record<string, string>>,
  facts: Readonly<Record<string, StoredValue>>,
): number {
  const where = Object.keys(key)
    .map((name) => `"${name}" = ?`)
    .join(' and ');
  const sql = `select rid from ${tableOf(object)} where ${where} and IsDeleted = 0`;
  const row = org.database.prepare(sql).get(...Object.values(key));
  const values = { ...key, ...facts };
  if (row !== undefined) {
    const rid = integerOf(row.rid);
    if (Object.keys(facts).length > 0) updateRecord(org.database, object, rid, recordValues(values));
    return rid;
  }
  const instant = Math.floor(now(org) / 1000) * 1000;
  const userId = createRecordId('005', 1);
  const audit = Object.entries({
    CreatedDate: instant,
    CreatedById: userId,
    LastModifiedDate: instant,
    LastModifiedById: userId,
    SystemModstamp: instant,
  }).filter(([name]) => object.fieldByName.has(name));
  const rid = takeRecordNumber(org, object);
  insertRecord(org.database, object, rid, recordValues({ ...values, ...Object.fromEntries(audit) }));
  return rid;
}
