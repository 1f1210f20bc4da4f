import { type FieldDefinition, foldKey, isKeyField, isStored, type StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { type Database, integerOf, type Row } from './database.ts';

/**
 * One table per object with one column per stored field; `rid` is the number inside the record's id. A key
 * field (External ID, Unique, idLookup) has a second column with its folded value, which carries the index.
 */
export type RecordValues = ReadonlyMap<string, StoredValue>;

/** Values by field name, for records the emulator makes itself. */
export const recordValues = (values: Readonly<Record<string, StoredValue>>): Map<string, StoredValue> =>
  new Map(Object.entries(values));

const quoted = (name: string): string => `"${name}"`;
export const columnOf = (field: FieldDefinition): string => quoted(field.name);
/** Addresses are stored folded already, so that their column is its own key. */
const hasKeyColumn = (field: FieldDefinition): boolean => isKeyField(field) && field.type !== 'email';
export const keyColumnOf = (field: FieldDefinition): string =>
  hasKeyColumn(field) ? quoted(`${field.name}$key`) : columnOf(field);
export const tableOf = (object: ObjectType): string => quoted(object.name);

const isIndexedReference = (field: FieldDefinition): boolean =>
  field.type === 'reference' && !field.referenceTo.includes('User');

const literal = (value: string | number): string =>
  typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;

/** The table's columns with their SQL definitions, in order. */
function columnsOf(object: ObjectType): ReadonlyMap<string, string> {
  const columns = new Map<string, string>();
  const add = (column: string, otherwise: StoredValue = null): void => {
    columns.set(column, otherwise === null ? column : `${column} default ${literal(otherwise)}`);
  };
  // Setup objects do not show the mark of the recycle bin, but every table has it.
  add('"IsDeleted"', 0);
  for (const field of object.fields.filter(isStored)) {
    add(columnOf(field), field.nillable ? null : field.defaultValue);
    if (hasKeyColumn(field)) add(keyColumnOf(field));
  }
  return columns;
}

/** The columns the table has, in lower case. */
function presentColumns(database: Database, object: ObjectType): ReadonlySet<string> {
  const rows = database
    .prepare(`select name from pragma_table_info(${quoted(object.name).replaceAll('"', "'")})`)
    .all();
  return new Set(rows.map((row) => `"${String(row.name)}"`.toLowerCase()));
}

const indexOf = (object: ObjectType, column: string): string =>
  quoted(`${object.name}.${column.slice(1, -1)}`);

/** Creates the table, or adds what a newer definition has more. */
export function ensureTable(database: Database, object: ObjectType): void {
  const table = tableOf(object);
  const present = presentColumns(database, object);
  const missing = [...columnsOf(object)].filter(([column]) => !present.has(column.toLowerCase()));
  const changes =
    present.size === 0
      ? [`create table ${table} (rid integer primary key, ${missing.map(([, sql]) => sql).join(', ')})`]
      : missing.map(([, sql]) => `alter table ${table} add column ${sql}`);
  for (const field of object.fields) {
    const column = keyColumnOf(field);
    if (isKeyField(field) || isIndexedReference(field))
      changes.push(
        `create index if not exists ${indexOf(object, column)} on ${table} (${column}) where ${column} is not null`,
      );
  }
  // All at once: each call of exec forgets the statements prepared before it.
  if (changes.length > 0) database.exec(changes.join(';\n'));
}

/** Removes a field's columns with everything in them. */
export function dropFieldColumns(database: Database, object: ObjectType, field: FieldDefinition): void {
  const present = presentColumns(database, object);
  for (const column of new Set([columnOf(field), keyColumnOf(field)])) {
    database.exec(`drop index if exists ${indexOf(object, column)}`);
    if (present.has(column.toLowerCase()))
      database.exec(`alter table ${tableOf(object)} drop column ${column}`);
  }
}

/** Fills a key field's second column anew, after the field became a key or changed what makes keys equal. */
export function rebuildKeyColumn(database: Database, object: ObjectType, field: FieldDefinition): void {
  if (!hasKeyColumn(field)) return;
  const folded = field.caseSensitive ? columnOf(field) : `fold(${columnOf(field)})`;
  database.exec(`update ${tableOf(object)} set ${keyColumnOf(field)} = ${folded}`);
}

export const maxRecordNumber = (database: Database, object: ObjectType): number =>
  integerOf(database.prepare(`select max(rid) as n from ${tableOf(object)}`).get()?.n);

/** Records of the object, those in the recycle bin included. */
export const countRecords = (database: Database, object: ObjectType): number =>
  integerOf(database.prepare(`select count(*) as n from ${tableOf(object)}`).get()?.n);

/** Records of the object that are not in the recycle bin. */
export const countLive = (database: Database, object: ObjectType): number =>
  integerOf(database.prepare(`select count(*) as n from ${tableOf(object)} where IsDeleted = 0`).get()?.n);

/** The statement that writes these fields of an object, and which of them need their folded key as well. */
interface WriteShape {
  readonly names: readonly string[];
  readonly sql: string;
  readonly keyFields: readonly FieldDefinition[];
}
type WriteShapes = WeakMap<ObjectType, WriteShape[]>;

const insertShapes: WriteShapes = new WeakMap();
const updateShapes: WriteShapes = new WeakMap();
const maxShapes = 64;

/** Records of one call set the same fields, so a statement is put together once for each list of fields. */
function shapeFor(
  shapes: WriteShapes,
  object: ObjectType,
  values: RecordValues,
  build: (columns: readonly string[]) => string,
): WriteShape {
  let known = shapes.get(object);
  if (known === undefined) {
    known = [];
    shapes.set(object, known);
  }
  for (const shape of known) if (hasNames(values, shape.names)) return shape;
  const names = [...values.keys()];
  const fields = names.map((name) => {
    const field = object.fieldByName.get(name);
    if (field === undefined) throw new Error(`${object.name} has no field ${name}.`);
    return field;
  });
  const keyFields = fields.filter(hasKeyColumn);
  const shape = { names, sql: build([...fields.map(columnOf), ...keyFields.map(keyColumnOf)]), keyFields };
  known.unshift(shape);
  if (known.length > maxShapes) known.pop();
  return shape;
}

function hasNames(values: RecordValues, names: readonly string[]): boolean {
  if (values.size !== names.length) return false;
  let index = 0;
  for (const name of values.keys()) if (name !== names[index++]) return false;
  return true;
}

function parametersOf(shape: WriteShape, values: RecordValues): StoredValue[] {
  const parameters = [...values.values()];
  for (const field of shape.keyFields) {
    const value = values.get(field.name) ?? null;
    parameters.push(value === null ? null : foldKey(field, value));
  }
  return parameters;
}

/** Adds a record. `values` are by field name as the object spells it. */
export function insertRecord(
  database: Database,
  object: ObjectType,
  rid: number,
  values: RecordValues,
): void {
  const shape = shapeFor(insertShapes, object, values, (columns) => {
    const names = columns.map((column) => `, ${column}`).join('');
    return `insert into ${tableOf(object)} (rid${names}) values (?${', ?'.repeat(columns.length)})`;
  });
  database.prepare(shape.sql).run(rid, ...parametersOf(shape, values));
}

/** Changes fields of a record. `values` are by field name as the object spells it. */
export function updateRecord(
  database: Database,
  object: ObjectType,
  rid: number,
  values: RecordValues,
): void {
  const shape = shapeFor(updateShapes, object, values, (columns) => {
    const sets = columns.map((column) => `${column} = ?`).join(', ');
    return `update ${tableOf(object)} set ${sets} where rid = ?`;
  });
  database.prepare(shape.sql).run(...parametersOf(shape, values), rid);
}

export const readRecord = (database: Database, object: ObjectType, rid: number): Row | undefined =>
  database.prepare(`select * from ${tableOf(object)} where rid = ?`).get(rid);

/** Some stored fields of a record, by name: cheaper than the whole of it. */
export function readFields(
  database: Database,
  object: ObjectType,
  rid: number,
  names: Iterable<string>,
): Row | undefined {
  const columns = [...names].map(quoted).join(', ');
  if (columns === '') return {};
  return database.prepare(`select ${columns} from ${tableOf(object)} where rid = ?`).get(rid);
}

/** Removes a record for good. */
export function deleteRow(database: Database, object: ObjectType, rid: number): void {
  database.prepare(`delete from ${tableOf(object)} where rid = ?`).run(rid);
}

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
