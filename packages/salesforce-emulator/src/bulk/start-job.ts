import { closeSync, openSync } from 'node:fs';
import { catalogOf } from '../access/user-access.ts';
import { now, type OrgState } from '../org/org-state.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import { findField } from '../schema/object-type.ts';
import type { BulkFiles } from './bulk-files.ts';
import { type BulkJob, dialectOf } from './bulk-job.ts';
import { planColumns } from './csv-columns.ts';
import { NotUtf8, readHeader } from './read-batch.ts';
import type { RowPlan } from './row-write.ts';
import { scanUpload } from './scan-upload.ts';

/** A job's rows explained by its header, for the user who created it; or the job's error message. */
export interface PlannedJob {
  readonly catalog: Catalog;
  readonly plan: RowPlan;
  /** The header as it was sent. */
  readonly header: string;
  readonly firstByte: number;
}

/** A job that ends here, with what is left of it unprocessed. */
export const failJob = (org: OrgState, job: BulkJob, error: string): BulkJob => ({
  ...job,
  state: 'Failed',
  error,
  modifiedAt: now(org),
});

/** Reads the header anew for every batch: fields may have come or been hidden since. */
export function planJob(org: OrgState, job: BulkJob, file: number): PlannedJob | { readonly error: string } {
  const catalog = catalogOf(org, job.userId);
  const object = findObject(catalog, job.object);
  if (object === undefined) return { error: `InvalidJob : Unable to find object: ${job.object}` };
  const keyField = job.keyName === null ? undefined : findField(object, job.keyName);
  const { row, text, nextByte } = readHeader(file, job.uploadBytes ?? 0, dialectOf(job));
  if (row === undefined)
    return { error: 'InvalidBatch : Failed to parse CSV header. The uploaded data is empty' };
  if (row.problem !== undefined)
    return { error: `InvalidBatch : Failed to parse CSV header: ${row.problem}` };
  const planned = planColumns(catalog, object, job.operation, row.values);
  if ('error' in planned) return planned;
  const plan = { object, operation: job.operation, keyField, columns: planned.columns };
  return { catalog, plan, header: text, firstByte: nextByte };
}

/** A closed job as it begins: its whole upload looked over, before any row is written. */
export function startJob(org: OrgState, job: BulkJob, files: BulkFiles): BulkJob {
  if (job.uploadBytes === null)
    return failJob(org, job, 'InvalidBatch : Failed to parse CSV header. The uploaded data is empty');
  const file = openSync(files.upload(job), 'r');
  try {
    const misread = scanUpload(file, job.uploadBytes, job.lineEnding);
    if (misread !== undefined) return failJob(org, job, misread);
    const planned = planJob(org, job, file);
    if ('error' in planned) return failJob(org, job, planned.error);
    const instant = now(org);
    return {
      ...job,
      state: 'InProgress',
      startedAt: instant,
      modifiedAt: instant,
      nextByte: planned.firstByte,
    };
  } catch (error) {
    if (error instanceof NotUtf8) return failJob(org, job, `ClientInputError : ${error.message}`);
    throw error;
  } finally {
    closeSync(file);
  }
}
