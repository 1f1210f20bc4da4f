import {
  type DatasetWire,
  datasetListWire,
  datasetPatchWire,
  datasetPreviewWire,
  datasetWire,
  newDatasetWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { changeDataset, createDataset, getDataset } from '../../catalog/datasets.ts';
import { previewDataset } from '../../catalog/preview-dataset.ts';
import type { Db } from '../../store/database.ts';
import { type DatasetOverview, readDatasetOverviews } from '../../store/dataset-overviews.ts';
import { type DatasetRow, readDatasets } from '../../store/datasets.ts';
import { percentDone } from '../../store/population-jobs.ts';
import { defineRoute } from '../route.ts';

const tag = 'Datasets';
const params = wireObject({ dataset_id: wireId('Of the dataset.') });

export const datasetRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/datasets',
    operationId: 'createDataset',
    summary: 'Create a dataset',
    tag,
    body: newDatasetWire,
    status: 201,
    response: datasetWire,
    access: ['Manage Datasets'],
    audit: { action: 'dataset.create', subjectType: 'dataset' },
    handle: async ({ pool, now }, { body }) => {
      const dataset = await createDataset(
        pool,
        {
          name: body.name,
          schemaId: body.schema_id,
          ...(body.description !== undefined && { description: body.description }),
          ...(body.labels !== undefined && { labels: body.labels }),
          ...(body.retention_days !== undefined && { retentionDays: body.retention_days }),
          ...(body.enabled_for_profile !== undefined && { isEnabledForProfile: body.enabled_for_profile }),
        },
        now(),
      );
      return {
        body: await describe(pool, dataset, now()),
        subjectId: dataset.datasetId,
        facts: { name: dataset.name, enabled_for_profile: dataset.enabledForProfileAt !== null },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/datasets',
    operationId: 'listDatasets',
    summary: 'Datasets by name, with what they took lately',
    tag,
    response: datasetListWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ pool, now }) => {
      const overviews = await readDatasetOverviews(pool, now());
      const items = (await readDatasets(pool)).map((row) => toWire(row, overviews.get(row.datasetId)));
      return { body: { items } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/datasets/:dataset_id',
    operationId: 'getDataset',
    summary: 'A dataset',
    tag,
    params,
    response: datasetWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ pool, now }, request) => ({
      body: await describe(pool, await getDataset(pool, request.params.dataset_id), now()),
    }),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/v1/datasets/:dataset_id',
    operationId: 'changeDataset',
    summary: 'Rename, describe or label a dataset, or change how long it keeps events',
    tag,
    params,
    body: datasetPatchWire,
    response: datasetWire,
    access: ['Manage Datasets'],
    audit: { action: 'dataset.change', subjectType: 'dataset' },
    handle: async ({ pool, now }, { params: { dataset_id }, body }) => {
      const dataset = await changeDataset(pool, dataset_id, {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.description !== undefined && { description: body.description }),
        ...(body.labels !== undefined && { labels: body.labels }),
        ...(body.retention_days !== undefined && { retentionDays: body.retention_days }),
      });
      return {
        body: await describe(pool, dataset, now()),
        subjectId: dataset_id,
        facts: { changed: Object.keys(body).sort().join(', ') },
      };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/datasets/:dataset_id/enable-for-profile',
    operationId: 'enableDatasetForProfile',
    summary: 'Make the records of a dataset part of profiles, those it has already, too; never taken back',
    tag,
    params,
    response: datasetWire,
    access: ['Manage Datasets'],
    audit: { action: 'dataset.enable_for_profile', subjectType: 'dataset' },
    handle: async ({ pool, people, now }, { params: { dataset_id } }) => {
      await people.enableDataset(dataset_id);
      const dataset = await getDataset(pool, dataset_id);
      return {
        body: await describe(pool, dataset, now()),
        subjectId: dataset_id,
        facts: { name: dataset.name },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/datasets/:dataset_id/preview',
    operationId: 'previewDataset',
    summary: 'Up to 100 rows of a dataset, the newest first',
    tag,
    params,
    response: datasetPreviewWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ pool }, request) => {
      const { rows, shown } = await previewDataset(pool, request.params.dataset_id);
      const items = rows.map((row) => ({
        record_id: row.recordId,
        namespace: row.primary.namespace,
        value: row.primary.value,
        stamp: row.stamp.toISOString(),
        received_at: row.receivedAt?.toISOString() ?? null,
        batch_id: row.batchId,
        document: row.document,
      }));
      return { body: { shown, items } };
    },
  }),
];

async function describe(db: Db, dataset: DatasetRow, now: Date): Promise<DatasetWire> {
  const overviews = await readDatasetOverviews(db, now, dataset.datasetId);
  return toWire(dataset, overviews.get(dataset.datasetId));
}

const toWire = (dataset: DatasetRow, overview: DatasetOverview | undefined): DatasetWire => ({
  dataset_id: dataset.datasetId,
  name: dataset.name,
  description: dataset.description,
  schema_id: dataset.schemaId,
  schema_name: dataset.schemaName,
  kind: dataset.kind,
  enabled_for_profile: dataset.enabledForProfileAt !== null,
  enabled_for_profile_at: dataset.enabledForProfileAt?.toISOString() ?? null,
  labels: [...dataset.labels],
  retention_days: dataset.retentionDays,
  created_at: dataset.createdAt.toISOString(),
  deleting_at: dataset.deletingAt?.toISOString() ?? null,
  last_ingested_at: overview?.lastIngestedAt?.toISOString() ?? null,
  ingested_today: overview?.ingestedToday ?? 0,
  failed_today: overview?.failedToday ?? 0,
  ingested_total: overview?.ingestedTotal ?? 0,
  failed_total: overview?.failedTotal ?? 0,
  last_batch: overview?.lastBatch ? toBatchWire(overview.lastBatch) : null,
  work: overview?.work ? toWorkWire(overview.work) : null,
});

const toBatchWire = (batch: NonNullable<DatasetOverview['lastBatch']>) => ({
  batch_id: batch.batchId,
  status: batch.status,
  received_at: batch.receivedAt.toISOString(),
});

const toWorkWire = (work: NonNullable<DatasetOverview['work']>) => ({
  kind: work.kind,
  percent_done: percentDone(work),
  done: work.done,
  started_at: work.startedAt.toISOString(),
});
