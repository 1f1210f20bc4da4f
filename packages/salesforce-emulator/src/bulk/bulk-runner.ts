import { now, type OrgState } from '../org/org-state.ts';
import type { BulkFiles } from './bulk-files.ts';
import { type BulkJob, jobsAtWork, jobsEndedBefore, removeJob, saveJob } from './bulk-job.ts';
import { processBatch } from './process-batch.ts';
import { failJob, startJob } from './start-job.ts';

/** Works off closed jobs, one batch at a time and job after job in turn, between the calls the org answers. */
export interface BulkRunner {
  /** Looks for work soon; called when there may be some. */
  readonly wake: () => void;
  readonly stop: () => void;
}

/** How often jobs that wait for their time are looked at: the org's clock may be moved. */
const waitMs = 50;
const keptMs = 7 * 24 * 3_600_000;

/** When a job may take its next step by the org's pace, in epoch milliseconds. */
export function nextStepAt(org: OrgState, job: BulkJob): number {
  if (job.state === 'UploadComplete') return 0;
  const { minJobMs, msPerBatch } = org.definition.bulk;
  const closedAt = job.closedAt ?? 0;
  return hasRowsLeft(job) ? closedAt + (job.batches + 1) * msPerBatch : closedAt + minJobMs;
}

const hasRowsLeft = (job: BulkJob): boolean => job.nextByte < (job.uploadBytes ?? 0);

function completed(org: OrgState, job: BulkJob): BulkJob {
  const instant = now(org);
  const totalMs = instant - (job.startedAt ?? instant);
  return { ...job, state: 'JobComplete', modifiedAt: instant, totalMs };
}

function takeStep(org: OrgState, job: BulkJob, files: BulkFiles): void {
  try {
    if (job.state === 'UploadComplete') saveJob(org.database, startJob(org, job, files));
    else {
      const worked = hasRowsLeft(job) ? processBatch(org, job, files) : job;
      if (worked.state === 'InProgress' && !hasRowsLeft(worked) && nextStepAt(org, worked) <= now(org))
        saveJob(org.database, completed(org, worked));
    }
  } catch (error) {
    console.error(error);
    saveJob(org.database, failJob(org, job, 'Unknown : An unexpected error occurred in the emulator.'));
  }
}

/** Salesforce forgets a job seven days after it ended. */
function forgetOldJobs(org: OrgState, files: BulkFiles): void {
  for (const job of jobsEndedBefore(org.database, now(org) - keptMs)) {
    removeJob(org.database, job.rid);
    files.remove(job);
  }
}

export function createBulkRunner(org: OrgState, files: BulkFiles): BulkRunner {
  let isStopped = false;
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastRid = 0;
  const work = (): void => {
    immediate = undefined;
    if (isStopped) return;
    const jobs = jobsAtWork(org.database);
    const due = jobs.filter((job) => nextStepAt(org, job) <= now(org));
    const job = due.find(({ rid }) => rid > lastRid) ?? due[0];
    if (job !== undefined) {
      lastRid = job.rid;
      takeStep(org, job, files);
      wake();
    } else if (jobs.length > 0) timer ??= setTimeout(rest, waitMs);
    else forgetOldJobs(org, files);
  };
  const rest = (): void => {
    timer = undefined;
    work();
  };
  const wake = (): void => {
    if (!isStopped) immediate ??= setImmediate(work);
  };
  return {
    wake,
    stop: () => {
      isStopped = true;
      clearImmediate(immediate);
      clearTimeout(timer);
    },
  };
}
