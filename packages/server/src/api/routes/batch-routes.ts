import {
  type BatchWire,
  batchErrorPageWire,
  batchErrorsQuery,
  batchesQuery,
  batchFileAnswerWire,
  batchFileQuery,
  batchListWire,
  batchWire,
  newBatchWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { type BatchRow, readBatchErrors, readBatches } from '../../store/batches.ts';
import { defineRoute, defineUpload } from '../route.ts';

const tag = 'Batches';
const params = wireObject({ batch_id: wireId('Of the batch.') });

export const batchRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/batches',
    operationId: 'createBatch',
    summary: 'Announce a file of records',
    tag,
    body: newBatchWire,
    status: 201,
    response: batchWire,
    access: ['Manage Datasets'],
    audit: { action: 'batch.create', subjectType: 'batch' },
    handle: async ({ people }, { body }) => {
      const batch = await people.batches.create({
        datasetId: body.dataset_id,
        fileName: body.file_name,
        mapping: body.mapping,
      });
      return { body: toWire(batch), subjectId: batch.batchId, facts: { dataset_id: batch.datasetId } };
    },
  }),
  defineUpload({
    method: 'PUT',
    path: '/api/v1/batches/:batch_id/file',
    operationId: 'uploadBatchFile',
    summary: 'Send the file of an announced batch; its rows are read afterwards',
    tag,
    params,
    query: batchFileQuery,
    contentType: 'text/csv',
    status: 202,
    response: batchFileAnswerWire,
    access: ['Manage Datasets'],
    audit: { action: 'batch.upload', subjectType: 'batch' },
    handle: async ({ people }, request) => {
      const batchId = request.params.batch_id;
      const force = request.query.force ?? false;
      const { batch, duplicate } = await people.batches.receiveFile(batchId, request.body, { force });
      return { body: { batch: toWire(batch), duplicate }, subjectId: batchId, facts: { duplicate, force } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/batches',
    operationId: 'listBatches',
    summary: 'The newest 500 batches',
    tag,
    query: batchesQuery,
    response: batchListWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ pool }, { query }) => ({
      body: { items: (await readBatches(pool, query.dataset_id)).map(toWire) },
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/batches/:batch_id',
    operationId: 'getBatch',
    summary: 'A batch and how far it has come',
    tag,
    params,
    response: batchWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ people }, request) => ({
      body: toWire(await people.batches.get(request.params.batch_id)),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/batches/:batch_id/errors',
    operationId: 'listBatchErrors',
    summary: 'Why rows of a batch were refused, in order of rows',
    tag,
    params,
    query: batchErrorsQuery,
    response: batchErrorPageWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ pool, people }, request) => {
      const { batchId } = await people.batches.get(request.params.batch_id);
      const limit = request.query.limit ?? 100;
      const read = (after: number, most: number) => readBatchErrors(pool, batchId, after, most);
      const { rows, nextAfterRow } = await readWholeRows(read, request.query.after_row ?? 0, limit);
      const items = rows.map(({ rowNumber, ...error }) => ({ row: rowNumber, ...error }));
      return { body: { items, next_after_row: nextAfterRow } };
    },
  }),
];

type RowErrors = Awaited<ReturnType<typeof readBatchErrors>>;
/** More than any one row has. */
const mostErrorsPerRow = 100;

/** A page that ends between two rows, so that reading on behind the last row misses nothing. */
async function readWholeRows(
  read: (afterRow: number, limit: number) => Promise<RowErrors>,
  afterRow: number,
  limit: number,
): Promise<{ readonly rows: RowErrors; readonly nextAfterRow: number | null }> {
  const rows = await read(afterRow, limit + mostErrorsPerRow);
  const last = rows[limit - 1]?.rowNumber;
  if (last === undefined || rows.length === limit) return { rows, nextAfterRow: null };
  const end = rows.findIndex(({ rowNumber }) => rowNumber > last);
  return end < 0 ? { rows, nextAfterRow: null } : { rows: rows.slice(0, end), nextAfterRow: last };
}

const toWire = (batch: BatchRow): BatchWire => ({
  batch_id: batch.batchId,
  dataset_id: batch.datasetId,
  status: batch.status,
  file_name: batch.fileName,
  file_bytes: batch.fileBytes,
  bytes_read: batch.bytesRead,
  rows_read: batch.rowsRead,
  rows_ingested: batch.rowsIngested,
  rows_failed: batch.rowsFailed,
  received_at: batch.receivedAt.toISOString(),
  finished_at: batch.finishedAt?.toISOString() ?? null,
  error: batch.error,
});
