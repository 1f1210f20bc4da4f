import { randomUUID } from 'node:crypto';
import type { BucketRange } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { insertPopulationJob, type PopulationJobRow } from '../store/population-jobs.ts';
import { deleteMembershipsInBuckets, deleteSegment, markSegmentDeleting } from '../store/segments.ts';

export const deleteSegmentKind = 'delete_segment';

/** Takes a segment out of everything at once; its memberships follow. */
export async function beginSegmentDeletion(trx: Trx, segmentId: string, now: Date): Promise<void> {
  await markSegmentDeleting(trx, segmentId);
  await insertPopulationJob(trx, {
    populationJobId: randomUUID(),
    kind: deleteSegmentKind,
    subjectId: segmentId,
    facts: {},
    createdAt: now,
  });
}

/** Removes the memberships of a deleted segment, then the segment. */
export const deleteSegmentHandler = {
  isPacedByTime: true,
  workOn: (trx: Trx, { subjectId }: PopulationJobRow, range: BucketRange): Promise<number> =>
    deleteMembershipsInBuckets(trx, subjectId, range),
  finish: (trx: Trx, { subjectId }: PopulationJobRow): Promise<void> => deleteSegment(trx, subjectId),
};
