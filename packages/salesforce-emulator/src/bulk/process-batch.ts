import { closeSync, openSync } from 'node:fs';
import { now, type OrgState } from '../org/org-state.ts';
import { defaultWriteOptions, type WriteContext } from '../records/write-context.ts';
import type { Catalog } from '../schema/catalog.ts';
import { Rollback } from '../store/database.ts';
import { appendToFile } from './append-to-file.ts';
import { beginBatch } from './batch-in-chunks.ts';
import type { BulkFiles } from './bulk-files.ts';
import { type BulkJob, dialectOf, ingestJobs } from './bulk-job.ts';
import { bulkAllowance, countBatch } from './bulk-quota.ts';
import { NotUtf8, readBatch } from './read-batch.ts';
import { failJob, planJob } from './start-job.ts';

/** How often a batch with too many locked rows is tried again. */
const maxRetries = 20;

/**
 * Writes the next batch of a job in progress. Its records, its results and the job's progress are kept in one
 * transaction, so that a crash leaves a batch done or not begun. One transaction for a whole batch, since what a
 * commit costs is the index pages it touched.
 */
export function processBatch(org: OrgState, job: BulkJob, files: BulkFiles): BulkJob {
  const allowance = bulkAllowance(org);
  if (allowance.batches === 0 || allowance.rows === 0)
    return ingestJobs.save(org.database, failJob(org, job, 'ExceededQuota : ApiBatchItems Limit exceeded.'));
  const started = performance.now();
  const file = openSync(files.upload(job), 'r');
  try {
    const planned = planJob(org, job, file);
    if ('error' in planned) return ingestJobs.save(org.database, failJob(org, job, planned.error));
    const dialect = dialectOf(job);
    const context = contextOf(org, job, planned.catalog);
    return org.database.transaction(() => {
      const batch = beginBatch(context, planned.plan, dialect, shuffleSeed(org, job));
      const nextByte = readBatch(file, job.uploadBytes ?? 0, job.nextByte, dialect, batch.add);
      const done = batch.end();
      if (done.rows > 0) countBatch(org, done.rows);
      const instant = now(org);
      return ingestJobs.save(org.database, {
        ...job,
        nextByte,
        batches: job.batches + 1,
        processed: job.processed + done.rows,
        failed: job.failed + done.failed,
        successBytes: appendToFile(files.successes(job), job.successBytes, done.successes),
        failureBytes: appendToFile(files.failures(job), job.failureBytes, done.failures),
        modifiedAt: instant,
        totalMs: instant - (job.startedAt ?? instant),
        activeMs: job.activeMs + Math.round(performance.now() - started),
      });
    });
  } catch (error) {
    if (error instanceof Rollback) return ingestJobs.save(org.database, tryAgain(org, job));
    if (error instanceof NotUtf8)
      return ingestJobs.save(org.database, failJob(org, job, `ClientInputError : ${error.message}`));
    throw error;
  } finally {
    closeSync(file);
  }
}

const contextOf = (org: OrgState, job: BulkJob, catalog: Catalog): WriteContext => ({
  org,
  userId: job.userId,
  catalog,
  // Assignment rules run only when the job names one.
  options: {
    ...defaultWriteOptions,
    assignmentRule: job.assignmentRuleId === null ? 'none' : { id: job.assignmentRuleId },
  },
  call: job.call,
});

/** Where results are to come in another order, what that order depends on. */
const shuffleSeed = (org: OrgState, job: BulkJob): number | undefined =>
  org.definition.bulk.shuffleResults ? job.rid * 65_537 + job.batches : undefined;

function tryAgain(org: OrgState, job: BulkJob): BulkJob {
  const retries = job.retries + 1;
  if (retries <= maxRetries) return { ...job, retries, modifiedAt: now(org) };
  const message = 'TooManyLockFailure : Too many lock failures while processing the current batch.';
  return failJob(org, { ...job, retries: maxRetries }, message);
}
