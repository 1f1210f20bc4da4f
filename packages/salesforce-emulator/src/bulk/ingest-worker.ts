import { holdLocks } from '../org/hold-locks.ts';
import { now, type OrgState } from '../org/org-state.ts';
import { LockWait } from '../org/row-locks.ts';
import type { BulkFiles } from './bulk-files.ts';
import { type BulkJob, ingestJobs } from './bulk-job.ts';
import type { BulkWorker } from './bulk-runner.ts';
import { isEnded } from './job-state.ts';
import { keptMs } from './job-store.ts';
import { processBatch } from './process-batch.ts';
import { failJob, startJob } from './start-job.ts';

/** When a job may take its next step by the org's pace, in epoch milliseconds. */
function nextStepAt(org: OrgState, job: BulkJob): number {
  if (job.state === 'UploadComplete') return 0;
  const { minJobMs, msPerBatch } = org.definition.bulk;
  const closedAt = job.closedAt ?? 0;
  return hasRowsLeft(job) ? closedAt + (job.batches + 1) * msPerBatch : closedAt + minJobMs;
}

/** A clock that was set back to before the job was closed gives no pace to keep. */
const isDue = (org: OrgState, job: BulkJob): boolean =>
  nextStepAt(org, job) <= now(org) || now(org) < (job.closedAt ?? 0);

const hasRowsLeft = (job: BulkJob): boolean => job.nextByte < (job.uploadBytes ?? 0);

function completed(org: OrgState, job: BulkJob): BulkJob {
  const instant = now(org);
  const totalMs = instant - (job.startedAt ?? instant);
  return { ...job, state: 'JobComplete', modifiedAt: instant, totalMs };
}

/**
 * Takes the next step of a job as it stands now: a client may have ended or removed it since it was looked at.
 * Throws a LockWait when the step is to be taken anew once records are free.
 */
function takeStep(org: OrgState, rid: number, files: BulkFiles): void {
  const { database } = org;
  const job = ingestJobs.read(database, rid);
  if (job === undefined || isEnded(job.state)) return;
  try {
    if (job.state === 'UploadComplete') ingestJobs.save(database, startJob(org, job, files));
    else {
      const worked = hasRowsLeft(job) ? processBatch(org, job, files) : job;
      if (worked.state === 'InProgress' && !hasRowsLeft(worked) && isDue(org, worked))
        ingestJobs.save(database, completed(org, worked));
    }
  } catch (error) {
    if (error instanceof LockWait) throw error;
    console.error(error);
    const message = 'Unknown : An unexpected error occurred in the emulator.';
    ingestJobs.save(database, failJob(org, ingestJobs.read(database, rid) ?? job, message));
  }
}

/** Works off ingest jobs at the org's pace. */
export const createIngestWorker = (org: OrgState, files: BulkFiles): BulkWorker => ({
  look: () => {
    const jobs = ingestJobs.atWork(org.database);
    const due = jobs.filter((job) => isDue(org, job));
    return { waiting: jobs.length, due: due.map(({ rid }) => rid) };
  },
  step: (rid) => holdLocks(org, () => takeStep(org, rid, files)),
  tidy: () => {
    for (const job of ingestJobs.endedBefore(org.database, now(org) - keptMs)) {
      ingestJobs.remove(org.database, job.rid);
      files.remove(job);
    }
  },
});
