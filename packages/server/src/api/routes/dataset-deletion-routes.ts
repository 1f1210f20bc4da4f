import {
  datasetDeletionPreviewWire,
  datasetDeletionQuery,
  datasetDeletionWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { previewDatasetDeletion } from '../../catalog/preview-dataset-deletion.ts';
import { defineRoute } from '../route.ts';

const tag = 'Datasets';
const params = wireObject({ dataset_id: wireId('Of the dataset.') });

export const datasetDeletionRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/datasets/:dataset_id/deletion-preview',
    operationId: 'previewDatasetDeletion',
    summary: 'What would go with a dataset',
    tag,
    params,
    response: datasetDeletionPreviewWire,
    access: ['Manage Datasets'],
    audit: null,
    handle: async ({ pool, now }, request) => {
      const preview = await previewDatasetDeletion(pool, request.params.dataset_id, () => now().getTime());
      return {
        body: {
          name: preview.name,
          is_estimate: preview.isEstimate,
          fragments: preview.fragments,
          events: preview.events,
          kept_records: preview.keptRecords,
          profiles_shrinking: preview.profiles - preview.profilesEnding,
          profiles_ending: preview.profilesEnding,
          memberships_ending: preview.membershipsEnding,
          dataflows: preview.dataflows.map((dataflow) => ({
            dataflow_id: dataflow.dataflowId,
            name: dataflow.name,
            members: dataflow.members,
            members_shrinking: dataflow.membersTouched - dataflow.membersEnding,
            members_ending: dataflow.membersEnding,
          })),
          batches: preview.batches,
          mapping_names: [...preview.mappingNames],
          merge_policy_names: [...preview.mergePolicyNames],
          empties_default_merge_policy: preview.emptiesDefaultMergePolicy,
        },
      };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/datasets/:dataset_id',
    operationId: 'deleteDataset',
    summary: 'Delete a dataset and take its records out of profiles; the work goes on afterwards',
    tag,
    params,
    query: datasetDeletionQuery,
    status: 202,
    response: datasetDeletionWire,
    access: ['Manage Datasets'],
    audit: { action: 'dataset.delete', subjectType: 'dataset' },
    handle: async ({ people }, { params: { dataset_id }, query }) => {
      const { name, deletingAt } = await people.deleteDataset(dataset_id, query.confirm);
      return {
        body: { dataset_id, name, deleting_at: deletingAt.toISOString() },
        subjectId: dataset_id,
        facts: { name },
      };
    },
  }),
];
