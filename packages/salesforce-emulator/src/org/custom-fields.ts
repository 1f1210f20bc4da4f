import { addCustomField, type Catalog, findObject, withoutField } from '../schema/catalog.ts';
import { type CustomField, parseCustomField } from '../schema/custom-field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { integerOf } from '../store/database.ts';
import { dropFieldColumns, ensureTable, rebuildKeyColumn } from '../store/record-table.ts';
import { isNews } from './applied-definition.ts';
import { now, type OrgState } from './org-state.ts';
import { createRecordId, recordNumberOf } from './record-id.ts';
import { wholeSecond } from './stamps.ts';
import { firstUserId } from './system-record.ts';

/** A custom field of the org with its id; fields of the definition have one as well. Times in epoch milliseconds. */
export interface KeptField {
  readonly id: string;
  readonly custom: CustomField;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly modifiedAt: number;
  readonly modifiedBy: string;
}

/** Keeps definition, author and times of every custom field; ids are not used again. */
export const customFieldTable = `
  create table if not exists _custom_field (
    position integer primary key autoincrement, definition text not null,
    created_at integer not null default 0, created_by text, modified_at integer not null default 0, modified_by text
  );
`;

const keyPrefix = '00N';

/** All custom fields in order of creation. */
export function customFieldsOf(org: OrgState): readonly KeptField[] {
  const rows = org.database.prepare('select * from _custom_field order by position').all();
  return rows.map((row) => ({
    id: createRecordId(keyPrefix, integerOf(row.position)),
    custom: parseCustomField(JSON.parse(String(row.definition))),
    createdAt: integerOf(row.created_at),
    createdBy: String(row.created_by ?? firstUserId),
    modifiedAt: integerOf(row.modified_at),
    modifiedBy: String(row.modified_by ?? firstUserId),
  }));
}

/**
 * Brings the org's objects up to the fields it keeps. Fields of the definition are among them from the first time
 * on; what the definition says of them wins whenever it changed.
 */
export function loadCustomFields(org: OrgState): void {
  const { customFields } = org.definition;
  if (isNews(org, 'customFields', customFields)) {
    const key = (custom: CustomField): string => `${custom.object}.${custom.name}`.toLowerCase();
    const kept = new Map(customFieldsOf(org).map((field) => [key(field.custom), field]));
    for (const custom of customFields) {
      const known = kept.get(key(custom));
      if (known === undefined) insertField(org, custom);
      else if (JSON.stringify(known.custom) !== JSON.stringify(custom)) storeField(org, known.id, custom);
    }
  }
  for (const { custom } of customFieldsOf(org)) org.catalog = addCustomField(org.catalog, custom);
}

function insertField(org: OrgState, custom: CustomField, userId = firstUserId): string {
  const at = wholeSecond(now(org));
  const statement = org.database.prepare(
    'insert into _custom_field (definition, created_at, created_by, modified_at, modified_by) values (?, ?, ?, ?, ?)',
  );
  const { lastInsertRowid } = statement.run(JSON.stringify(custom), at, userId, at, userId);
  return createRecordId(keyPrefix, Number(lastInsertRowid));
}

function storeField(org: OrgState, id: string, custom: CustomField, userId = firstUserId): void {
  org.database
    .prepare('update _custom_field set definition = ?, modified_at = ?, modified_by = ? where position = ?')
    .run(JSON.stringify(custom), wholeSecond(now(org)), userId, recordNumberOf(id) ?? 0);
}

/** Adds a field to the running org and answers its id. Throws an Error when it does not fit. */
export function createCustomField(org: OrgState, custom: CustomField, userId?: string): string {
  const catalog = addCustomField(org.catalog, custom);
  const id = org.database.transaction(() => {
    ensureTable(org.database, objectIn(catalog, custom));
    return insertField(org, custom, userId);
  });
  org.catalog = catalog;
  return id;
}

/** Replaces what a field is; its name, object and stored values stay. Throws an Error when it does not fit. */
export function changeCustomField(
  org: OrgState,
  field: KeptField,
  custom: CustomField,
  userId: string,
): void {
  const catalog = addCustomField(withoutField(org.catalog, field.custom), custom);
  const object = objectIn(catalog, custom);
  org.database.transaction(() => {
    ensureTable(org.database, object);
    const definition = findField(object, custom.name);
    if (definition !== undefined) rebuildKeyColumn(org.database, object, definition);
    storeField(org, field.id, custom, userId);
  });
  org.catalog = catalog;
}

/** Removes a field with its values. */
export function deleteCustomField(org: OrgState, field: KeptField): void {
  const object = objectIn(org.catalog, field.custom);
  const definition = findField(object, field.custom.name);
  org.database.transaction(() => {
    if (definition !== undefined) dropFieldColumns(org.database, object, definition);
    org.database.prepare('delete from _custom_field where position = ?').run(recordNumberOf(field.id) ?? 0);
  });
  org.catalog = withoutField(org.catalog, field.custom);
}

function objectIn(catalog: Catalog, custom: CustomField): ObjectType {
  const object = findObject(catalog, custom.object);
  if (object === undefined) throw new Error(`There is no object ${custom.object}.`);
  return object;
}
