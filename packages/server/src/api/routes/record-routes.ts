import {
  HeadraceError,
  idempotencyHeaders,
  type RecordResultWire,
  recordsAnswerWire,
  recordsBodyWire,
  wireId,
  wireObject,
} from '@headrace/core';
import type { RecordResult } from '../../ingestion/ingest-records.ts';
import { type RecordsOfBody, readRecordsBody } from '../record-bodies.ts';
import { defineRoute } from '../route.ts';

const tag = 'Datasets';
const params = wireObject({ dataset_id: wireId('Of the dataset.') });

export const recordRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/datasets/:dataset_id/records',
    operationId: 'ingestRecords',
    summary: 'Ingest one record, or up to 1,000 at once',
    tag,
    params,
    headers: idempotencyHeaders,
    body: recordsBodyWire,
    maxBytes: 10 * 1024 * 1024,
    response: recordsAnswerWire,
    access: ['Manage Datasets'],
    // What arrives is counted by dataset and hour; an audit event for each request would be as many again.
    audit: null,
    handle: async ({ people }, request) => {
      const datasetId = request.params.dataset_id;
      const records = readRecordsBody(request.body, datasetId);
      const results = await people.ingestRecords({
        datasetId,
        records: records.map(({ record }) => record),
        bytes: request.bodyBytes ?? JSON.stringify(request.body).length,
        idempotencyKey: request.headers['idempotency-key'],
      });
      requireSomeIngested(results, records);
      const ingested = results.filter(({ status }) => status === 'ingested').length;
      const counts = { received: results.length, ingested, failed: results.length - ingested };
      return { body: { ...counts, results: results.map(toResultWire) } };
    },
  }),
];

/** Most refusals listed when nothing was ingested. */
const maxDetails = 100;

function requireSomeIngested(results: readonly RecordResult[], records: RecordsOfBody): void {
  if (results.some(({ status }) => status === 'ingested')) return;
  const details = results.flatMap((result, index) =>
    result.status === 'failed'
      ? result.errors.map((error) => ({
          ...error,
          pointer: `${records[index]?.pointer ?? ''}${error.pointer ?? ''}`,
        }))
      : [],
  );
  const message =
    results.length > 1
      ? `None of the ${results.length} records can be ingested. The first refusal: ${details[0]?.message ?? ''}`
      : `The record cannot be ingested. ${details[0]?.message ?? ''}`;
  throw new HeadraceError('invalid_input', message, { details: details.slice(0, maxDetails) });
}

const toResultWire = (result: RecordResult, index: number): RecordResultWire =>
  result.status === 'ingested'
    ? {
        index,
        status: result.status,
        profile_id: result.profileId,
        ...(result.warnings !== undefined && {
          warnings: result.warnings.map((warning) => ({ ...warning })),
        }),
      }
    : { index, status: result.status, errors: result.errors.map((error) => ({ ...error })) };
