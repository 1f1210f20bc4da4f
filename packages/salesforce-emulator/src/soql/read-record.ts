import type { SQLOutputValue } from 'node:sqlite';
import type { JsonObject, JsonValue } from '../json.ts';
import { createRecordId } from '../org/record-id.ts';
import { addressPartsOf, attributesJson } from '../records/record-json.ts';
import { valueJson } from '../schema/value-json.ts';
import { type Database, integerOf, type Row } from '../store/database.ts';
import { columnOf, tableOf } from '../store/record-table.ts';
import { type CompiledQuery, rootAlias, type SelectedChildren } from './compiled-query.ts';
import { type FieldPath, joinsOf, type PathStep, sqlColumn } from './field-path.ts';

interface Shaped {
  [key: string]: JsonValue | Shaped;
}

/** Reads one record of a query by its number; undefined when it is no more. */
export type RecordReader = (
  rid: number,
  children: (selected: SelectedChildren, parentId: string) => JsonValue,
) => JsonObject | undefined;

/** Prepares the reading of a query's selected fields, parents nested under their relationship name. */
export function createRecordReader(database: Database, query: CompiledQuery, version: string): RecordReader {
  const { object, select } = query;
  const items = select.kind === 'fields' ? select.items : [];
  const paths = items.flatMap((item) => (item.kind === 'field' ? [item.path] : []));
  const columns = items.flatMap((item, index) => (item.kind === 'field' ? columnsOf(item.path, index) : []));
  const statement = database.prepare(
    `select ${[`"${rootAlias}".rid as rid`, ...columns].join(', ')} from ${tableOf(object)} as "${rootAlias}" ${joinsOf(rootAlias, paths)} where "${rootAlias}".rid = ?`,
  );
  return (rid, children) => {
    const row = statement.get(rid);
    if (row === undefined) return undefined;
    const id = createRecordId(object.keyPrefix, rid);
    const record: Shaped = { attributes: attributesJson(object, id, version) };
    for (const [index, item] of items.entries()) {
      if (item.kind === 'children') record[item.name] = children(item, id);
      else if (item.name !== undefined) record[item.name] = pathJson(item.path, index, row);
      else placeField(record, item.path, row, index, version);
    }
    return record;
  };
}

function columnsOf(path: FieldPath, index: number): string[] {
  const { field, object } = path;
  const own = field.type === 'address' ? [] : [`${sqlColumn(path)} as c${index}`];
  const parts = field.type === 'address' ? addressPartsOf(object, field) : [];
  const inside = parts.map(([part, source]) => `"${path.alias}".${columnOf(source)} as c${index}_${part}`);
  const parentIds = path.steps.map(
    (step, depth) => `"${step.alias}".${step.several === undefined ? 'rid' : '"Id"'} as p${index}_${depth}`,
  );
  return [...own, ...inside, ...parentIds];
}

/** Puts a field into the object that holds it, made on the way down; a missing parent is null. */
function placeField(record: Shaped, path: FieldPath, row: Row, index: number, version: string): void {
  let holder = record;
  for (const [depth, step] of path.steps.entries()) {
    const name = step.reference.relationshipName ?? '';
    const parent = row[`p${index}_${depth}`];
    if (parent === null || parent === undefined) {
      holder[name] = null;
      return;
    }
    const existing = holder[name];
    const child: Shaped = isShaped(existing)
      ? existing
      : { attributes: parentAttributes(step, parent, version) };
    holder[name] = child;
    holder = child;
  }
  holder[path.field.name] = pathJson(path, index, row);
}

/** A parent that may be of several objects calls itself `Name`, under the address of what it is. */
function parentAttributes(step: PathStep, parent: SQLOutputValue, version: string): JsonObject {
  const { object, several } = step;
  const id = several === undefined ? createRecordId(object.keyPrefix, integerOf(parent)) : String(parent);
  const target = several?.targets.find((candidate) => id.startsWith(candidate.keyPrefix)) ?? object;
  return { ...attributesJson(target, id, version), type: object.name };
}

const isShaped = (value: JsonValue | Shaped | undefined): value is Shaped =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function pathJson(path: FieldPath, index: number, row: Row): JsonValue {
  const { field, object } = path;
  const value = row[`c${index}`];
  if (field.type === 'id')
    return value === null || value === undefined ? null : createRecordId(object.keyPrefix, integerOf(value));
  if (field.type !== 'address') return valueJson(field, value);
  const parts = addressPartsOf(object, field).map(
    ([part, source]) => [part, valueJson(source, row[`c${index}_${part}`])] as const,
  );
  return parts.every(([, part]) => part === null) ? null : Object.fromEntries(parts);
}
