import { randomUUID } from 'node:crypto';
import { type BucketRange, bucketCount, HeadraceError } from '@headrace/core';
import type pg from 'pg';
import { Wakeup } from '../lifecycle/wakeup.ts';
import { type Trx, transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';
import {
  advancePopulationJob,
  insertPopulationJob,
  lockPopulationJob,
  noteFailure,
  type PopulationJobRow,
  readNextPopulationJob,
  readPopulationJob,
} from '../store/population-jobs.ts';
import { nextWidth } from './range-width.ts';

/** Jobs another process began are found this often. */
const pollMs = 2_000;

export type PopulationJobHandler = {
  /**
   * Does the work for the profiles of some buckets, in the transaction of the checkpoint and under the lock on profile
   * writes. Work on a bucket twice must change nothing.
   * @returns how many profiles it looked at.
   */
  readonly workOn: (trx: Trx, job: PopulationJobRow, range: BucketRange, now: Date) => Promise<number>;
  /** Before each chunk, outside its transaction and without the lock: what can be read ahead. */
  readonly prepare?: (pool: pg.Pool, job: PopulationJobRow, now: Date) => Promise<void>;
  /** Delivery is woken once, at the end, so that what became due goes out in full batches. */
  readonly isToldAtEnd?: boolean;
  /** Other work stops for it. */
  readonly isUrgent?: boolean;
  /** What a profile takes differs widely: ranges are as wide as their time allows. */
  readonly isPacedByTime?: boolean;
  /** In the transaction of the last chunk. */
  readonly finish?: (trx: Trx, job: PopulationJobRow, now: Date) => Promise<void>;
};

export type PopulationJobsOptions = {
  readonly pool: pg.Pool;
  readonly handlers: Readonly<Record<string, PopulationJobHandler>>;
  /** Called after each commit: due marks may have been made. */
  readonly onCommit: () => void;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
};

/** Does work on everyone in chunks of buckets, beside ingestion; stopped half-way it goes on behind its checkpoint. */
export class PopulationJobs {
  readonly #options: PopulationJobsOptions;
  readonly #wakeup = new Wakeup();

  constructor(options: PopulationJobsOptions) {
    this.#options = options;
  }

  /** Writes a job down in the caller's transaction; call `wake` after the commit. @returns its id. */
  async begin(
    trx: Trx,
    job: Pick<PopulationJobRow, 'kind' | 'subjectId' | 'facts'>,
    now: Date,
  ): Promise<string> {
    const populationJobId = randomUUID();
    await insertPopulationJob(trx, { ...job, populationJobId, createdAt: now });
    return populationJobId;
  }

  /** A job was begun. */
  wake(): void {
    this.#wakeup.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { pool, onError } = this.#options;
    // A job that fails lets the others go first, and is tried again when nothing else is left to do.
    const failed = new Set<string>();
    while (!signal.aborted) {
      const job = await readNextPopulationJob(pool, this.#kinds, [...failed]).catch(onError);
      if (job !== undefined) {
        await this.#workOn(job, failed, signal).catch(async (error: unknown) => {
          failed.add(job.populationJobId);
          onError(error);
          await noteFailure(pool, job.populationJobId, reasonOf(error)).catch(onError);
        });
        continue;
      }
      failed.clear();
      await this.#wakeup.sleep(pollMs, signal);
    }
  }

  get #kinds(): { readonly kinds: readonly string[]; readonly urgent: readonly string[] } {
    const all = Object.entries(this.#options.handlers);
    const urgent = all.filter(([, { isUrgent }]) => isUrgent === true);
    return { kinds: all.map(([kind]) => kind), urgent: urgent.map(([kind]) => kind) };
  }

  /** Until it is done, or something urgent waits. */
  async #workOn(
    { populationJobId, kind }: PopulationJobRow,
    failed: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> {
    const { pool, handlers, onCommit, now } = this.#options;
    const handler = handlers[kind];
    let width = 1;
    for (let isFinished = false; !isFinished && !signal.aborted; ) {
      if (handler?.prepare !== undefined) {
        const job = await readPopulationJob(pool, populationJobId);
        if (job !== undefined && job.finishedAt === null) await handler.prepare(pool, job, now());
      }
      isFinished = await transaction(pool, async (trx) => {
        await lockProfileWrites(trx);
        const job = await lockPopulationJob(trx, populationJobId);
        if (job === undefined || job.finishedAt !== null || handler === undefined) return true;
        const at = now();
        const nextBucket = Math.min(job.nextBucket + width, bucketCount);
        const range = { firstBucket: job.nextBucket, lastBucket: nextBucket - 1 };
        const startedMs = performance.now();
        const profilesDone = await handler.workOn(trx, job, range, at);
        const tookMs = performance.now() - startedMs;
        width = nextWidth({ width, profiles: profilesDone, tookMs }, handler.isPacedByTime === true);
        const isLast = nextBucket === bucketCount;
        await advancePopulationJob(trx, populationJobId, {
          nextBucket,
          profilesDone,
          finishedAt: isLast ? at : null,
        });
        if (isLast) await handler.finish?.(trx, job, at);
        return isLast;
      });
      if (isFinished || handler?.isToldAtEnd !== true) onCommit();
      if (isFinished || handler?.isUrgent === true) continue;
      const { urgent } = this.#kinds;
      if ((await readNextPopulationJob(pool, { kinds: urgent }, [...failed])) !== undefined) return;
    }
  }
}

/** For people to read: what an unexpected error says may hold values. */
const reasonOf = (error: unknown): string =>
  error instanceof HeadraceError ? error.message : 'An unexpected error; the log of the server says which.';
