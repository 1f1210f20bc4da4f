import { closeSync, openSync, writeSync } from 'node:fs';
import { now, type OrgState } from '../org/org-state.ts';
import type { RecordResult } from '../records/record-result.ts';
import { beginSaving, saveEach } from '../records/save-records.ts';
import { defaultWriteOptions, type WriteContext } from '../records/write-context.ts';
import type { RecordWrite } from '../records/write-record.ts';
import type { Catalog } from '../schema/catalog.ts';
import { Rollback } from '../store/database.ts';
import type { BulkFiles } from './bulk-files.ts';
import { type BulkJob, dialectOf, saveJob } from './bulk-job.ts';
import { bulkAllowance, countBatch } from './bulk-quota.ts';
import type { CsvRow } from './csv-rows.ts';
import { NotUtf8, readBatch } from './read-batch.ts';
import { failureLine, successLine } from './result-lines.ts';
import { writeOfRow } from './row-write.ts';
import { shuffle } from './shuffle.ts';
import { failJob, planJob } from './start-job.ts';

/** Salesforce saves a batch in chunks of this size: rules about "one call" go by the chunk. */
const chunkRows = 200;
/** A batch with more locked rows than this goes back and is tried again, this often. */
const maxLockedRows = 100;
const maxRetries = 20;

/**
 * Writes the next batch of a job in progress. Its records, its results and the job's progress are kept in one
 * transaction, so that a crash leaves a batch done or not begun. One transaction for a whole batch, since what a
 * commit costs is the index pages it touched.
 */
export function processBatch(org: OrgState, job: BulkJob, files: BulkFiles): BulkJob {
  const allowance = bulkAllowance(org);
  if (allowance.batches === 0 || allowance.rows === 0)
    return saveJob(org.database, failJob(org, job, 'ExceededQuota : ApiBatchItems Limit exceeded.'));
  const started = performance.now();
  const file = openSync(files.upload(job), 'r');
  try {
    const planned = planJob(org, job, file);
    if ('error' in planned) return saveJob(org.database, failJob(org, job, planned.error));
    const dialect = dialectOf(job);
    const { rows, nextByte } = readBatch(file, job.uploadBytes ?? 0, job.nextByte, dialect);
    const writes = rows.map((row) => writeOfRow(planned.plan, row));
    return org.database.transaction(() => {
      const results = saveBatch(contextOf(org, job, planned.catalog), writes);
      const columns = planned.plan.columns.length;
      const lines = resultLines(job, writes, rows, results, columns, org.definition.bulk.shuffleResults);
      if (rows.length > 0) countBatch(org, rows.length);
      const instant = now(org);
      return saveJob(org.database, {
        ...job,
        nextByte,
        batches: job.batches + 1,
        processed: job.processed + rows.length,
        failed: job.failed + lines.failures.length,
        successBytes: append(files.successes(job), job.successBytes, lines.successes),
        failureBytes: append(files.failures(job), job.failureBytes, lines.failures),
        modifiedAt: instant,
        totalMs: instant - (job.startedAt ?? instant),
        activeMs: job.activeMs + Math.round(performance.now() - started),
      });
    });
  } catch (error) {
    if (error instanceof Rollback) return saveJob(org.database, tryAgain(org, job));
    if (error instanceof NotUtf8)
      return saveJob(org.database, failJob(org, job, `ClientInputError : ${error.message}`));
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

/** Throws Rollback when too many rows were locked. */
function saveBatch(context: WriteContext, writes: readonly RecordWrite[]): readonly RecordResult[] {
  const saving = beginSaving(context);
  const results: RecordResult[] = [];
  let locked = 0;
  for (let from = 0; from < writes.length; from += chunkRows)
    for (const result of saveEach(saving, writes.slice(from, from + chunkRows))) {
      results.push(result);
      if (result.errors[0]?.statusCode === 'UNABLE_TO_LOCK_ROW') locked += 1;
    }
  if (locked > maxLockedRows) throw new Rollback();
  saving.notes.write();
  return results;
}

function tryAgain(org: OrgState, job: BulkJob): BulkJob {
  const retries = job.retries + 1;
  if (retries <= maxRetries) return { ...job, retries, modifiedAt: now(org) };
  const message = 'TooManyLockFailure : Too many lock failures while processing the current batch.';
  return failJob(org, { ...job, retries: maxRetries }, message);
}

function resultLines(
  job: BulkJob,
  writes: readonly RecordWrite[],
  rows: readonly CsvRow[],
  results: readonly RecordResult[],
  columns: number,
  isShuffled: boolean,
): { readonly successes: readonly string[]; readonly failures: readonly string[] } {
  const successes: string[] = [];
  const failures: string[] = [];
  const dialect = dialectOf(job);
  for (let index = 0; index < rows.length; index++) {
    const [row, write, result] = [rows[index], writes[index], results[index]];
    if (row === undefined || write === undefined || result === undefined)
      throw new Error('A row without a result.');
    if (result.success) successes.push(successLine(result, row, columns, dialect));
    else failures.push(failureLine(result, write, row, columns, dialect));
  }
  if (!isShuffled) return { successes, failures };
  const seed = job.rid * 65_537 + job.batches;
  return { successes: shuffle(successes, seed), failures: shuffle(failures, seed + 1) };
}

/** Writes lines behind the part of a file that counts, and answers its new length. */
function append(path: string, length: number, lines: readonly string[]): number {
  if (lines.length === 0) return length;
  const bytes = Buffer.from(lines.join(''));
  const file = openSync(path, length === 0 ? 'w' : 'r+');
  try {
    for (let done = 0; done < bytes.length; )
      done += writeSync(file, bytes, done, bytes.length - done, length + done);
  } finally {
    closeSync(file);
  }
  return length + bytes.length;
}
