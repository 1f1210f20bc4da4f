import { bucketCount } from '@headrace/core';
import type { Db } from '../store/database.ts';
import {
  type Consequences,
  type DataflowConsequences,
  type DatasetReferences,
  readConsequences,
  readDataflowNames,
  readDatasetReferences,
} from '../store/dataset-consequences.ts';
import { getDataset } from './datasets.ts';

/** How long people wait for the numbers; what is not counted by then is estimated. */
const countingMs = 2_000;
/** A range of buckets that took less is followed by one twice as wide. */
const quickMs = 100;
const firstWidth = 16;

export type DatasetDeletionPreview = Omit<Consequences, 'dataflows'> &
  DatasetReferences & {
    readonly name: string;
    readonly dataflows: readonly (DataflowConsequences & { readonly name: string })[];
    /** Counted in some buckets only, and multiplied: profiles are spread over buckets at random. */
    readonly isEstimate: boolean;
  };

/**
 * What would go with a dataset: exact where it can be counted within two seconds, else an estimate.
 * @param clock milliseconds, for the time that counting takes.
 * @throws HeadraceError `not_found`.
 */
export async function previewDatasetDeletion(
  db: Db,
  datasetId: string,
  clock: () => number,
): Promise<DatasetDeletionPreview> {
  const { name } = await getDataset(db, datasetId);
  const references = await readDatasetReferences(db, datasetId);
  const names = await readDataflowNames(db);
  const startedAt = clock();
  let total = nothing;
  let counted = 0;
  for (let width = firstWidth; counted < bucketCount && clock() - startedAt < countingMs; ) {
    const lastBucket = Math.min(counted + width, bucketCount) - 1;
    const before = clock();
    total = add(total, await readConsequences(db, datasetId, { firstBucket: counted, lastBucket }));
    counted = lastBucket + 1;
    if (clock() - before < quickMs) width *= 2;
  }
  const { dataflows, ...counts } = multiply(total, bucketCount / counted);
  return {
    name,
    ...references,
    ...counts,
    dataflows: dataflows
      .filter(({ membersShrinking, membersEnding }) => membersShrinking + membersEnding > 0)
      .map((dataflow) => ({ ...dataflow, name: names.get(dataflow.dataflowId) ?? '' })),
    isEstimate: counted < bucketCount,
  };
}

const nothing: Consequences = {
  fragments: 0,
  events: 0,
  keptRecords: 0,
  profilesShrinking: 0,
  profilesEnding: 0,
  membershipsEnding: 0,
  dataflows: [],
};

/** Applies a sum to each number of two counts; a dataflow that one lacks counts as nothing. */
function add(a: Consequences, b: Consequences): Consequences {
  const dataflows = new Map(a.dataflows.map((one) => [one.dataflowId, one]));
  for (const one of b.dataflows) {
    const known = dataflows.get(one.dataflowId);
    dataflows.set(one.dataflowId, {
      dataflowId: one.dataflowId,
      members: one.members + (known?.members ?? 0),
      membersShrinking: one.membersShrinking + (known?.membersShrinking ?? 0),
      membersEnding: one.membersEnding + (known?.membersEnding ?? 0),
    });
  }
  return {
    fragments: a.fragments + b.fragments,
    events: a.events + b.events,
    keptRecords: a.keptRecords + b.keptRecords,
    profilesShrinking: a.profilesShrinking + b.profilesShrinking,
    profilesEnding: a.profilesEnding + b.profilesEnding,
    membershipsEnding: a.membershipsEnding + b.membershipsEnding,
    dataflows: [...dataflows.values()],
  };
}

function multiply(counts: Consequences, factor: number): Consequences {
  const times = (count: number): number => Math.round(count * factor);
  return {
    fragments: times(counts.fragments),
    events: times(counts.events),
    keptRecords: times(counts.keptRecords),
    profilesShrinking: times(counts.profilesShrinking),
    profilesEnding: times(counts.profilesEnding),
    membershipsEnding: times(counts.membershipsEnding),
    dataflows: counts.dataflows.map((one) => ({
      dataflowId: one.dataflowId,
      members: times(one.members),
      membersShrinking: times(one.membersShrinking),
      membersEnding: times(one.membersEnding),
    })),
  };
}
