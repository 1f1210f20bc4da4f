import {
  type CsvMappingWire,
  csvMappingListWire,
  csvMappingWire,
  mappingSampleWire,
  mappingSuggestionWire,
  newCsvMappingWire,
  wireId,
  wireObject,
} from '@headrace/core';
import type { CsvMappingRow } from '../../store/csv-mappings.ts';
import { defineRoute } from '../route.ts';

const tag = 'Batches';
const params = wireObject({ dataset_id: wireId('Of the dataset.') });
const mappingParams = wireObject({
  dataset_id: wireId('Of the dataset.'),
  mapping_id: wireId('Of the saved mapping.'),
});

export const csvMappingRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/datasets/:dataset_id/mapping-suggestions',
    operationId: 'suggestMapping',
    summary: 'Suggest which fields the columns of a CSV file fill, from its first lines',
    tag,
    params,
    body: mappingSampleWire,
    response: mappingSuggestionWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ people }, { params: { dataset_id }, body }) => {
      const { columns, delimiter, mapping, gaps, saved } = await people.csvMappings.suggest(
        dataset_id,
        body.sample,
      );
      return {
        body: {
          delimiter,
          columns: columns.map((column) => ({ ...column })),
          mapping,
          gaps: gaps.map((gap) => ({ ...gap })),
          saved: saved.map(toWire),
        },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/datasets/:dataset_id/csv-mappings',
    operationId: 'listCsvMappings',
    summary: 'Saved mappings of a dataset',
    tag,
    params,
    response: csvMappingListWire,
    access: ['View Datasets'],
    audit: null,
    handle: async ({ people }, { params: { dataset_id } }) => ({
      body: { items: (await people.csvMappings.list(dataset_id)).map(toWire) },
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/datasets/:dataset_id/csv-mappings',
    operationId: 'saveCsvMapping',
    summary: 'Save a mapping under a name; one of the same name is replaced',
    tag,
    params,
    body: newCsvMappingWire,
    response: csvMappingWire,
    access: ['Manage Datasets'],
    audit: { action: 'csv_mapping.save', subjectType: 'csv_mapping' },
    handle: async ({ people }, { params: { dataset_id }, body: { name, mapping } }) => {
      const saved = await people.csvMappings.save(dataset_id, name, mapping);
      return { body: toWire(saved), subjectId: saved.csvMappingId, facts: { dataset_id, name } };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/datasets/:dataset_id/csv-mappings/:mapping_id',
    operationId: 'deleteCsvMapping',
    summary: 'Forget a saved mapping; batches that took it are not touched',
    tag,
    params: mappingParams,
    response: wireObject({ mapping_id: wireId('Of the mapping that is gone.') }),
    access: ['Manage Datasets'],
    audit: { action: 'csv_mapping.delete', subjectType: 'csv_mapping' },
    handle: async ({ people }, { params: { dataset_id, mapping_id } }) => {
      await people.csvMappings.remove(dataset_id, mapping_id);
      return { body: { mapping_id }, subjectId: mapping_id, facts: { dataset_id } };
    },
  }),
];

const toWire = (mapping: CsvMappingRow): CsvMappingWire => ({
  mapping_id: mapping.csvMappingId,
  dataset_id: mapping.datasetId,
  name: mapping.name,
  mapping: mapping.definition,
  updated_at: mapping.updatedAt.toISOString(),
  last_used_at: mapping.lastUsedAt?.toISOString() ?? null,
});
