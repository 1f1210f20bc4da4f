import type pg from 'pg';
import { transaction } from './database.ts';
import { deleteOldRuns } from './dataflow-runs.ts';
import { readEventRetentions } from './datasets.ts';
import { lockProfileWrites } from './locks.ts';
import { maintainMonths, monthAt } from './month-partitions.ts';

const partitionLock = 0x50_41_52_54; // "PART"
const dayMs = 86_400_000;
/** What became of records is kept for three whole months and the present one: longer than the runs it explains. */
const outcomeMonthsKept = 3;
const historyDaysKept = 90;
/** Events older than this share the default partition. */
const eventMonthsBack = 36;

/**
 * Makes the monthly partitions that are due and drops those past their time: of the history of records at
 * destinations, with the runs that it explains, of the history of profiles, and of events as far as every event
 * dataset's retention allows it, once they have expired one by one, so that rules heard of it. To be called daily.
 */
export async function maintainPartitions(pool: pg.Pool, now: Date): Promise<void> {
  await transaction(pool, async (trx) => {
    await trx.query('select pg_advisory_xact_lock($1)', [partitionLock]);
    await lockProfileWrites(trx);
    await maintainMonths(
      trx,
      { name: 'delivery_outcome', column: 'settled_at', keepSince: monthAt(now, -outcomeMonthsKept) },
      now,
    );
    await deleteOldRuns(trx, daysBefore(now, historyDaysKept));
    await maintainMonths(
      trx,
      { name: 'profile_change', column: 'at', keepSince: daysBefore(now, historyDaysKept) },
      now,
    );
    await maintainMonths(
      trx,
      { name: 'segment_membership_change', column: 'at', keepSince: daysBefore(now, historyDaysKept) },
      now,
    );
    const keepSince = retentionEnd(await readEventRetentions(trx), now);
    const back = monthAt(now, -eventMonthsBack);
    const since = keepSince !== undefined && keepSince > back ? keepSince : back;
    await maintainMonths(
      trx,
      { name: 'profile_event', column: 'at', since, keepSince, isOnlyDroppedEmpty: true },
      now,
    );
  });
}

/** Before it no dataset keeps events; undefined when one keeps them for ever, or none is there. */
function retentionEnd(
  datasets: readonly { readonly retentionDays: number | null }[],
  now: Date,
): Date | undefined {
  const days = datasets.map(({ retentionDays }) => retentionDays ?? Number.POSITIVE_INFINITY);
  const longest = Math.max(...days);
  return Number.isFinite(longest) ? daysBefore(now, longest) : undefined;
}

export const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - days * dayMs);
