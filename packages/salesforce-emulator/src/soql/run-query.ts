import { ApiError } from '../http/api-error.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import { addressPartsOf, attributesJson, valueJson } from '../records/record-json.ts';
import { integerOf, type Row } from '../store/database.ts';
import { columnOf } from '../store/record-table.ts';
import { type CompiledQuery, compileQuery } from './compile-query.ts';
import { type FieldPath, sqlColumn } from './field-path.ts';
import { parseSoql } from './parse-soql.ts';

/** A finished query whose later pages are still to be fetched: the record numbers in order. */
export interface OpenCursor {
  readonly query: CompiledQuery;
  readonly recordNumbers: readonly number[];
}

/** Open cursors by locator; the oldest are forgotten beyond a bound, as an org closes them. */
export type Cursors = Map<string, OpenCursor>;

const maxCursors = 50;
export const defaultBatchSize = 2_000;

/** Runs SOQL and answers its first page. */
export function runQuery(
  org: OrgState,
  cursors: Cursors,
  soql: string,
  options: { readonly version: string; readonly batchSize: number; readonly includeDeleted: boolean },
): JsonObject {
  const query = compileQuery(org.catalog, soql, parseSoql(soql), options.includeDeleted);
  const { select, joins, where, parameters } = query;
  if (select.kind === 'count') {
    const row = org.database
      .prepare(`select count(*) as n from (select 1 ${joins} ${where} ${query.limit})`)
      .get(...parameters);
    return { totalSize: integerOf(row?.n), done: true, records: [] };
  }
  if (select.kind === 'aggregate') {
    const columns = select.counts.map((count, index) => `${count.sql} as c${index}`).join(', ');
    const row = org.database.prepare(`select ${columns} ${joins} ${where}`).get(...parameters);
    const values = select.counts.map((count, index) => [count.name, integerOf(row?.[`c${index}`])] as const);
    const record = { attributes: { type: 'AggregateResult' }, ...Object.fromEntries(values) };
    return { totalSize: 1, done: true, records: [record] };
  }
  const sql = `select t.rid as rid ${joins} ${where} ${query.order} ${query.limit}`;
  const recordNumbers = org.database
    .prepare(sql)
    .all(...parameters)
    .map((row) => integerOf(row.rid));
  if (recordNumbers.length <= options.batchSize)
    return {
      totalSize: recordNumbers.length,
      done: true,
      records: readPage(org, query, recordNumbers, options.version),
    };
  const locator = `01g${createRecordId('01g', cursors.size + 1).slice(3, 6)}${org.randomBytes(6).toString('hex').slice(0, 9)}AAA`;
  cursors.set(locator, { query, recordNumbers });
  for (const oldest of cursors.keys()) {
    if (cursors.size <= maxCursors) break;
    cursors.delete(oldest);
  }
  return pageOf(org, locator, { query, recordNumbers }, 0, options.version, options.batchSize);
}

/** Answers a later page, named as in nextRecordsUrl: `<locator>-<offset>`. */
export function continueQuery(
  org: OrgState,
  cursors: Cursors,
  name: string,
  version: string,
  batchSize: number,
): JsonObject {
  const match = /^(\w{15,18})-(\d{1,9})$/.exec(name);
  const locator = match?.[1] ?? '';
  const cursor = cursors.get(locator);
  const offset = Number(match?.[2]);
  if (cursor === undefined || offset >= cursor.recordNumbers.length)
    throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  return pageOf(org, locator, cursor, offset, version, batchSize);
}

function pageOf(
  org: OrgState,
  locator: string,
  cursor: OpenCursor,
  offset: number,
  version: string,
  batchSize: number,
): JsonObject {
  const { query, recordNumbers } = cursor;
  const end = offset + batchSize;
  const records = readPage(org, query, recordNumbers.slice(offset, end), version);
  const done = end >= recordNumbers.length;
  const next = done ? {} : { nextRecordsUrl: `/services/data/v${version}/query/${locator}-${end}` };
  return { totalSize: recordNumbers.length, done, ...next, records };
}

function readPage(
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
  const parentId = path.alias === 't' ? [] : [`"${path.alias}".rid as p${index}`];
  return [...own, ...inside, ...parentId];
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
  return record as JsonObject;
}

function descend(
  record: Shaped,
  path: FieldPath,
  row: Row,
  index: number,
  version: string,
): Shaped | undefined {
  let holder = record;
  for (const [depth, name] of path.relationships.entries()) {
    const isLast = depth === path.relationships.length - 1;
    if (isLast && row[`p${index}`] === null) {
      holder[name] = null;
      return undefined;
    }
    const existing = holder[name];
    if (existing === null) return undefined;
    if (typeof existing === 'object' && !Array.isArray(existing)) {
      holder = existing as Shaped;
      continue;
    }
    const child: Shaped = isLast
      ? {
          attributes: attributesJson(
            path.object,
            createRecordId(path.object.keyPrefix, integerOf(row[`p${index}`])),
            version,
          ),
        }
      : {};
    holder[name] = child;
    holder = child;
  }
  return holder;
}

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
