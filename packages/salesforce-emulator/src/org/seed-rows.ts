import type { StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { integerOf } from '../store/database.ts';
import { recordValues, tableOf, updateRecord } from '../store/record-table.ts';
import type { OrgState } from './org-state.ts';
import { insertSystemRecord } from './system-record.ts';

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
  return insertSystemRecord(org, object, values);
}
