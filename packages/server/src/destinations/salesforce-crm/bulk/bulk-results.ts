import {
  type BulkEnd,
  type BulkOrder,
  type BulkResult,
  type DeliveryOutcome,
  HeadraceError,
} from '@headrace/core';
import { matchFieldOf } from '../records/match-field.ts';
import { isOfLink } from '../records/person-contacts.ts';
import { type RecordError, readRecordError } from '../records/read-record-error.ts';
import { findConnectionError, toOutcome } from '../records/record-error.ts';
import { recordIdPattern } from '../records/record-id.ts';
import { keyColumnOf, toRowKey } from './bulk-columns.ts';
import { readCsv } from './read-csv.ts';

const pageSize = 1_000;

/** Fetches one file of a job: `successfulResults`, `failedResults` or `unprocessedrecords`. */
type Fetch = (file: string) => Promise<AsyncIterable<Uint8Array>>;

/**
 * Reads the files of a job that has ended, each of them a call: failures where it counted some, unprocessed records where
 * it did not get to the end. Should a file that is not read hold a record after all, the record is read back.
 * Source: Bulk API 2.0 Developer Guide, "Get Job Unprocessed Record Results": "for failed or aborted jobs".
 */
export async function* readResults(
  order: BulkOrder,
  end: BulkEnd,
  fetch: Fetch,
): AsyncGenerator<readonly BulkResult[]> {
  // First, so that what all records lack is told before anything is taken for an outcome of theirs.
  let isFirst = end.processed > 0 && end.failed === end.processed;
  const isWhole = end.error === null;
  if (!isWhole || end.failed > 0)
    for await (const rows of pagesOf(order, await fetch('failedResults'))) {
      const refused = rows.map(({ row }) => parseError(row.sf__Error ?? ''));
      const shared = isFirst ? findConnectionError(refused.map((error) => [error])) : undefined;
      if (shared !== undefined) throw shared;
      isFirst = false;
      yield rows.map(({ rowKey }, index) => ({ rowKey, outcome: outcomeOf(order, refused[index]) }));
    }
  for await (const rows of pagesOf(order, await fetch('successfulResults')))
    yield rows.map(({ rowKey, row }) => ({ rowKey, outcome: successOf(row) }));
  if (isWhole) return;
  for await (const rows of pagesOf(order, await fetch('unprocessedrecords')))
    yield rows.map(({ rowKey }) => ({ rowKey, outcome: { kind: 'not_processed' } }));
}

type ResultRow = { readonly rowKey: string; readonly row: Readonly<Record<string, string>> };

/** Rows by their columns; rows without a key are left out, since nobody can tell whose they are. */
async function* pagesOf(order: BulkOrder, file: AsyncIterable<Uint8Array>): AsyncGenerator<ResultRow[]> {
  const keyColumn = keyColumnOf(order).toLowerCase();
  let columns: readonly string[] | undefined;
  let page: ResultRow[] = [];
  for await (const rows of readCsv(file))
    for (const cells of rows) {
      if (columns === undefined) {
        columns = cells;
        continue;
      }
      const key = cells[columns.findIndex((column) => column.toLowerCase() === keyColumn)] ?? '';
      if (key === '') continue;
      const row = Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
      page.push({ rowKey: toRowKey(order, key), row });
      if (page.length < pageSize) continue;
      yield page;
      page = [];
    }
  if (page.length > 0) yield page;
}

function successOf({
  sf__Id: id = '',
  sf__Created: created,
}: Readonly<Record<string, string>>): DeliveryOutcome {
  if (!recordIdPattern.test(id))
    throw new HeadraceError(
      'destination_unavailable',
      'A result file of Salesforce has a record without its id.',
    );
  return { kind: 'activated', recordId: id, created: created === 'true' };
}

function outcomeOf(order: BulkOrder, error: RecordError | undefined): DeliveryOutcome {
  const facts = { object: order.object, group: order.group, matchField: matchFieldOf(order) };
  const errors = error === undefined ? [] : [error];
  const outcome = toOutcome(errors, facts);
  const isOther = outcome.kind === 'record_gone' || error?.statusCode === 'CANNOT_UPDATE_CONVERTED_LEAD';
  if (!isOther && !isOfLink(errors)) return outcome;
  const message = `The ${order.object} was deleted, merged or converted, or belongs to its own Account; it is written by itself.`;
  return { kind: 'failed', code: error?.statusCode ?? 'ENTITY_IS_DELETED', message, retryable: true };
}

/** `CODE:message:fields --`; the message may hold colons, and the value. */
function parseError(text: string): RecordError {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  return readRecordError({
    statusCode: first < 0 ? text : text.slice(0, first),
    message: text.slice(first + 1, Math.max(first + 1, last)),
    fields: text
      .slice(last + 1)
      .replace(/--\s*$/, '')
      .split(/[\s,]+/)
      .filter((name) => name !== ''),
  });
}
