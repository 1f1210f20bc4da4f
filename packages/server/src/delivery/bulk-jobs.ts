import { randomUUID } from 'node:crypto';
import {
  type BucketRange,
  type BulkWriting,
  bucketOf,
  type DestinationConnection,
  HeadraceError,
  stoppingCodes,
} from '@headrace/core';
import {
  countBulkRows,
  deleteFinishedBulkJobs,
  putOffBulkJob,
  readBulkHistory,
  readDueBulkJobs,
} from '../store/bulk-jobs.ts';
import { type FollowOptions, followJob } from './bulk-follow.ts';
import { type BulkUpload, uploadJob } from './bulk-upload.ts';
import { type BulkFrom, bulkFrom, chooseWay } from './choose-way.ts';
import { readLedger } from './lane-pacer.ts';

/** How often a dataflow's backlog is counted. */
const countEveryMs = 5_000;
/** After a job that ended before its time, or could not be opened, records go one by one for so long. */
const restMs = 60 * 60_000;
/** How soon a job is looked at again that could not be looked at. */
const againMs = 60_000;
/** As long as only a person can mend what keeps it from being looked at. */
const mendedMs = 900_000;
/** Beyond so many open jobs of a dataflow, further ones would only wait at the destination. */
const mostOpenJobs = 10;
const keptMs = 90 * 24 * 60 * 60_000;

export type BulkJobsOptions = FollowOptions & {
  readonly connectionFor: (accountId: string) => Promise<DestinationConnection>;
  readonly bulkFrom?: BulkFrom | undefined;
};

/** A dataflow whose backlog may be for jobs. */
export type Backlog = Omit<
  BulkUpload,
  'bulk' | 'bulkJobId' | 'group' | 'leastRecords' | 'log' | 'pool' | 'now'
> & {
  /** Most records of a direct write. */
  readonly recordsPerCall: number;
};

/** Writes large backlogs as jobs, and sees to jobs until what they did is written down. */
export class BulkJobs {
  readonly #options: BulkJobsOptions;
  readonly #from: BulkFrom;
  /** Jobs that this process is uploading. */
  readonly #uploading = new Set<string>();
  readonly #countedAt = new Map<string, number>();
  readonly #restsUntil = new Map<string, number>();

  constructor(options: BulkJobsOptions) {
    this.#options = options;
    this.#from = options.bulkFrom ?? bulkFrom;
  }

