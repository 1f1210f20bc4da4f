import { HeadraceError } from '@headrace/core';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import { countRecords } from '../store/dataset-activity.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { type AppliedRecord, applyBisecting } from './apply-bisecting.ts';
import type { PreparedRecord } from './prepared-record.ts';
import type { ProfileChangeListener } from './save-profiles.ts';

/** Records of one transaction at most, unless a single submission brings more. */
const maxGroupRecords = 500;
/** More than this waiting is refused: the caller should come back later. */
const maxWaiting = { records: 5_000, bytes: 64 * 1024 * 1024 };
/** One dataset may fill this share of it, so that a source that is too fast shuts out no other. */
const datasetShare = 0.5;
const retryAfterMs = 1_000;

/** Records of one request. */
export type Submitted = {
  readonly datasetId: string;
  readonly records: readonly PreparedRecord[];
  /** How many more of the request are not fit to be written; they are counted with the others. */
  readonly refused: number;
  /** What the records take in memory, about. */
  readonly bytes: number;
};

type Submission = Submitted & {
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
  readonly #load = new Map<string, Load>();
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

  /**
   * @returns what became of each record, in order.
   * @throws HeadraceError `overloaded` when too much is waiting, `rate_limited` when too much of the same dataset is;
   *   nothing of it is applied then.
   */
  submit(submitted: Submitted): Promise<readonly AppliedRecord[]> {
    if (submitted.records.length + submitted.refused === 0) return Promise.resolve([]);
    this.#requireRoom(submitted);
    const answer = new Promise<readonly AppliedRecord[]>((resolve, reject) => {
      this.#waiting.push({ ...submitted, resolve, reject });
    });
    this.#addLoad(submitted, 1);
    if (!this.#isDraining) void this.#drain();
    return answer;
  }

  #requireRoom({ datasetId, records, bytes }: Submitted): void {
    const all = [...this.#load.values()].reduce(plus, noLoad);
    const own = this.#load.get(datasetId) ?? noLoad;
    // Whatever its size, a request is taken when nothing waits.
    if (all.records === 0) return;
    const added = { records: records.length, bytes };
    if (isTooMuch(plus(all, added), 1))
      throw new HeadraceError(
        'overloaded',
        `${all.records} records are waiting to be written. Send these again in a second.`,
        { retryAfterMs },
      );
    if (own.records > 0 && isTooMuch(plus(own, added), datasetShare))
      throw new HeadraceError(
        'rate_limited',
        `${own.records} records of this dataset are waiting to be written. Send these again in a second, or fewer at a time.`,
        { retryAfterMs },
      );
  }

  #addLoad({ datasetId, records, bytes }: Submitted, sign: 1 | -1): void {
    if (records.length === 0) return;
    const load = plus(this.#load.get(datasetId) ?? noLoad, {
      records: sign * records.length,
      bytes: sign * bytes,
    });
    if (load.records === 0) this.#load.delete(datasetId);
    else this.#load.set(datasetId, load);
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      const records = group.flatMap((submission) => submission.records);
      try {
        const applied = await transaction(this.#pool, (trx) => this.#applyGroup(trx, group, records));
        let from = 0;
        for (const submission of group) {
          submission.resolve(applied.slice(from, from + submission.records.length));
          from += submission.records.length;
        }
        this.#onCommit();
      } catch (error) {
        for (const submission of group) submission.reject(error);
      } finally {
        for (const submission of group) this.#addLoad(submission, -1);
      }
    }
    // At once with the last look at the queue, so that no submission falls between.
    this.#isDraining = false;
  }

  async #applyGroup(
    trx: Trx,
    group: readonly Submission[],
    records: readonly PreparedRecord[],
  ): Promise<readonly AppliedRecord[]> {
    // The instant is that of the lock: rules say of a later write what they say at a later instant.
    await lockProfileWrites(trx);
    const now = this.#now();
    const applied = await applyBisecting(trx, records, this.#onChange, now);
    const counts = new Map<string, { ingested: number; failed: number }>();
    const countOf = (datasetId: string) => {
      const count = counts.get(datasetId) ?? { ingested: 0, failed: 0 };
      counts.set(datasetId, count);
      return count;
    };
    for (const { datasetId, refused } of group) countOf(datasetId).failed += refused;
    for (const [index, { datasetId }] of records.entries())
      countOf(datasetId)[applied[index]?.status === 'ingested' ? 'ingested' : 'failed'] += 1;
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

type Load = { readonly records: number; readonly bytes: number };
const noLoad: Load = { records: 0, bytes: 0 };
const plus = (a: Load, b: Load): Load => ({ records: a.records + b.records, bytes: a.bytes + b.bytes });
const isTooMuch = ({ records, bytes }: Load, share: number): boolean =>
  records > maxWaiting.records * share || bytes > maxWaiting.bytes * share;
