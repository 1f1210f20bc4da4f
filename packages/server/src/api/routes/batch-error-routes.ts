import {
  batchContentTypes,
  batchErrorPageWire,
  batchErrorsFileQuery,
  batchErrorsQuery,
  wireId,
  wireObject,
} from '@headrace/core';
import { type BatchErrorRow, readBatchErrors } from '../../store/batch-errors.ts';
import { defineDownload, defineRoute } from '../route.ts';
import { writeBatchErrors } from './batch-errors-file.ts';

const tag = 'Batches';
const params = wireObject({ batch_id: wireId('Of the batch.') });

export const batchErrorRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/batches/:batch_id/errors',
    operationId: 'listBatchErrors',
    summary: 'Why rows of a batch were refused or what of them was left out, in order of rows',
    tag,
    params,
    query: batchErrorsQuery,
    response: batchErrorPageWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ pool, people }, request) => {
      const { batchId } = await people.batches.get(request.params.batch_id);
      const limit = request.query.limit ?? 100;
      const read = (after: number, most: number) =>
        readBatchErrors(pool, batchId, { rowNumber: after, ordinal: mostErrorsPerRow }, most);
      const { rows, nextAfterRow } = await readWholeRows(read, request.query.after ?? 0, limit);
      return { body: { items: rows.map(toErrorWire), next_after: nextAfterRow?.toString() ?? null } };
    },
  }),
  defineDownload({
    method: 'GET',
    path: '/api/v1/batches/:batch_id/errors/download',
    operationId: 'downloadBatchErrors',
    summary: 'Why rows of a batch were refused, all of it as a file',
    tag,
    params,
    query: batchErrorsFileQuery,
    contentTypes: ['application/x-ndjson', 'text/csv'],
    access: ['View Datasets'],
    audit: null,
    handle: async ({ pool, people }, request) => {
      const { batchId } = await people.batches.get(request.params.batch_id);
      const format = request.query.format ?? 'ndjson';
      return {
        body: {
          contentType: `${batchContentTypes[format][0]}; charset=utf-8`,
          fileName: `batch-${batchId}-errors.${format}`,
          content: writeBatchErrors(pool, batchId, format),
        },
      };
    },
  }),
];

const toErrorWire = ({ rowNumber, severity, pointer, keyword, message }: BatchErrorRow) => ({
  row: rowNumber,
  severity,
  pointer,
  keyword,
  message,
});

type RowErrors = readonly BatchErrorRow[];
/** More than any one row has. */
const mostErrorsPerRow = 100;

/** A page that ends between two rows, so that reading on behind the last row misses nothing. */
async function readWholeRows(
  read: (afterRow: number, limit: number) => Promise<RowErrors>,
  afterRow: number,
  limit: number,
): Promise<{ readonly rows: RowErrors; readonly nextAfterRow: number | undefined }> {
  const rows = await read(afterRow, limit + mostErrorsPerRow);
  const last = rows[limit - 1]?.rowNumber;
  if (last === undefined || rows.length === limit) return { rows, nextAfterRow: undefined };
  const end = rows.findIndex(({ rowNumber }) => rowNumber > last);
  return end < 0 ? { rows, nextAfterRow: undefined } : { rows: rows.slice(0, end), nextAfterRow: last };
}
