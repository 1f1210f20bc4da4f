import { runHourOf } from '@headrace/core';
import { type Db, preparedRows, type Trx } from './database.ts';

export type SettledStatus = 'activated' | 'excluded' | 'failed';

/** Adds changes that became due now to the current run of each dataflow. */
export async function countReceived(
  trx: Trx,
  received: ReadonlyMap<string, number>,
  now: Date,
): Promise<void> {
  const entries = [...received].filter(([, count]) => count > 0).sort();
  if (entries.length === 0) return;
  await preparedRows(
    trx,
    `insert into dataflow_run (dataflow_id, started_at, received)
     select dataflow_id, $3, received from unnest($1::uuid[], $2::bigint[]) as run (dataflow_id, received)
     on conflict (dataflow_id, started_at) do update set received = dataflow_run.received + excluded.received`,
    [entries.map(([dataflowId]) => dataflowId), entries.map(([, count]) => count), runHourOf(now)],
  );
}

/** Adds final outcomes to the runs in which their changes became due; those runs exist by then. */
export async function countSettled(
  trx: Trx,
  dataflowId: string,
  settled: readonly { readonly pendingSince: Date; readonly status: SettledStatus }[],
  now: Date,
): Promise<void> {
  const byHour = new Map<number, Record<SettledStatus, number>>();
  for (const { pendingSince, status } of settled) {
    const hour = runHourOf(pendingSince).getTime();
    const counts = byHour.get(hour) ?? { activated: 0, excluded: 0, failed: 0 };
    counts[status] += 1;
    byHour.set(hour, counts);
  }
  const hours = [...byHour].sort(([a], [b]) => a - b);
  if (hours.length === 0) return;
  await preparedRows(
    trx,
    `update dataflow_run r
     set activated = r.activated + s.activated, excluded = r.excluded + s.excluded, failed = r.failed + s.failed,
       settled_at = greatest(r.settled_at, $6)
     from unnest($2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[])
       as s (started_at, activated, excluded, failed)
     where r.dataflow_id = $1 and r.started_at = s.started_at`,
    [
      dataflowId,
      hours.map(([hour]) => new Date(hour)),
      hours.map(([, counts]) => counts.activated),
      hours.map(([, counts]) => counts.excluded),
      hours.map(([, counts]) => counts.failed),
      now,
    ],
  );
}

/** Deletes runs that began before an instant and go on no longer. */
export async function deleteOldRuns(db: Db, before: Date): Promise<void> {
  await db.query(
    'delete from dataflow_run where started_at < $1 and received = activated + excluded + failed',
    [before],
  );
}
