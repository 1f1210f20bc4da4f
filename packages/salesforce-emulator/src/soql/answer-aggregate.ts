import { ApiError } from '../errors/api-error.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { createRecordId } from '../org/record-id.ts';
import { formatInstant } from '../schema/value-json.ts';
import { type Database, integerOf } from '../store/database.ts';
import { tableOf } from '../store/record-table.ts';
import { type CompiledQuery, type CompiledSelect, limitClause, rootAlias } from './compiled-query.ts';
import { type Expression, sortColumn } from './expression.ts';

const maxGroups = 2_000;

const source = ({ object, joins, where }: CompiledQuery): string =>
  `from ${tableOf(object)} as "${rootAlias}" ${joins} where ${where.sql}`;

/** Answers `SELECT COUNT()`: the number alone. */
export function answerCount(database: Database, query: CompiledQuery): JsonObject {
  const row = database
    .prepare(`select count(*) as n from (select 1 ${source(query)} ${limitClause(query)})`)
    .get(...query.where.parameters);
  return { totalSize: integerOf(row?.n), done: true, records: [] };
}

/** Answers a query with aggregates, one AggregateResult for each group. There are no further pages of these. */
export function answerAggregate(
  database: Database,
  query: CompiledQuery,
  select: CompiledSelect & { kind: 'aggregate' },
): JsonObject {
  const columns = select.columns.map(({ expression }, index) => `${expression.sql} as c${index}`).join(', ');
  const groups = select.groupBy.map(sortColumn).join(', ');
  const sql = [
    `select ${columns} ${source(query)}`,
    groups === '' ? '' : `group by ${groups}`,
    select.having === undefined ? '' : `having ${select.having.sql}`,
    query.order.length === 0 ? '' : `order by ${query.order.join(', ')}`,
    limitClause(query, maxGroups + 1),
  ].join(' ');
  const rows = database.prepare(sql).all(...query.where.parameters, ...(select.having?.parameters ?? []));
  if (rows.length > maxGroups)
    throw new ApiError(
      400,
      'EXCEEDED_ID_LIMIT',
      'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch',
    );
  const records = rows.map((row) => ({
    attributes: { type: 'AggregateResult' },
    ...Object.fromEntries(
      select.columns.map(({ name, expression }, index) => [name, resultJson(expression, row[`c${index}`])]),
    ),
  }));
  return { totalSize: records.length, done: true, records };
}

function resultJson({ type, path }: Expression, value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (type === 'id') return createRecordId(path.object.keyPrefix, Number(value));
  if (type === 'boolean') return value === 1;
  if (type === 'datetime') return formatInstant(Number(value));
  return typeof value === 'number' ? value : String(value);
}
