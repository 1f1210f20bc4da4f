import { datasetListWire, datasetWire, newDatasetWire, wireId, wireObject } from '@headrace/core';
import { createDataset, getDataset } from '../../catalog/datasets.ts';
import { type DatasetRow, readDatasets } from '../../store/datasets.ts';
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
      const dataset = await createDataset(pool, { name: body.name, schemaId: body.schema_id }, now());
      return { body: toWire(dataset), subjectId: dataset.datasetId, facts: { name: dataset.name } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/datasets',
    operationId: 'listDatasets',
    summary: 'Datasets by name',
    tag,
    response: datasetListWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ pool }) => ({ body: { items: (await readDatasets(pool)).map(toWire) } }),
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
    handle: async ({ pool }, request) => ({
      body: toWire(await getDataset(pool, request.params.dataset_id)),
    }),
  }),
];

const toWire = (dataset: DatasetRow) => ({
  dataset_id: dataset.datasetId,
  name: dataset.name,
  schema_id: dataset.schemaId,
  created_at: dataset.createdAt.toISOString(),
});
