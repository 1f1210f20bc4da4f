import {
  HeadraceError,
  invalidInput,
  maxRecordsPerRequest,
  type RecordResultWire,
  recordsAnswerWire,
  recordsBodyWire,
  wireId,
  wireObject,
} from '@headrace/core';
import type { RecordResult } from '../../ingestion/ingest-records.ts';
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
    body: recordsBodyWire,
    maxBytes: 10 * 1024 * 1024,
    response: recordsAnswerWire,
    access: ['Manage Datasets'],
    audit: { action: 'dataset.ingest', subjectType: 'dataset' },
    handle: async ({ people }, request) => {
      const datasetId = request.params.dataset_id;
      const { records, isSeveral } = recordsOf(request.body);
      const results = await people.ingestRecords(datasetId, records);
      requireSomeIngested(results, isSeveral);
      const ingested = results.filter(({ status }) => status === 'ingested').length;
      const counts = { received: results.length, ingested, failed: results.length - ingested };
      return { body: { ...counts, results: results.map(toResultWire) }, subjectId: datasetId, facts: counts };
    },
  }),
];

type Records = { readonly records: readonly unknown[]; readonly isSeveral: boolean };

/** An object with a list `records` is several records: no class and no field group has a field of that name. */
function recordsOf(body: object): Records {
  if (!('records' in body)) return { records: [body], isSeveral: false };
  const { records, ...others } = body;
  if (!Array.isArray(records) || Object.keys(others).length > 0)
    throw invalidInput('Several records are sent as {"records": […]} with nothing beside it.', [
      { pointer: '/records', message: 'Expected a list of records and no other member.' },
    ]);
  if (records.length === 0 || records.length > maxRecordsPerRequest)
    throw invalidInput(
      `A request takes 1 to ${maxRecordsPerRequest} records; this one has ${records.length}. Divide it, or upload a file as a batch.`,
      [{ pointer: '/records', message: `Expected 1 to ${maxRecordsPerRequest} records.` }],
    );
  return { records, isSeveral: true };
}

/** Most refusals listed when nothing was ingested. */
const maxDetails = 100;

function requireSomeIngested(results: readonly RecordResult[], isSeveral: boolean): void {
  if (results.some(({ status }) => status === 'ingested')) return;
  const details = results.flatMap((result, index) =>
    result.status === 'failed'
      ? result.errors.map((error) => ({
          ...error,
          pointer: `${isSeveral ? `/records/${index}` : ''}${error.pointer ?? ''}`,
        }))
      : [],
  );
  const message = isSeveral
    ? `None of the ${results.length} records can be ingested. The first refusal: ${details[0]?.message ?? ''}`
    : `The record cannot be ingested. ${details[0]?.message ?? ''}`;
  throw new HeadraceError('invalid_input', message, { details: details.slice(0, maxDetails) });
}

const toResultWire = (result: RecordResult, index: number): RecordResultWire =>
  result.status === 'ingested'
    ? { index, status: result.status, profile_id: result.profileId }
    : { index, status: result.status, errors: result.errors.map((error) => ({ ...error })) };
