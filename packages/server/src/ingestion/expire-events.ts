import { bucketCount } from '@headrace/core';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import { deleteKeptRecords } from '../store/dataset-records.ts';
import { readEventRetentions } from '../store/datasets.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { daysBefore } from '../store/maintain-partitions.ts';
import { listMonths } from '../store/month-partitions.ts';
import { deleteEventsBefore } from '../store/profile-events.ts';

/** Events deleted in one transaction: ingestion waits no longer than that, and evaluating whose they were, takes. */
const stepEvents = 1_000;
const stepBuckets = 64;

/** Profiles that lost events, all of before an instant. */
export type ExpiredEvents = { readonly profileIds: readonly string[]; readonly before: Date };

/** Hears of expired events inside the transaction that deletes them. */
export type ExpiryListener = (trx: Trx, expired: ExpiredEvents, now: Date) => Promise<void>;

/**
 * Deletes events past the retention of their dataset, in bounded steps beside ingestion. The links they made stay:
 * who is who does not change by events growing old. Stopped half-way, the next call goes on.
 * @returns how many events were deleted.
 */
export async function expireEvents(options: {
  readonly pool: pg.Pool;
  readonly onExpired: ExpiryListener;
  readonly onCommit: () => void;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { pool, onExpired, onCommit, now, signal } = options;
  let expired = 0;
  for (const { datasetId, retentionDays } of await readEventRetentions(pool)) {
    if (retentionDays === null) continue;
    const before = daysBefore(now(), retentionDays);
    for (const { name, month } of await listMonths(pool, 'profile_event')) {
      if (month !== undefined && month >= before) continue;
      for (let deleted = stepEvents; deleted === stepEvents && !signal.aborted; expired += deleted) {
        deleted = await transaction(pool, async (trx) => {
          await lockProfileWrites(trx);
          const gone = await deleteEventsBefore(trx, name, datasetId, before, stepEvents);
          if (gone.length > 0) await onExpired(trx, { profileIds: [...new Set(gone)], before }, now());
          return gone.length;
        });
        if (deleted > 0) onCommit();
      }
    }
    for (let firstBucket = 0; firstBucket < bucketCount && !signal.aborted; firstBucket += stepBuckets)
      expired += await transaction(pool, async (trx) => {
        await lockProfileWrites(trx);
        const lastBucket = firstBucket + stepBuckets - 1;
        return deleteKeptRecords(trx, datasetId, { firstBucket, lastBucket, before });
      });
  }
  return expired;
}
