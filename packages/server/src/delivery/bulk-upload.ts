import type { BulkOrder, DestinationLog } from '@headrace/core';
import type pg from 'pg';
import { passCrashPoint } from '../lifecycle/crash-points.ts';
import { insertBulkJob, moveBulkJob, putOffBulkJob, setDestinationJob } from '../store/bulk-jobs.ts';
import { BulkContent, type BulkContentOptions } from './bulk-content.ts';
import { bulkPauseMs } from './bulk-pause.ts';
import { mayStillBeSent } from './bulk-recheck.ts';

export type BulkUpload = BulkContentOptions & {
  readonly pool: pg.Pool;
  /** Fewer are not worth a job. */
  readonly leastRecords: number;
  readonly log: DestinationLog;
};

export type UploadEnd = 'started' | 'unfit' | 'given_up' | 'nothing';

/** How soon a job whose closing failed is looked at. */
const closeAgainMs = 5_000;

/**
 * Opens a job, puts a part of the backlog into it, and starts it. What it does is written down before the destination
 * hears of it, so that whoever finds the job after a crash knows whether it may have been started.
 * @returns `nothing` where no row could be claimed now, `unfit` where the backlog turned out to be none for jobs, `given_up` where somebody else ended the job, or
 *   nothing of it, or not all, is to be sent any more
 * @throws HeadraceError of the destination; the job is given up then, and its rows are due again
 */
export async function uploadJob(upload: BulkUpload, signal: AbortSignal): Promise<UploadEnd> {
  const { pool, bulk, bulkJobId, dataflow, group, rules, now } = upload;
  await insertBulkJob(pool, { ...dataflow, bulkJobId, group, details: rules.details }, now());
  await passCrashPoint('bulk begun');
  let destinationJobId: string | undefined;
  const content = new BulkContent(upload);
  try {
    const order = await content.begin();
    // Nothing could be claimed: the dataflow was edited since it was read, or others hold its buckets.
    if (order === undefined && content.unfit === 0) return 'nothing';
    if (order === undefined || content.records < Math.max(upload.leastRecords, content.unfit)) return 'unfit';
    destinationJobId = await bulk.open(order, signal);
    await passCrashPoint('bulk opened');
    const { object, fields } = order satisfies BulkOrder;
    if (!(await setDestinationJob(pool, bulkJobId, { object, fields, destinationJobId }))) return 'given_up';
    await passCrashPoint('bulk known');
    await bulk.upload(destinationJobId, content.bytes(order), signal);
    await passCrashPoint('bulk uploaded');
    if (!(await mayStillBeSent(pool, bulkJobId, rules))) return 'given_up';
    const at = now();
    const lookAt = new Date(at.getTime() + closeAgainMs);
    const { records } = content;
    const isClosing = { from: 'uploading', to: 'closing', lookAt, now: at, records } as const;
    if (!(await moveBulkJob(pool, bulkJobId, isClosing))) return 'given_up';
  } finally {
    // Does nothing to a job that is closing.
    await moveBulkJob(pool, bulkJobId, { from: 'uploading', to: 'abandoning', lookAt: now(), now: now() });
  }
  await passCrashPoint('bulk closing');
  await startJob(upload, destinationJobId, content.records, signal);
  return 'started';
}

/** Whatever comes of it, the job is looked at. */
async function startJob(
  { pool, bulk, bulkJobId, dataflow, now, log }: BulkUpload,
  destinationJobId: string,
  records: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await bulk.close(destinationJobId, signal);
  } catch (error) {
    const facts = { dataflow_id: dataflow.dataflowId, bulk_job_id: bulkJobId, error: String(error) };
    log.warn(facts, 'A job may not have been started; it is looked at.');
    await putOffBulkJob(pool, bulkJobId, now(), false);
    return;
  }
  await passCrashPoint('bulk closed');
  const at = now();
  const lookAt = new Date(at.getTime() + bulkPauseMs(records, 0));
  await moveBulkJob(pool, bulkJobId, { from: 'closing', to: 'working', lookAt, now: at });
  log.info(
    { dataflow_id: dataflow.dataflowId, bulk_job_id: bulkJobId, job_id: destinationJobId, records },
    'A job was started.',
  );
}
