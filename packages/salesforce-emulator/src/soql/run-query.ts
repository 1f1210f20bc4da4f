import { ApiError } from '../errors/api-error.ts';
import type { JsonObject } from '../json.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import type { Catalog } from '../schema/catalog.ts';
import { integerOf } from '../store/database.ts';
import { type CompiledQuery, compileQuery } from './compile-query.ts';
import { parseSoql } from './parse-soql.ts';
import { readPage } from './read-page.ts';

/** A finished query whose later pages are still to be fetched: the record numbers in order. */
export interface OpenCursor {
  readonly query: CompiledQuery;
  readonly recordNumbers: readonly number[];
}

/** Open cursors by locator; the oldest are forgotten beyond a bound, as an org closes them. */
export type Cursors = Map<string, OpenCursor>;

const maxCursors = 10;
export const defaultBatchSize = 2_000;

/** Runs SOQL and answers its first page. */
export function runQuery(
  org: OrgState,
  cursors: Cursors,
  soql: string,
  options: {
    /** The objects as the asking user sees them. */
    readonly catalog: Catalog;
    readonly version: string;
    readonly batchSize: number;
    readonly includeDeleted: boolean;
  },
): JsonObject {
  const query = compileQuery(options.catalog, soql, parseSoql(soql), options.includeDeleted);
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
  const locator = createRecordId('01g', org.randomBytes(6).readUIntBE(0, 6));
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
