import { type Db, maybeRow, type Trx } from './database.ts';

/** When every published segment is evaluated over everyone. */
export type ScheduleRow = {
  /** Five fields, in UTC. */
  readonly cron: string;
  readonly state: 'active' | 'inactive';
  /** What was due until then has begun, or is not made up. */
  readonly lookedAt: Date;
};

export function readScheduleRow(db: Db): Promise<ScheduleRow | undefined> {
  return maybeRow(db, 'select cron, state, looked_at as "lookedAt" from segment_schedule');
}

export async function writeScheduleRow(trx: Trx, { cron, state, lookedAt }: ScheduleRow): Promise<void> {
  await trx.query(
    `insert into segment_schedule (cron, state, looked_at) values ($1, $2, $3)
     on conflict (is_only) do update
     set cron = excluded.cron, state = excluded.state, looked_at = excluded.looked_at`,
    [cron, state, lookedAt],
  );
}
