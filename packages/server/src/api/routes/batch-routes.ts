import {
  type BatchWire,
  batchContentTypes,
  batchesQuery,
  batchFileAnswerWire,
  batchFileQuery,
  batchImportWire,
  batchPageWire,
  batchWire,
  HeadraceError,
  newBatchWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { type BatchRow, readBatches } from '../../store/batches.ts';
import { readPage } from '../page.ts';
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
        format: body.format ?? 'csv',
        mapping: body.mapping,
        mappingId: body.mapping_id,
        errorThresholdPercent: body.error_threshold_percent,
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
    contentTypes: Object.values(batchContentTypes).flat(),
    status: 202,
    response: batchFileAnswerWire,
    access: ['Manage Datasets'],
    audit: { action: 'batch.upload', subjectType: 'batch' },
    handle: async ({ people }, request) => {
      const batchId = request.params.batch_id;
      const force = request.query.force ?? false;
      requireContentType(await people.batches.get(batchId), request.contentType ?? '');
      const { batch, duplicate } = await people.batches.receiveFile(batchId, request.body, { force });
      return { body: { batch: toWire(batch), duplicate }, subjectId: batchId, facts: { duplicate, force } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/batches/:batch_id/file',
    operationId: 'importBatchFile',
    summary: 'Take the file of an announced batch from a folder that the operator allows',
    tag,
    params,
    query: batchFileQuery,
    body: batchImportWire,
    status: 202,
    response: batchFileAnswerWire,
    access: ['Manage Datasets'],
    audit: { action: 'batch.import', subjectType: 'batch' },
    handle: async ({ people }, request) => {
      const batchId = request.params.batch_id;
      const force = request.query.force ?? false;
      const { signal } = request;
      const { path } = request.body;
      const { batch, duplicate } = await people.batches.importFile(batchId, path, { force, signal });
      return { body: { batch: toWire(batch), duplicate }, subjectId: batchId, facts: { duplicate, force } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/batches/:batch_id/abort',
    operationId: 'abortBatch',
    summary: 'End a batch; rows ingested before stay',
    tag,
    params,
    response: batchWire,
    access: ['Manage Datasets'],
    audit: { action: 'batch.abort', subjectType: 'batch' },
    handle: async ({ people }, request) => {
      const batch = await people.batches.abort(request.params.batch_id);
      return { body: toWire(batch), subjectId: batch.batchId, facts: { rows_ingested: batch.rowsIngested } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/batches',
    operationId: 'listBatches',
    summary: 'Batches, newest first; of a dataset, in a status',
    tag,
    query: batchesQuery,
    response: batchPageWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ pool }, { query: { dataset_id: datasetId, status, after, limit } }) => {
      const page = await readPage(
        limit,
        (most) => readBatches(pool, { datasetId, status, after, limit: most }),
        ({ batchId }) => batchId,
      );
      return { body: { items: page.items.map(toWire), next_after: page.nextAfter } };
    },
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
];

/**
 * What the caller calls the file has to be what the batch was announced as; gzip says nothing of it.
 * @throws HeadraceError `unsupported_media_type`
 */
function requireContentType({ format }: BatchRow, contentType: string): void {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const expected: readonly string[] = [...batchContentTypes[format], ...batchContentTypes.gzip];
  const charset = /^\s*charset\s*=\s*"?([^"\s]*)/.exec(parameters.join(';'))?.[1] ?? 'utf-8';
  if (!expected.includes(type.trim()))
    throw new HeadraceError(
      'unsupported_media_type',
      `The batch was announced as ${format}. Expected the content type ${expected.join(' or ')}.`,
    );
  if (!['utf-8', 'utf8', 'us-ascii'].includes(charset))
    throw new HeadraceError(
      'unsupported_media_type',
      'Files have to be in UTF-8. Convert it and send it again.',
    );
}

const toWire = (batch: BatchRow): BatchWire => ({
  batch_id: batch.batchId,
  dataset_id: batch.datasetId,
  status: batch.status,
  file_name: batch.fileName,
  format: batch.format,
  compression: batch.compression,
  source_path: batch.sourcePath,
  mapping: batch.mapping as BatchWire['mapping'],
  error_threshold_percent: batch.errorThresholdPercent,
  file_bytes: batch.fileBytes,
  bytes_checked: batch.bytesChecked,
  rows_checked: batch.rowsChecked,
  checked_at: batch.checkedAt?.toISOString() ?? null,
  bytes_read: batch.bytesRead,
  rows_read: batch.rowsRead,
  rows_ingested: batch.rowsIngested,
  rows_failed: batch.rowsFailed,
  rows_warned: batch.rowsWarned,
  received_at: batch.receivedAt.toISOString(),
  started_at: batch.startedAt?.toISOString() ?? null,
  finished_at: batch.finishedAt?.toISOString() ?? null,
  error: batch.error,
});
