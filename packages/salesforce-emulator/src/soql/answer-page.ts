import type { JsonObject, JsonValue } from '../json.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import { integerOf } from '../store/database.ts';
import { columnOf, tableOf } from '../store/record-table.ts';
import { type CompiledQuery, limitClause, rootAlias, type SelectedChildren } from './compiled-query.ts';
import { type Cursors, keepCursor, type OpenCursor } from './cursors.ts';
import { createRecordReader, type RecordReader } from './read-record.ts';
import { combine, type SqlFragment } from './sql-fragment.ts';

/** What pages are read with. */
export interface PageContext {
  readonly org: OrgState;
  readonly cursors: Cursors;
  readonly userId: string;
  /** As in the path, `67.0`. */
  readonly version: string;
  /** Most records of a page. */
  readonly batchSize: number;
}

/** A page of records with two or more long text fields is this short. */
const longTextBatchSize = 200;
const longTextLength = 4_000;

/** Runs a query for records and answers its first page. */
export function answerFirstPage(context: PageContext, query: CompiledQuery): JsonObject {
  return answerList(
    context,
    query,
    findRecordNumbers(context, query, query.where),
    recordReader(context, query),
  );
}

/** Answers the page of a cursor that begins with the record at this offset. */
export const answerLaterPage = (
  context: PageContext,
  locator: string,
  cursor: OpenCursor,
  offset: number,
): JsonObject => answerPage(context, cursor, recordReader(context, cursor.query), offset, () => locator);

const recordReader = (context: PageContext, query: CompiledQuery): RecordReader =>
  createRecordReader(context.org.database, query, context.version);

function answerList(
  context: PageContext,
  query: CompiledQuery,
  recordNumbers: readonly number[],
  reader: RecordReader,
): JsonObject {
  const cursor = { query, recordNumbers, userId: context.userId };
  return answerPage(context, cursor, reader, 0, () => {
    const locator = createRecordId('01g', context.org.randomBytes(6).readUIntBE(0, 6));
    keepCursor(context.cursors, locator, cursor);
    return locator;
  });
}

function findRecordNumbers(context: PageContext, query: CompiledQuery, where: SqlFragment): number[] {
  const { object, joins } = query;
  // Ties are left in order of creation, so that pages and repeated queries agree.
  const order = [...query.order, `"${rootAlias}".rid`].join(', ');
  const sql = `select "${rootAlias}".rid as rid from ${tableOf(object)} as "${rootAlias}" ${joins} where ${where.sql} order by ${order} ${limitClause(query)}`;
  const statement = context.org.database.prepare(sql);
  // A million rows as arrays take a third of the time of a million objects.
  statement.setReturnArrays(true);
  return statement.all(...where.parameters).map((row) => integerOf(row[0]));
}

/** Reads records until the page is full. Child records count too, so that no answer grows without bound. */
function answerPage(
  context: PageContext,
  { query, recordNumbers }: OpenCursor,
  reader: RecordReader,
  offset: number,
  locator: () => string,
): JsonObject {
  const batchSize = batchSizeOf(context, query);
  const childReaders = new Map<SelectedChildren, RecordReader>();
  let childRecords = 0;
  const children = (selected: SelectedChildren, parentId: string): JsonValue => {
    const childReader = childReaders.get(selected) ?? recordReader(context, selected.query);
    childReaders.set(selected, childReader);
    const numbers = findChildren(context, selected, parentId);
    childRecords += numbers.length;
    return numbers.length === 0 ? null : answerList(context, selected.query, numbers, childReader);
  };
  const records: JsonObject[] = [];
  let position = offset;
  while (position < recordNumbers.length && position - offset < batchSize && childRecords < batchSize) {
    const record = reader(recordNumbers[position] ?? 0, children);
    if (record !== undefined) records.push(record);
    position += 1;
  }
  const done = position >= recordNumbers.length;
  const next = done
    ? {}
    : { nextRecordsUrl: `/services/data/v${context.version}/query/${locator()}-${position}` };
  return { totalSize: recordNumbers.length, done, ...next, records };
}

function findChildren(
  context: PageContext,
  { query, reference }: SelectedChildren,
  parentId: string,
): number[] {
  const ofParent = { sql: `"${rootAlias}".${columnOf(reference)} = ?`, parameters: [parentId] };
  return findRecordNumbers(context, query, combine('and', [ofParent, query.where]));
}

function batchSizeOf(context: PageContext, { select }: CompiledQuery): number {
  const items = select.kind === 'fields' ? select.items : [];
  const longTexts = items.filter(
    (item) =>
      item.kind === 'field' && item.path.field.type === 'textarea' && item.path.field.length > longTextLength,
  );
  return longTexts.length < 2 ? context.batchSize : Math.min(context.batchSize, longTextBatchSize);
}
