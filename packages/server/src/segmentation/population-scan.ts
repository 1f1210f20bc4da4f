import { randomUUID } from 'node:crypto';
import { type BucketRange, bucketCount, type IdentifiedRule } from '@headrace/core';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';
import type { PopulationJobRow } from '../store/population-jobs.ts';
import {
  beginScan,
  endScan,
  estimateProfiles,
  isScanCurrent,
  scanMembers,
  scannedSql,
} from '../store/population-scan.ts';
import type { RuleSql } from '../store/segment-sql/condition-of.ts';
import { sqlOf } from './evaluate-range.ts';

/** Profiles read at once: what is found of them is kept in memory, 37 bytes each. */
const mostProfiles = 1_000_000;

type Scan = {
  readonly scanId: string;
  readonly text: string;
  readonly range: BucketRange;
  readonly found: ReadonlyMap<number, string>;
};

/**
 * What rules find of everyone, read beside the lock on profile writes in one go: in ranges that are read under it, each
 * would be spread over nearly every page of the tables. Whoever changes meanwhile is evaluated by that change, and
 * left out where memberships are written.
 */
export class PopulationScans {
  /** Of the job that was last worked on; null: it no longer holds, so that each range is read for itself. */
  #last: { readonly populationJobId: string; readonly scan: Scan | null } | undefined;

  /**
   * Reads ahead for a job, unless that is done. Not inside a transaction.
   * @returns the last bucket for which the same way is gone.
   */
  async prepare(
    pool: pg.Pool,
    { populationJobId, nextBucket }: PopulationJobRow,
    rules: readonly IdentifiedRule[],
    now: Date,
  ): Promise<number> {
    const known = this.#of(populationJobId);
    if (known === null) return bucketCount - 1;
    if (known !== undefined && nextBucket <= known.range.lastBucket) return known.range.lastBucket;
    this.#last = undefined;
    const [only, second] = rules;
    const sql =
      only === undefined || second !== undefined || !isOfProfile(only) ? undefined : sqlOf(only.rule, now);
    if (only === undefined || sql?.isExact !== true) return bucketCount - 1;
    const scanId = randomUUID();
    await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      await beginScan(trx, scanId, populationJobId);
    });
    const share = mostProfiles / Math.max(mostProfiles, await estimateProfiles(pool));
    const width = Math.max(1, Math.floor(bucketCount * share));
    const range = { firstBucket: nextBucket, lastBucket: Math.min(nextBucket + width, bucketCount) - 1 };
    const found = await transaction(pool, (trx) => scanMembers(trx, sql, range));
    this.#last = { populationJobId, scan: { scanId, text: only.rule.text, range, found } };
    return range.lastBucket;
  }

  /** What was found in a range, as SQL; undefined where nothing was read ahead that still holds. */
  async read(
    trx: Trx,
    { populationJobId }: PopulationJobRow,
    { rule }: IdentifiedRule,
    range: BucketRange,
  ): Promise<RuleSql | undefined> {
    const scan = this.#of(populationJobId);
    if (scan === null || scan === undefined) return undefined;
    if (scan.text !== rule.text || !(await isScanCurrent(trx, scan.scanId))) {
      this.#last = { populationJobId, scan: null };
      return undefined;
    }
    const isInside = scan.range.firstBucket <= range.firstBucket && range.lastBucket <= scan.range.lastBucket;
    return isInside ? scannedSql(scan.found, range) : undefined;
  }

  /** In the transaction that ends the job. */
  async end(trx: Trx, { populationJobId }: PopulationJobRow): Promise<void> {
    const scan = this.#of(populationJobId);
    this.#last = undefined;
    if (scan !== null && scan !== undefined) await endScan(trx, scan.scanId);
  }

  /** Gives up what is in memory: the job goes on no more, or reads again. */
  forget(): void {
    this.#last = undefined;
  }

  #of = (populationJobId: string): Scan | null | undefined =>
    this.#last?.populationJobId === populationJobId ? this.#last.scan : undefined;
}

/** Nothing but a change of the profile itself changes what the rule says of it. */
const isOfProfile = ({ rule: { timing, reads } }: IdentifiedRule): boolean =>
  !timing.byInstant && !timing.byCalendar && reads.segments.length === 0;
