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
   * @returns how many profiles it looked at; `again`: it did something that had to come first, and the range is still
   *   to be worked on; `after urgent`: only after an urgent job.
   */
  readonly workOn: (
    trx: Trx,
    job: PopulationJobRow,
    range: BucketRange,
    now: Date,
  ) => Promise<number | 'again' | 'after urgent'>;
  /**
   * Before each chunk, outside its transaction and without the lock: what can be read ahead.
   * @returns the last bucket that the chunk may reach.
   */
  readonly prepare?: (pool: pg.Pool, job: PopulationJobRow, now: Date) => Promise<number>;
  /** Nothing is going on: what was read ahead is not needed any more. */
  readonly rest?: () => void;
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
    // A job that fails lets the others go first, and is tried again after the next one that does not.
    const putOff = new Set<string>();
    while (!signal.aborted) {
      const job = await readNextPopulationJob(pool, this.#kinds, [...putOff]).catch(onError);
      if (job === undefined) {
        putOff.clear();
        for (const { rest } of Object.values(this.#options.handlers)) rest?.();
        await this.#wakeup.sleep(pollMs, signal);
        continue;
      }
      try {
        if (await this.#workOn(job, putOff, signal)) putOff.clear();
        else putOff.add(job.populationJobId);
      } catch (error) {
        putOff.add(job.populationJobId);
        onError(error);
        await noteFailure(pool, job.populationJobId, reasonOf(error)).catch(onError);
      }
    }
  }

  get #kinds(): { readonly kinds: readonly string[]; readonly urgent: readonly string[] } {
    const all = Object.entries(this.#options.handlers);
    const urgent = all.filter(([, { isUrgent }]) => isUrgent === true);
    return { kinds: all.map(([kind]) => kind), urgent: urgent.map(([kind]) => kind) };
  }

  /**
   * Until it is done, or something urgent waits.
   * @returns false where it has to wait for something urgent.
   */
  async #workOn(
    { populationJobId, kind }: PopulationJobRow,
    putOff: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { pool, handlers, onCommit, now } = this.#options;
    const handler = handlers[kind];
    let width = 1;
    for (let isFinished = false; !isFinished && !signal.aborted; ) {
      let last = bucketCount - 1;
      if (handler?.prepare !== undefined) {
        const job = await readPopulationJob(pool, populationJobId);
        if (job !== undefined && job.finishedAt === null) last = await handler.prepare(pool, job, now());
      }
      const done = await transaction(pool, async (trx) => {
        await lockProfileWrites(trx);
        const job = await lockPopulationJob(trx, populationJobId);
        if (job === undefined || job.finishedAt !== null || handler === undefined) return 'finished';
        const at = now();
        const range = {
          firstBucket: job.nextBucket,
          lastBucket: Math.max(job.nextBucket, Math.min(job.nextBucket + width - 1, last)),
        };
        const startedMs = performance.now();
        const profiles = await handler.workOn(trx, job, range, at);
        if (typeof profiles !== 'number') return profiles;
        const tookMs = performance.now() - startedMs;
        width = nextWidth({ width, profiles, tookMs }, handler.isPacedByTime === true);
        const nextBucket = range.lastBucket + 1;
        const isLast = nextBucket === bucketCount;
        const finishedAt = isLast ? at : null;
        await advancePopulationJob(trx, populationJobId, { nextBucket, profilesDone: profiles, finishedAt });
        if (isLast) await handler.finish?.(trx, job, at);
        return isLast ? 'finished' : 'advanced';
      });
      isFinished = done === 'finished';
      if (isFinished || handler?.isToldAtEnd !== true) onCommit();
      if (done === 'after urgent') return false;
      if (isFinished || handler?.isUrgent === true) continue;
      const { urgent } = this.#kinds;
      if ((await readNextPopulationJob(pool, { kinds: urgent }, [...putOff])) !== undefined) return true;
    }
    return true;
  }
}

/** For people to read: what an unexpected error says may hold values. */
const reasonOf = (error: unknown): string =>
  error instanceof HeadraceError ? error.message : 'An unexpected error; the log of the server says which.';
