import { HeadraceError } from '@headrace/core';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import { countRecords } from '../store/dataset-activity.ts';
import { type AppliedRecord, applyBisecting } from './apply-bisecting.ts';
import type { PreparedRecord } from './prepared-record.ts';
import type { ProfileChangeListener } from './save-profiles.ts';

/** Records of one transaction at most, unless a single submission brings more. */
const maxGroupRecords = 500;
/** More records than this waiting are refused: the caller should come back later. */
const maxWaitingRecords = 5_000;

type Submission = {
  readonly records: readonly PreparedRecord[];
  readonly resolve: (applied: readonly AppliedRecord[]) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Group commit: what arrives while one transaction runs shares the next one. Each submission is answered after
 * its commit (promise 1).
 */
export class RecordQueue {
  readonly #pool: pg.Pool;
  readonly #onChange: ProfileChangeListener;
  readonly #onCommit: () => void;
  readonly #now: () => Date;
  readonly #waiting: Submission[] = [];
  #waitingRecords = 0;
  #isDraining = false;

  constructor(options: {
    readonly pool: pg.Pool;
    readonly onChange: ProfileChangeListener;
    /** Called after each commit: due marks may have been made. */
    readonly onCommit: () => void;
    readonly now: () => Date;
  }) {
    this.#pool = options.pool;
    this.#onChange = options.onChange;
    this.#onCommit = options.onCommit;
    this.#now = options.now;
  }

  /** @throws HeadraceError `overloaded` when too much is waiting; nothing of it is applied then. */
  submit(records: readonly PreparedRecord[]): Promise<readonly AppliedRecord[]> {
    if (records.length === 0) return Promise.resolve([]);
    if (this.#waitingRecords + records.length > maxWaitingRecords)
      throw new HeadraceError(
        'overloaded',
        `${this.#waitingRecords} records are waiting to be written. Send these again in a second.`,
        { retryAfterMs: 1_000 },
      );
    const answer = new Promise<readonly AppliedRecord[]>((resolve, reject) => {
      this.#waiting.push({ records, resolve, reject });
    });
    this.#waitingRecords += records.length;
    if (!this.#isDraining) void this.#drain();
    return answer;
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      const records = group.flatMap((submission) => submission.records);
      try {
        const applied = await transaction(this.#pool, (trx) => this.#applyGroup(trx, records));
        let from = 0;
        for (const submission of group) {
          submission.resolve(applied.slice(from, from + submission.records.length));
          from += submission.records.length;
        }
        this.#onCommit();
      } catch (error) {
        for (const submission of group) submission.reject(error);
      } finally {
        this.#waitingRecords -= records.length;
      }
    }
    // At once with the last look at the queue, so that no submission falls between.
    this.#isDraining = false;
  }

  async #applyGroup(trx: Trx, records: readonly PreparedRecord[]): Promise<readonly AppliedRecord[]> {
    const now = this.#now();
    const applied = await applyBisecting(trx, records, this.#onChange, now);
    const counts = new Map<string, { ingested: number; failed: number }>();
    for (const [index, { datasetId }] of records.entries()) {
      const count = counts.get(datasetId) ?? { ingested: 0, failed: 0 };
      counts.set(datasetId, count);
      if (applied[index]?.status === 'ingested') count.ingested += 1;
      else count.failed += 1;
    }
    await countRecords(trx, counts, now);
    return applied;
  }

  #takeGroup(): Submission[] {
    const group: Submission[] = [];
    let size = 0;
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || (size > 0 && size + next.records.length > maxGroupRecords)) return group;
      this.#waiting.shift();
      group.push(next);
      size += next.records.length;
    }
  }
}
