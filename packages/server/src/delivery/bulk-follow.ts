import {
  type BulkEnd,
  type BulkOrder,
  type BulkWriting,
  type DestinationLog,
  HeadraceError,
  stoppingCodes,
} from '@headrace/core';
import type pg from 'pg';
import { passCrashPoint } from '../lifecycle/crash-points.ts';
import { type BulkJob, finishBulkJob, isWantedJob, moveBulkJob, putOffBulkJob } from '../store/bulk-jobs.ts';
import { releaseBulkRows, shortenHolds } from '../store/bulk-rows.ts';
import { transaction } from '../store/database.ts';
import { stopDataflow } from '../store/delivery-dataflows.ts';
import { releaseHolds } from '../store/export-moves.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { bulkPauseMs } from './bulk-pause.ts';
import { putBackRows, settleResults } from './bulk-results.ts';

export type FollowOptions = {
  readonly pool: pg.Pool;
  readonly now: () => Date;
  readonly random: () => number;
  readonly log: DestinationLog;
};

/** A job whose closing was lost is closed again for so long, if it is as it is wanted; later its values are too old. */
const closeWithinMs = 600_000;
const closeAgainMs = 5_000;
/** No request that is no job goes on for longer, even where its answer was lost. */
const longestRequestMs = 30 * 60_000;

/**
 * Takes a job as far as it goes now. Each step can be taken again, by anyone.
 * @throws HeadraceError with a `destination_*` code; then it is to be looked at later
 */
export async function followJob(
  options: FollowOptions,
  job: BulkJob,
  bulk: BulkWriting,
  signal: AbortSignal,
): Promise<void> {
  const { pool, now } = options;
  const { bulkJobId, state } = job;
  // Whoever was uploading it is gone, or is stopped by this.
  if (state === 'uploading') {
    const at = now();
    if (!(await moveBulkJob(pool, bulkJobId, { from: state, to: 'abandoning', lookAt: at, now: at }))) return;
  }
  if (state === 'uploading' || state === 'abandoning') return abandon(options, job, bulk, signal);
  const order = orderOf(job);
  if (order === undefined) throw new Error('A job that was closed says not what it is for.');
  const { id } = order;
  const status = await bulk.look(id, signal);
  switch (status.kind) {
    case 'open':
      return startOrAbort(options, job, id, bulk, signal);
    case 'working':
      return putOffBulkJob(pool, bulkJobId, afterPause(job, now()), true);
    case 'gone':
      return finish(options, job, forgotten);
    case 'ended':
      return read(options, job, { id, order, status }, bulk, signal);
  }
}

const forgotten = new HeadraceError(
  'destination_unavailable',
  'The destination knows nothing of the job any more.',
);

function orderOf(job: BulkJob): (BulkOrder & { readonly id: string }) | undefined {
  const { object, fields, group, details, destinationJobId } = job;
  return object === null || fields === null || destinationJobId === null
    ? undefined
    : { object, fields, group, details, id: destinationJobId };
}

const afterPause = ({ records, looks }: BulkJob, now: Date): Date =>
  new Date(now.getTime() + bulkPauseMs(records, looks + 1));

/** It was certainly not started: its rows are due again, and what is left of it at the destination writes nothing. */
async function abandon(
  options: FollowOptions,
  job: BulkJob,
  bulk: BulkWriting,
  signal: AbortSignal,
): Promise<void> {
  await putBackRows(options, job);
  await passCrashPoint('bulk abandoned');
  if (job.destinationJobId !== null)
    await bulk
      .abort(job.destinationJobId, signal)
      .catch((error: unknown) =>
        options.log.warn({ job_id: job.destinationJobId, error: String(error) }, 'A job was left open.'),
      );
  await finish(options, job, null);
}

/** Its closing was lost, or is late. */
async function startOrAbort(
  { pool, now }: FollowOptions,
  { bulkJobId, closingAt }: BulkJob,
  id: string,
  bulk: BulkWriting,
  signal: AbortSignal,
): Promise<void> {
  const isRecent = closingAt !== null && now().getTime() - closingAt.getTime() < closeWithinMs;
  const isWanted = isRecent && (await isWantedJob(pool, bulkJobId));
  const next = isWanted ? bulk.close(id, signal) : bulk.abort(id, signal);
  // What came of it is seen when it is looked at.
  const wasHeard = await next.then(
    () => true,
    () => false,
  );
  await putOffBulkJob(pool, bulkJobId, new Date(now().getTime() + (wasHeard ? closeAgainMs : 30_000)), false);
}

async function read(
  options: FollowOptions,
  job: BulkJob,
  { id, order, status }: { readonly id: string; readonly order: BulkOrder; readonly status: BulkEnd },
  bulk: BulkWriting,
  signal: AbortSignal,
): Promise<void> {
  const { pool, now } = options;
  const { bulkJobId, state } = job;
  const at = now();
  if (state !== 'reading') {
    const move = { from: state, to: 'reading', lookAt: at, now: at } as const;
    if (!(await moveBulkJob(pool, bulkJobId, move))) return;
    await passCrashPoint('bulk ended');
  }
  let { error } = status;
  try {
    for await (const page of bulk.results(id, order, status, signal))
      await settleResults(options, job, order.object, page);
  } catch (thrown) {
    if (!(thrown instanceof HeadraceError) || thrown.code !== 'destination_misconfigured') throw thrown;
    // Every record was refused for it.
    error = thrown;
    await putBackRows(options, job);
  }
  await passCrashPoint('bulk read');
  await finish(options, job, error);
}

/** What no file told of is read back; whoever waited for the job goes on. */
async function finish(options: FollowOptions, job: BulkJob, error: HeadraceError | null): Promise<void> {
  const { pool, now, log } = options;
  const { bulkJobId, dataflowId } = job;
  if (error !== null && stoppingCodes.includes(error.code))
    await stopDataflow(pool, dataflowId, error, now());
  const unknown = await transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const released = await releaseBulkRows(trx, bulkJobId, now());
    await releaseHolds(trx, dataflowId, bulkJobId);
    await finishBulkJob(trx, bulkJobId, error, now());
    await shortenHolds(trx, dataflowId, new Date(now().getTime() + longestRequestMs));
    return released;
  });
  const facts = { dataflow_id: dataflowId, bulk_job_id: bulkJobId, records: job.records, read_back: unknown };
  if (error === null) log.info(facts, 'A job is finished.');
  else log.warn({ ...facts, error: error.message }, 'A job ended before its time.');
}
