import { randomUUID } from 'node:crypto';
import {
  type AttributeMerge,
  HeadraceError,
  invalidInput,
  isSameMerge,
  type MergePolicy,
  maxMergePolicies,
  notFound,
} from '@headrace/core';
import type pg from 'pg';
import { type Db, type Trx, transaction } from '../store/database.ts';
import { readProfileDatasetIds } from '../store/datasets.ts';
import { lockProfileWrites } from '../store/locks.ts';
import {
  deleteMergePolicy,
  type MergePolicyRow,
  readMergePolicies,
  readMergePolicy,
  writeMergePolicy,
} from '../store/merge-policies.ts';
import { insertPopulationJob, supersedePopulationJobs } from '../store/population-jobs.ts';

/** The kind of population job that merges everyone again. */
export const remergeKind = 'remerge';

export type NewMergePolicy = Pick<MergePolicy, 'name' | 'identityGraph' | 'attributeMerge'>;

/** @throws HeadraceError `not_found`. */
export async function getMergePolicy(db: Db, mergePolicyId: string): Promise<MergePolicyRow> {
  const policy = await readMergePolicy(db, mergePolicyId);
  if (policy === undefined) throw notFound('merge policy', mergePolicyId);
  return policy;
}

/**
 * Creates a policy for views; stored profiles do not change.
 * @throws HeadraceError `invalid_input`, `conflict` when the name is taken or there are as many as there may be.
 */
export function createMergePolicy(pool: pg.Pool, policy: NewMergePolicy, now: Date): Promise<MergePolicyRow> {
  return transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const present = await readMergePolicies(trx);
    if (present.length >= maxMergePolicies)
      throw new HeadraceError(
        'conflict',
        `There are ${present.length} merge policies, and there may be ${maxMergePolicies}. Delete one that is not needed.`,
      );
    await checkOrder(trx, policy.attributeMerge);
    const created = { ...policy, mergePolicyId: randomUUID(), isDefault: false, createdAt: now };
    return savePolicy(trx, created, present);
  });
}

/**
 * Changes a policy or makes it the default. Where that changes how profiles are stored, ingestion merges by it from
 * the same moment on, and a job is begun that merges everyone again.
 * @returns the policy as it is now, and whether such a job was begun.
 * @throws HeadraceError `not_found`, `invalid_input`, `conflict`.
 */
export function changeMergePolicy(
  pool: pg.Pool,
  mergePolicyId: string,
  change: Partial<NewMergePolicy> & { readonly isDefault?: boolean },
  now: Date,
): Promise<{ readonly policy: MergePolicyRow; readonly isRemerging: boolean }> {
  return transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const before = await getMergePolicy(trx, mergePolicyId);
    if (before.isDefault && change.isDefault === false)
      throw new HeadraceError(
        'conflict',
        'One merge policy has to be the default. Make another the default instead.',
      );
    const present = await readMergePolicies(trx);
    const formerDefault = present.find(({ isDefault }) => isDefault);
    const after: MergePolicyRow = { ...before, ...change };
    // An order that stands may name a dataset that was deleted since.
    if (change.attributeMerge !== undefined) await checkOrder(trx, change.attributeMerge);
    if (after.isDefault && formerDefault !== undefined && formerDefault.mergePolicyId !== mergePolicyId)
      await writeMergePolicy(trx, { ...formerDefault, isDefault: false });
    const policy = await savePolicy(trx, after, present);
    const isRemerging =
      policy.isDefault && !isSameMerge(policy.attributeMerge, (formerDefault ?? before).attributeMerge);
    if (isRemerging) await beginRemerge(trx, mergePolicyId, now);
    return { policy, isRemerging };
  });
}

/** @throws HeadraceError `not_found`, `conflict` for the default. */
export function removeMergePolicy(pool: pg.Pool, mergePolicyId: string): Promise<MergePolicyRow> {
  return transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const policy = await getMergePolicy(trx, mergePolicyId);
    if (policy.isDefault)
      throw new HeadraceError(
        'conflict',
        'Profiles are stored as the default merge policy says, so it cannot be deleted. Make another the default first.',
      );
    await deleteMergePolicy(trx, mergePolicyId);
    return policy;
  });
}

async function savePolicy(
  trx: Trx,
  policy: MergePolicyRow,
  present: readonly MergePolicyRow[],
): Promise<MergePolicyRow> {
  const named = { ...policy, name: policy.name.trim() };
  if (present.some(({ mergePolicyId, name }) => name === named.name && mergePolicyId !== named.mergePolicyId))
    throw new HeadraceError(
      'conflict',
      `There is a merge policy ${JSON.stringify(named.name)} already. Choose another name.`,
    );
  if (named.isDefault && named.identityGraph === 'none')
    throw invalidInput(
      'A merge policy that joins no identities cannot be the default: profiles are stored joined, and segments and destinations work on them. Use it in views, or set identity_graph.type to "pdg".',
      [{ pointer: '/identity_graph/type', message: 'Expected "pdg" of the default merge policy.' }],
    );
  await writeMergePolicy(trx, named);
  return named;
}

async function checkOrder(trx: Trx, merge: AttributeMerge): Promise<void> {
  if (merge.type !== 'dataSetPrecedence') return;
  const known = new Set(await readProfileDatasetIds(trx));
  const details = merge.order.flatMap((datasetId, index) =>
    known.has(datasetId)
      ? []
      : [
          {
            pointer: `/attribute_merge/order/${index}`,
            message: 'Expected the id of a dataset of profile records; events have no attributes to merge.',
          },
        ],
  );
  if (details.length > 0)
    throw invalidInput(
      'The order names what is no dataset of profile records. GET /api/v1/datasets lists the datasets.',
      details,
    );
}

/** A job for an earlier default has nothing left to do: the new one merges everyone. */
async function beginRemerge(trx: Trx, mergePolicyId: string, now: Date): Promise<void> {
  await supersedePopulationJobs(trx, remergeKind, now);
  await insertPopulationJob(trx, {
    populationJobId: randomUUID(),
    kind: remergeKind,
    subjectId: mergePolicyId,
    facts: {},
    createdAt: now,
  });
}
