import { bucketCount } from '@headrace/core';
import { countInBuckets } from '../store/count-in-buckets.ts';
import type { Db } from '../store/database.ts';
import {
  type Consequences,
  countEventsInBuckets,
  countEventsUpTo,
  type DataflowConsequences,
  type DatasetReferences,
  readConsequences,
  readDataflowNames,
  readDatasetReferences,
} from '../store/dataset-consequences.ts';
import { getDataset } from './datasets.ts';

/** More events are estimated by those of some buckets. */
const mostEventsCounted = 1_000_000;
const sampleBuckets = 16;

export type DatasetDeletionPreview = Omit<Consequences, 'dataflows'> &
  DatasetReferences & {
    readonly name: string;
    readonly events: number;
    readonly dataflows: readonly (DataflowConsequences & { readonly name: string })[];
    /** Counted in some buckets only, and multiplied: profiles are spread over buckets at random. */
    readonly isEstimate: boolean;
  };

/**
 * What would go with a dataset: exact where it can be counted within some two seconds, else an estimate.
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
  const events = await countEvents(db, datasetId);
  const { counts, share } = await countConsequences(db, datasetId, clock);
  const { dataflows, ...others } = multiply(counts, 1 / share);
  return {
    name,
    ...references,
    ...others,
    events: events.count,
    dataflows: dataflows
      .filter(({ membersTouched }) => membersTouched > 0)
      .map((dataflow) => ({ ...dataflow, name: names.get(dataflow.dataflowId) ?? '' })),
    isEstimate: share < 1 || events.isEstimate,
  };
}

/** Counts from the first bucket on for as long as people wait. @returns with the share of the buckets counted. */
async function countConsequences(
  db: Db,
  datasetId: string,
  clock: () => number,
): Promise<{ readonly counts: Consequences; readonly share: number }> {
  let counts = nothing;
  const share = await countInBuckets(clock, async (range) => {
    counts = add(counts, await readConsequences(db, datasetId, range));
  });
  return { counts, share };
}

async function countEvents(
  db: Db,
  datasetId: string,
): Promise<{ readonly count: number; readonly isEstimate: boolean }> {
  const count = await countEventsUpTo(db, datasetId, mostEventsCounted);
  if (count < mostEventsCounted) return { count, isEstimate: false };
  const sample = await countEventsInBuckets(db, datasetId, sampleBuckets);
  return { count: Math.max(count, (sample * bucketCount) / sampleBuckets), isEstimate: true };
}

const nothing: Consequences = {
  fragments: 0,
  keptRecords: 0,
  profiles: 0,
  profilesEnding: 0,
  membershipsEnding: 0,
  dataflows: [],
};

/** The sum of two counts; a dataflow that one of them lacks counts as nothing there. */
function add(a: Consequences, b: Consequences): Consequences {
  const dataflows = new Map(a.dataflows.map((one) => [one.dataflowId, one]));
  for (const one of b.dataflows) {
    const known = dataflows.get(one.dataflowId);
    dataflows.set(one.dataflowId, {
      dataflowId: one.dataflowId,
      members: one.members + (known?.members ?? 0),
      membersTouched: one.membersTouched + (known?.membersTouched ?? 0),
      membersEnding: one.membersEnding + (known?.membersEnding ?? 0),
    });
  }
  return {
    fragments: a.fragments + b.fragments,
    keptRecords: a.keptRecords + b.keptRecords,
    profiles: a.profiles + b.profiles,
    profilesEnding: a.profilesEnding + b.profilesEnding,
    membershipsEnding: a.membershipsEnding + b.membershipsEnding,
    dataflows: [...dataflows.values()],
  };
}

function multiply(counts: Consequences, factor: number): Consequences {
  const times = (count: number): number => Math.round(count * factor);
  return {
    fragments: times(counts.fragments),
    keptRecords: times(counts.keptRecords),
    profiles: times(counts.profiles),
    profilesEnding: times(counts.profilesEnding),
    membershipsEnding: times(counts.membershipsEnding),
    dataflows: counts.dataflows.map((one) => ({
      dataflowId: one.dataflowId,
      members: times(one.members),
      membersTouched: times(one.membersTouched),
      membersEnding: times(one.membersEnding),
    })),
  };
}
