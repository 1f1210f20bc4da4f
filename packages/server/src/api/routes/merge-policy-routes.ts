import {
  type AttributeMerge,
  invalidInput,
  type MergePolicyDetailWire,
  type MergePolicyWire,
  mergePolicyChangeWire,
  mergePolicyDetailWire,
  mergePolicyListWire,
  mergePolicyWire,
  type NewMergePolicyWire,
  newMergePolicyWire,
  wireId,
  wireObject,
} from '@headrace/core';
import type pg from 'pg';
import {
  changeMergePolicy,
  createMergePolicy,
  getMergePolicy,
  removeMergePolicy,
} from '../../catalog/merge-policies.ts';
import { type MergePolicyRow, readMergePolicies } from '../../store/merge-policies.ts';
import { type PopulationJobRow, percentDone, readPopulationJobs } from '../../store/population-jobs.ts';
import { defineRoute } from '../route.ts';

const tag = 'Merge policies';
const params = wireObject({ merge_policy_id: wireId('Of the merge policy.') });

export const mergePolicyRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/merge-policies',
    operationId: 'listMergePolicies',
    summary: 'Merge policies, the default first',
    tag,
    response: mergePolicyListWire,
    access: ['View Merge Policies'],
    audit: null,
    handle: async ({ pool }) => ({ body: { items: (await readMergePolicies(pool)).map(toWire) } }),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/merge-policies',
    operationId: 'createMergePolicy',
    summary: 'Create a merge policy, to use in views or to make the default',
    tag,
    body: newMergePolicyWire,
    status: 201,
    response: mergePolicyWire,
    access: ['Manage Merge Policies'],
    audit: { action: 'merge_policy.create', subjectType: 'merge_policy' },
    handle: async ({ pool, now }, { body }) => {
      const policy = await createMergePolicy(
        pool,
        {
          name: body.name,
          identityGraph: body.identity_graph?.type ?? 'pdg',
          attributeMerge: toMerge(body.attribute_merge),
        },
        now(),
      );
      return { body: toWire(policy), subjectId: policy.mergePolicyId, facts: { name: policy.name } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/merge-policies/:merge_policy_id',
    operationId: 'getMergePolicy',
    summary: 'A merge policy, and how far merging everyone by it is',
    tag,
    params,
    response: mergePolicyDetailWire,
    access: ['View Merge Policies'],
    audit: null,
    handle: async ({ pool }, request) => ({
      body: await toDetail(pool, await getMergePolicy(pool, request.params.merge_policy_id)),
    }),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/v1/merge-policies/:merge_policy_id',
    operationId: 'changeMergePolicy',
    summary: 'Change a merge policy or make it the default; everyone is merged again where that is needed',
    tag,
    params,
    body: mergePolicyChangeWire,
    response: mergePolicyDetailWire,
    access: ['Manage Merge Policies'],
    audit: { action: 'merge_policy.change', subjectType: 'merge_policy' },
    handle: async ({ pool, people, now }, { params: { merge_policy_id }, body }) => {
      const { policy, isRemerging } = await changeMergePolicy(
        pool,
        merge_policy_id,
        {
          ...(body.name !== undefined && { name: body.name }),
          ...(body.identity_graph !== undefined && { identityGraph: body.identity_graph.type }),
          ...(body.attribute_merge !== undefined && { attributeMerge: toMerge(body.attribute_merge) }),
          ...(body.is_default !== undefined && { isDefault: body.is_default }),
        },
        now(),
      );
      if (isRemerging) people.wakePopulationJobs();
      const { name, isDefault } = policy;
      return {
        body: await toDetail(pool, policy),
        subjectId: merge_policy_id,
        facts: { name, is_default: isDefault, remerges: isRemerging },
      };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/merge-policies/:merge_policy_id',
    operationId: 'deleteMergePolicy',
    summary: 'Delete a merge policy that is not the default',
    tag,
    params,
    response: mergePolicyWire,
    access: ['Manage Merge Policies'],
    audit: { action: 'merge_policy.delete', subjectType: 'merge_policy' },
    handle: async ({ pool }, request) => {
      const policy = await removeMergePolicy(pool, request.params.merge_policy_id);
      return { body: toWire(policy), subjectId: policy.mergePolicyId, facts: { name: policy.name } };
    },
  }),
];

function toMerge({ type, order }: NewMergePolicyWire['attribute_merge']): AttributeMerge {
  if (type === 'timestampOrdered' && order === undefined) return { type };
  if (type === 'dataSetPrecedence' && order !== undefined && order.length > 0) return { type, order };
  throw invalidInput(
    type === 'timestampOrdered'
      ? 'A timestamp-ordered policy takes every dataset. Leave the order out, or choose dataSetPrecedence.'
      : 'Dataset precedence needs the order of the datasets that count, the one whose values win first.',
    [
      {
        pointer: '/attribute_merge/order',
        message: type === 'timestampOrdered' ? 'Expected nothing here.' : 'Expected a list of dataset ids.',
      },
    ],
  );
}

const toWire = (policy: MergePolicyRow): MergePolicyWire => ({
  merge_policy_id: policy.mergePolicyId,
  name: policy.name,
  identity_graph: { type: policy.identityGraph },
  attribute_merge: {
    type: policy.attributeMerge.type,
    ...(policy.attributeMerge.type === 'dataSetPrecedence' && { order: [...policy.attributeMerge.order] }),
  },
  is_default: policy.isDefault,
  created_at: policy.createdAt.toISOString(),
});

async function toDetail(pool: pg.Pool, policy: MergePolicyRow): Promise<MergePolicyDetailWire> {
  const [job] = await readPopulationJobs(pool, policy.mergePolicyId);
  return { ...toWire(policy), remerge: job === undefined ? null : toRemerge(job) };
}

const toRemerge = (job: PopulationJobRow): NonNullable<MergePolicyDetailWire['remerge']> => ({
  status: job.finishedAt === null ? 'processing' : job.error === null ? 'completed' : 'superseded',
  percent_done: percentDone(job),
  profiles_done: job.profilesDone,
  started_at: job.createdAt.toISOString(),
  finished_at: job.finishedAt?.toISOString() ?? null,
});
