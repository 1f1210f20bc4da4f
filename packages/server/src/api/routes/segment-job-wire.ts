import type { SegmentJobWire } from '@headrace/core';
import { type PopulationJobRow, percentDone } from '../../store/population-jobs.ts';

export const toJobWire = (job: PopulationJobRow): SegmentJobWire => ({
  segment_job_id: job.populationJobId,
  segment_id: job.subjectId,
  status: jobStatus(job),
  percent_done: percentDone(job),
  profiles_done: job.profilesDone,
  started_at: job.createdAt.toISOString(),
  finished_at: job.finishedAt?.toISOString() ?? null,
});

function jobStatus({ finishedAt, error, nextBucket }: PopulationJobRow): SegmentJobWire['status'] {
  if (finishedAt !== null) return error === null ? 'SUCCEEDED' : 'CANCELLED';
  return nextBucket === 0 ? 'QUEUED' : 'PROCESSING';
}
