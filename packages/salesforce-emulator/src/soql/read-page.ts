import type { JsonObject, JsonValue } from '../json.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import { addressPartsOf, attributesJson, valueJson } from '../records/record-json.ts';
import { integerOf, type Row } from '../store/database.ts';
import { columnOf } from '../store/record-table.ts';
import type { CompiledQuery } from './compile-query.ts';
import { type FieldPath, sqlColumn } from './field-path.ts';

/** The selected fields of these records as they are now, in this order. */
export function readPage(
  org: OrgState,
  query: CompiledQuery,
  recordNumbers: readonly number[],
  version: string,
): JsonObject[] {
  const paths = query.select.kind === 'fields' ? query.select.paths : [];
  const columns = ['t.rid as rid', ...paths.flatMap((path, index) => columnsOf(path, index))].join(', ');
  const statement = org.database.prepare(`select ${columns} ${query.joins} where t.rid = ?`);
  return recordNumbers.flatMap((rid) => {
    const row = statement.get(rid);
    return row === undefined ? [] : [shapeRecord(query, paths, row, version)];
  });
}

function columnsOf(path: FieldPath, index: number): string[] {
  const own = path.field.type === 'address' ? [] : [`${sqlColumn(path)} as c${index}`];
  const parts = path.field.type === 'address' ? addressPartsOf(path.object, path.field) : [];
  const inside = parts.map(([part, field]) => `"${path.alias}".${columnOf(field)} as c${index}_${part}`);
  const parentIds = path.parents.map((parent, depth) => `"${parent.alias}".rid as p${index}_${depth}`);
  return [...own, ...inside, ...parentIds];
}

interface Shaped {
  [key: string]: JsonValue | Shaped;
}

/** A row as a record, parents nested under their relationship name; a missing parent is null. */
function shapeRecord(
  query: CompiledQuery,
  paths: readonly FieldPath[],
  row: Row,
  version: string,
): JsonObject {
  const { object } = query;
  const attributes = attributesJson(object, createRecordId(object.keyPrefix, integerOf(row.rid)), version);
  const record: Shaped = { attributes };
  paths.forEach((path, index) => {
    const holder = descend(record, path, row, index, version);
    if (holder !== undefined) holder[path.field.name] = pathJson(path, index, row);
  });
  return record;
}

/** The object that holds a path's field, made on the way down; undefined below a missing parent. */
function descend(
  record: Shaped,
  path: FieldPath,
  row: Row,
  index: number,
  version: string,
): Shaped | undefined {
  let holder = record;
  for (const [depth, parent] of path.parents.entries()) {
    const name = path.relationships[depth] ?? '';
    const rid = row[`p${index}_${depth}`];
    if (rid === null || rid === undefined) {
      holder[name] = null;
      return undefined;
    }
    const { keyPrefix } = parent.object;
    const existing = holder[name];
    const child: Shaped = isShaped(existing)
      ? existing
      : { attributes: attributesJson(parent.object, createRecordId(keyPrefix, integerOf(rid)), version) };
    holder[name] = child;
    holder = child;
  }
  return holder;
}

const isShaped = (value: JsonValue | Shaped | undefined): value is Shaped =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function pathJson(path: FieldPath, index: number, row: Row): JsonValue {
  const { field, object } = path;
  const value = row[`c${index}`];
  if (field.type === 'id') return createRecordId(object.keyPrefix, integerOf(value));
  if (field.type !== 'address') return valueJson(field, value);
  const parts = addressPartsOf(object, field).map(
    ([part, source]) => [part, valueJson(source, row[`c${index}_${part}`])] as const,
  );
  return parts.every(([, part]) => part === null) ? null : Object.fromEntries(parts);
}
