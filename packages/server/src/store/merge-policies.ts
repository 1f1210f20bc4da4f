import type { MergePolicy } from '@headrace/core';
import { type Db, preparedRows } from './database.ts';

type MergePolicyRow = {
  mergePolicyId: string;
  name: string;
  identityGraph: MergePolicy['identityGraph'];
  attributeMerge: MergePolicy['attributeMerge']['type'];
  datasetOrder: string[];
  isDefault: boolean;
};

/** All merge policies, the default first. */
export async function readMergePolicies(db: Db): Promise<MergePolicy[]> {
  const found = await preparedRows<MergePolicyRow>(
    db,
    `select merge_policy_id as "mergePolicyId", name, identity_graph as "identityGraph",
       attribute_merge as "attributeMerge", dataset_order as "datasetOrder", is_default as "isDefault"
     from merge_policy order by is_default desc, name`,
  );
  return found.map(({ attributeMerge, datasetOrder, ...row }) => ({
    ...row,
    attributeMerge:
      attributeMerge === 'timestampOrdered'
        ? { type: attributeMerge }
        : { type: attributeMerge, order: datasetOrder },
  }));
}

/** The policy by which profiles are stored. */
export async function readDefaultMergePolicy(db: Db): Promise<MergePolicy> {
  const policy = (await readMergePolicies(db)).find(({ isDefault }) => isDefault);
  if (policy === undefined) throw new Error('There is no default merge policy.');
  return policy;
}
