import {
  bucketCount,
  type DataflowDeletionWire,
  dataflowDeletionPageWire,
  dataflowDeletionPreviewWire,
  dataflowDeletionsQuery,
  dataflowDeletionWire,
  newDataflowDeletionWire,
  notFound,
  wireId,
  wireObject,
} from '@headrace/core';
import { previewDataflowDeletion } from '../../delivery/preview-dataflow-deletion.ts';
import {
  type DataflowDeletion,
  readDataflowDeletion,
  readDataflowDeletions,
} from '../../store/dataflow-deletions.ts';
import { readPage } from '../page.ts';
import { defineRoute } from '../route.ts';

const tag = 'Dataflows';
const params = wireObject({ dataflow_id: wireId('Of the dataflow.') });

export const dataflowDeletionRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/dataflows/:dataflow_id/deletion-preview',
    operationId: 'previewDataflowDeletion',
    summary: 'What deleting a dataflow would leave, and could delete, at the destination',
    tag,
    params,
    response: dataflowDeletionPreviewWire,
    access: ['Manage Destinations', 'View Destinations'],
    audit: null,
    handle: async ({ pool, now }, request) => {
      const preview = await previewDataflowDeletion(pool, request.params.dataflow_id, () => now().getTime());
      const { name, members, records, created, keptElsewhere, isEstimate } = preview;
      const body = {
        name,
        members,
        records,
        created,
        kept_elsewhere: keptElsewhere,
        is_estimate: isEstimate,
      };
      return { body };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/dataflows/:dataflow_id/deletion',
    operationId: 'deleteDataflow',
    summary:
      'Delete a dataflow, and keep its records or delete those it made; repeated, it changes that choice',
    tag,
    params,
    body: newDataflowDeletionWire,
    status: 202,
    response: dataflowDeletionWire,
    access: ['Manage Destinations', 'View Destinations'],
    audit: { action: 'dataflow.delete', subjectType: 'dataflow' },
    handle: async ({ people }, { params: { dataflow_id }, body, principal }) => {
      const deletion = await people.deleteDataflow({
        dataflowId: dataflow_id,
        confirmedName: body.confirm,
        atDestination: body.at_destination ?? 'keep',
        principal: principal?.id ?? '',
      });
      const { name, atDestination } = deletion;
      return {
        body: toWire(deletion),
        subjectId: dataflow_id,
        facts: { name, at_destination: atDestination },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/dataflow-deletions',
    operationId: 'listDataflowDeletions',
    summary: 'Deletions of dataflows, newest first',
    tag,
    query: dataflowDeletionsQuery,
    response: dataflowDeletionPageWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool }, { query: { after, limit } }) => {
      const page = await readPage(
        limit,
        (most) => readDataflowDeletions(pool, { after, limit: most }),
        ({ dataflowId }) => dataflowId,
      );
      return { body: { items: page.items.map(toWire), next_after: page.nextAfter } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/dataflow-deletions/:dataflow_id',
    operationId: 'getDataflowDeletion',
    summary: 'How far the deletion of a dataflow has come',
    tag,
    params,
    response: dataflowDeletionWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool }, { params: { dataflow_id } }) => {
      const deletion = await readDataflowDeletion(pool, dataflow_id);
      if (deletion === undefined) throw notFound('deletion of a dataflow', dataflow_id);
      return { body: toWire(deletion) };
    },
  }),
];

const toWire = (deletion: DataflowDeletion): DataflowDeletionWire => ({
  dataflow_id: deletion.dataflowId,
  account_id: deletion.accountId,
  name: deletion.name,
  at_destination: deletion.atDestination,
  status: deletion.finishedAt === null ? 'processing' : 'completed',
  requested_at: deletion.requestedAt.toISOString(),
  finished_at: deletion.finishedAt?.toISOString() ?? null,
  records_deleted: deletion.recordsDeleted,
  records_absent: deletion.recordsAbsent,
  records_failed: deletion.recordsFailed,
  failure_code: deletion.failureCode,
  percent_done: Math.floor((deletion.nextBucket * 100) / bucketCount),
});
