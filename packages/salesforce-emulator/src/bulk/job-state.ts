import { bulkErrors } from './bulk-errors.ts';
import type { BulkJob } from './bulk-job.ts';
import { type JobState, jobIdOf } from './job-store.ts';

/** Whether nothing will happen to a job any more. */
export const isEnded = (state: JobState): boolean =>
  state === 'JobComplete' || state === 'Failed' || state === 'Aborted';

/** How Salesforce's refusals call the states a job cannot leave that way. */
const names: Readonly<Record<JobState, string>> = {
  Open: 'Open',
  UploadComplete: 'Closed',
  InProgress: 'Closed',
  JobComplete: 'Completed',
  Failed: 'Failed',
  Aborted: 'Aborted',
};

/** The state after a client asked for another one. Throws INVALIDJOBSTATE, or API_ERROR for what is no state to ask for. */
export function changeState(from: JobState, wanted: string): 'UploadComplete' | 'Aborted' {
  if (wanted === 'UploadComplete') {
    if (from === 'Open') return wanted;
    throw bulkErrors.invalidState(`Closing already ${names[from]} Job not allowed`);
  }
  if (wanted === 'Aborted') {
    if (!isEnded(from)) return wanted;
    throw bulkErrors.invalidState(`Aborting already ${names[from]} Job not allowed`);
  }
  throw bulkErrors.invalidValue('state', wanted);
}

/** Rows may come once, while the job is open. */
export function refuseUpload(job: BulkJob): void {
  if (job.state !== 'Open')
    throw bulkErrors.invalidState(`Uploading to already ${names[job.state]} Job not allowed`);
  if (job.uploadBytes !== null) throw bulkErrors.uploadedTwice(jobIdOf(job));
}