  /**
   * Writes the backlog of a dataflow as jobs, as far as it is one; what is left is for direct writes.
   * @throws HeadraceError with a `destination_*` code where the dataflow cannot go on now
   */
  async takeBacklog(backlog: Backlog, bulk: BulkWriting, signal: AbortSignal): Promise<void> {
    const { dataflowId } = backlog.dataflow;
    const at = this.#options.now().getTime();
    if (at < (this.#restsUntil.get(dataflowId) ?? 0)) return;
    if (at - (this.#countedAt.get(dataflowId) ?? Number.NEGATIVE_INFINITY) < countEveryMs) return;
    this.#countedAt.set(dataflowId, at);
    for (const group of ['create', 'update'] as const)
      while (
        !signal.aborted &&
        (await this.#unlessRefused(dataflowId, () => this.#isForJobs(backlog, bulk, group, signal)))
      )
        if (!(await this.#unlessRefused(dataflowId, () => this.#upload(backlog, bulk, group, signal))))
          return;
  }

  /** Looks once at the jobs of some buckets that are to be looked at. @returns how many it took further. */
  async follow(ranges: readonly BucketRange[], signal: AbortSignal): Promise<number> {
    const { pool, now, log, connectionFor } = this.#options;
    let followed = 0;
    for (const job of await readDueBulkJobs(pool, ranges, now())) {
      if (signal.aborted) break;
      if (this.#uploading.has(job.bulkJobId)) continue;
      try {
        const { bulk } = await connectionFor(job.accountId);
        if (bulk === undefined) throw new Error('The destination of a job takes none.');
        await followJob(this.#options, job, bulk, signal);
        followed += 1;
      } catch (error) {
        const waitMs = waitAfter(error);
        await putOffBulkJob(pool, job.bulkJobId, new Date(now().getTime() + waitMs), false);
        log.warn(
          { dataflow_id: job.dataflowId, bulk_job_id: job.bulkJobId, error: String(error), wait_ms: waitMs },
          'A job could not be looked at; it is tried again.',
        );
      }
    }
    return followed;
  }

  async #isForJobs(
    { dataflow, rules, ranges, recordsPerCall }: Backlog,
    bulk: BulkWriting,
    group: 'create' | 'update',
    signal: AbortSignal,
  ): Promise<boolean> {
    const { pool, now } = this.#options;
    const { dataflowId, accountId } = dataflow;
    // What is on a list, or must be looked at before it is written, cannot go into a job.
    const isAlwaysUnfit =
      rules.mapping.ifEmpty.size > 0 || rules.segments.some(({ listId }) => listId !== null);
    if (isAlwaysUnfit || !bulk.suits({ group, details: rules.details })) return false;
    const counted = { dataflowId, ranges, isKnown: group === 'update', most: this.#from.always, now: now() };
    const due = await countBulkRows(pool, counted);
    if (due < this.#from.scarce) return false;
    const ledger = await readLedger(pool, accountId, now().getTime());
    const callsLeft = ledger === undefined ? Number.POSITIVE_INFINITY : ledger.limit - ledger.used;
    if (chooseWay({ due, callsLeft, recordsPerCall }, this.#from) === 'direct') return false;
    const history = await readBulkHistory(pool, dataflowId, new Date(now().getTime() - restMs));
    if (history.open >= mostOpenJobs || history.hasFailed) return false;
    return (await bulk.recordsLeft(signal)) >= due;
  }

  /** @returns false where jobs are of no use now. */
  async #upload(
    backlog: Backlog,
    bulk: BulkWriting,
    group: 'create' | 'update',
    signal: AbortSignal,
  ): Promise<boolean> {
    const { pool, now, log } = this.#options;
    const { dataflowId } = backlog.dataflow;
    const bulkJobId = idIn(backlog.ranges);
    const leastRecords = Math.ceil(this.#from.scarce / 2);
    await deleteFinishedBulkJobs(pool, new Date(now().getTime() - keptMs));
    this.#uploading.add(bulkJobId);
    try {
      const upload = { ...backlog, pool, now, log, bulk, bulkJobId, group, leastRecords };
      const end = await uploadJob(upload, signal);
      // The next one may be overtaken, too: meanwhile records go one by one.
      if (end === 'nothing') this.#countedAt.delete(dataflowId);
      else if (end !== 'started')
        this.#restsUntil.set(dataflowId, now().getTime() + (end === 'unfit' ? restMs : againMs));
      return end === 'started';
    } finally {
      this.#uploading.delete(bulkJobId);
    }
  }

  /** What only jobs are refused for keeps nobody from writing records one by one. @returns false then */
  async #unlessRefused(dataflowId: string, work: () => Promise<boolean>): Promise<boolean> {
    const { now, log } = this.#options;
    try {
      return await work();
    } catch (error) {
      const isOfJobs = error instanceof HeadraceError && jobsOnly.has(error.code);
      this.#restsUntil.set(dataflowId, now().getTime() + (isOfJobs ? restMs : againMs));
      if (!isOfJobs) throw error;
      log.warn({ dataflow_id: dataflowId, error: error.message }, 'Jobs are refused; records go one by one.');
      return false;
    }
  }
}

/** Wrong passwords are not tried again soon: Salesforce locks users out. */
function waitAfter(error: unknown): number {
  if (!(error instanceof HeadraceError)) return againMs;
  return stoppingCodes.includes(error.code) ? mendedMs : (error.retryAfterMs ?? againMs);
}

const jobsOnly = new Set<string>(['destination_misconfigured', 'destination_request_rejected']);

/** An id in a bucket of these: who delivers that bucket sees to the job. */
function idIn(ranges: readonly BucketRange[]): string {
  for (;;) {
    const id = randomUUID();
    const bucket = bucketOf(id);
    if (ranges.some(({ firstBucket, lastBucket }) => firstBucket <= bucket && bucket <= lastBucket))
      return id;
  }
}
