import type { AttributeMerge, MergePolicy } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

export type MergePolicyRow = MergePolicy & { readonly createdAt: Date };

type Stored = Omit<MergePolicyRow, 'attributeMerge'> & {
  readonly attributeMerge: AttributeMerge['type'];
  readonly datasetOrder: string[];
};

const columns = `merge_policy_id as "mergePolicyId", name, identity_graph as "identityGraph",
  attribute_merge as "attributeMerge", dataset_order as "datasetOrder", is_default as "isDefault",
  created_at as "createdAt"`;

/** All merge policies, the default first. */
export async function readMergePolicies(db: Db): Promise<MergePolicyRow[]> {
  return (await rows<Stored>(db, `select ${columns} from merge_policy order by is_default desc, name`)).map(
    toPolicy,
  );
}

export async function readMergePolicy(db: Db, mergePolicyId: string): Promise<MergePolicyRow | undefined> {
  const found = await maybeRow<Stored>(db, `select ${columns} from merge_policy where merge_policy_id = $1`, [
    mergePolicyId,
  ]);
  return found === undefined ? undefined : toPolicy(found);
}

/** The policy by which profiles are stored. */
export async function readDefaultMergePolicy(db: Db): Promise<MergePolicyRow> {
  const found = await maybeRow<Stored>(db, `select ${columns} from merge_policy where is_default`);
  if (found === undefined) throw new Error('There is no default merge policy.');
  return toPolicy(found);
}

/** Adds a policy, or replaces the one with its id. */
export async function writeMergePolicy(trx: Trx, policy: MergePolicyRow): Promise<void> {
  await trx.query(
    `insert into merge_policy
       (merge_policy_id, name, identity_graph, attribute_merge, dataset_order, is_default, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (merge_policy_id) do update
     set name = excluded.name, identity_graph = excluded.identity_graph,
       attribute_merge = excluded.attribute_merge, dataset_order = excluded.dataset_order,
       is_default = excluded.is_default`,
    [
      policy.mergePolicyId,
      policy.name,
      policy.identityGraph,
      policy.attributeMerge.type,
      policy.attributeMerge.type === 'dataSetPrecedence' ? policy.attributeMerge.order : [],
      policy.isDefault,
      policy.createdAt,
    ],
  );
}

export async function deleteMergePolicy(trx: Trx, mergePolicyId: string): Promise<void> {
  await trx.query('delete from merge_policy where merge_policy_id = $1', [mergePolicyId]);
}

const toPolicy = ({ attributeMerge, datasetOrder, ...row }: Stored): MergePolicyRow => ({
  ...row,
  attributeMerge:
    attributeMerge === 'timestampOrdered'
      ? { type: attributeMerge }
      : { type: attributeMerge, order: datasetOrder },
});
