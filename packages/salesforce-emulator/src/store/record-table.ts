import { type FieldDefinition, foldKey, isKeyField, isStored, type StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { type Database, integerOf, type Row } from './database.ts';

/**
 * One table per object with one column per stored field; `rid` is the number inside the record's id. A key
 * field (External ID, Unique, idLookup) has a second column with its folded value, which carries the index.
 */
export type RecordValues = ReadonlyMap<FieldDefinition, StoredValue>;

const quoted = (name: string): string => `"${name}"`;
export const columnOf = (field: FieldDefinition): string => quoted(field.name);
export const keyColumnOf = (field: FieldDefinition): string => quoted(`${field.name}$key`);
export const tableOf = (object: ObjectType): string => quoted(object.name);

const isIndexedReference = (field: FieldDefinition): boolean =>
  field.type === 'reference' && field.referenceTo[0] !== 'User';

/** Creates the table, or adds what a newer definition has more. */
export function ensureTable(database: Database, object: ObjectType): void {
  const table = tableOf(object);
  database.exec(`create table if not exists ${table} (rid integer primary key)`);
  const rows = database
    .prepare(`select name from pragma_table_info(${quoted(object.name).replaceAll('"', "'")})`)
    .all();
  const present = new Set(rows.map((row) => String(row.name).toLowerCase()));
  const add = (column: string): void => {
    if (!present.has(column.slice(1, -1).toLowerCase()))
      database.exec(`alter table ${table} add column ${column}`);
  };
  const index = (field: FieldDefinition, column: string): void =>
    database.exec(
      `create index if not exists ${quoted(`${object.name}.${field.name}`)} on ${table} (${column}) where ${column} is not null`,
    );
  for (const field of object.fields.filter(isStored)) {
    add(columnOf(field));
    if (isKeyField(field)) {
      add(keyColumnOf(field));
      index(field, keyColumnOf(field));
    } else if (isIndexedReference(field)) index(field, columnOf(field));
  }
}

export const maxRecordNumber = (database: Database, object: ObjectType): number =>
  integerOf(database.prepare(`select max(rid) as n from ${tableOf(object)}`).get()?.n);

const assignments = (values: RecordValues): { columns: string[]; parameters: StoredValue[] } => {
  const columns: string[] = [];
  const parameters: StoredValue[] = [];
  for (const [field, value] of values) {
    columns.push(columnOf(field));
    parameters.push(value);
    if (isKeyField(field)) {
      columns.push(keyColumnOf(field));
      parameters.push(value === null ? null : foldKey(field, value));
    }
  }
  return { columns, parameters };
};

export function insertRecord(
  database: Database,
  object: ObjectType,
  rid: number,
  values: RecordValues,
): void {
  const { columns, parameters } = assignments(values);
  const holes = columns.map(() => ', ?').join('');
  const names = columns.map((column) => `, ${column}`).join('');
  database.prepare(`insert into ${tableOf(object)} (rid${names}) values (?${holes})`).run(rid, ...parameters);
}

export function updateRecord(
  database: Database,
  object: ObjectType,
  rid: number,
  values: RecordValues,
): void {
  const { columns, parameters } = assignments(values);
  const sets = columns.map((column) => `${column} = ?`).join(', ');
  database.prepare(`update ${tableOf(object)} set ${sets} where rid = ?`).run(...parameters, rid);
}

export const readRecord = (database: Database, object: ObjectType, rid: number): Row | undefined =>
  database.prepare(`select * from ${tableOf(object)} where rid = ?`).get(rid);

/** What a write needs to know of a record before it changes it. */
export const readDeletedFlag = (database: Database, object: ObjectType, rid: number): boolean | undefined => {
  const row = database.prepare(`select IsDeleted as d from ${tableOf(object)} where rid = ?`).get(rid);
  return row === undefined ? undefined : row.d === 1;
};

/** Numbers of the live records with this key, ascending, at most `limit`. */
export function findByKey(
  database: Database,
  object: ObjectType,
  field: FieldDefinition,
  value: string | number,
  limit = 20,
): readonly number[] {
  const sql = `select rid from ${tableOf(object)} where ${keyColumnOf(field)} = ? and IsDeleted = 0 order by rid limit ${limit}`;
  const rows = database.prepare(sql).all(foldKey(field, value));
  return rows.map((row) => integerOf(row.rid));
}

/** Numbers of the live records that refer to this id. */
export function findByReference(
  database: Database,
  object: ObjectType,
  field: FieldDefinition,
  id: string,
): readonly number[] {
  const sql = `select rid from ${tableOf(object)} where ${columnOf(field)} = ? and IsDeleted = 0`;
  return database
    .prepare(sql)
    .all(id)
    .map((row) => integerOf(row.rid));
}
