import type { SegmentJobWire } from '@headrace/core';
import { editSegmentKind } from '../../segmentation/segment-edits.ts';
import { type PopulationJobRow, percentDone } from '../../store/population-jobs.ts';

export function toJobWire(job: PopulationJobRow): SegmentJobWire {
  const status = jobStatus(job);
  return {
    segment_job_id: job.populationJobId,
    segment_id: job.subjectId,
    kind: job.kind === editSegmentKind ? 'edit' : 'evaluation',
    status,
    percent_done: percentDone(job),
    profiles_done: job.profilesDone,
    realized: job.entered,
    exited: job.left,
    error: status === 'FAILED' ? job.error : null,
    started_at: job.createdAt.toISOString(),
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}

function jobStatus({ finishedAt, error, nextBucket }: PopulationJobRow): SegmentJobWire['status'] {
  if (finishedAt !== null) return error === null ? 'SUCCEEDED' : 'CANCELLED';
  if (error !== null) return 'FAILED';
  return nextBucket === 0 ? 'QUEUED' : 'PROCESSING';
}
