import { notFound } from '@headrace/core';
import type pg from 'pg';
import { countInBuckets } from '../store/count-in-buckets.ts';
import { countDeletion, type DeletionCounts } from '../store/dataflow-deletions.ts';
import { readDataflow } from '../store/dataflows.ts';

export type DataflowDeletionPreview = DeletionCounts & {
  readonly name: string;
  /** Counted in some buckets only, and multiplied. */
  readonly isEstimate: boolean;
};

/**
 * What deleting a dataflow would leave and delete: exact where it can be counted within some two seconds.
 * @param clock milliseconds, for the time that counting takes.
 * @throws HeadraceError `not_found`.
 */
export async function previewDataflowDeletion(
  pool: pg.Pool,
  dataflowId: string,
  clock: () => number,
): Promise<DataflowDeletionPreview> {
  const dataflow = await readDataflow(pool, dataflowId);
  if (dataflow === undefined) throw notFound('dataflow', dataflowId);
  const total = { members: 0, records: 0, created: 0, keptElsewhere: 0 };
  const share = await countInBuckets(clock, async (range) => {
    const counts = await countDeletion(pool, dataflow, range);
    total.members += counts.members;
    total.records += counts.records;
    total.created += counts.created;
    total.keptElsewhere += counts.keptElsewhere;
  });
  const whole = (count: number): number => Math.round(count / share);
  return {
    name: dataflow.name,
    members: whole(total.members),
    records: whole(total.records),
    created: whole(total.created),
    keptElsewhere: whole(total.keptElsewhere),
    isEstimate: share < 1,
  };
}
