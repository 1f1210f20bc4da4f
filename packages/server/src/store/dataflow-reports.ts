import { bucketOf } from '@headrace/core';
import { type Db, maybeRow, rows } from './database.ts';
import { isGoing } from './delivery-dataflows.ts';
import { type SupersededRecord, supersededRecords } from './match-claims.ts';

export type DataflowCounts = {
  readonly members: number;
  readonly pending: number;
  readonly activated: number;
  readonly excluded: number;
  readonly failed: number;
};

/**
 * Where the members of a dataflow stand: members = pending + activated + excluded + failed. Members of a new
 * activation that are not marked yet count as pending.
 */
export async function countDataflowMembers(db: Db, dataflowId: string): Promise<DataflowCounts> {
  const counts = await maybeRow<DataflowCounts>(
    db,
    `with marked as (
       select count(*) as members, count(*) filter (where status = 'activated') as activated,
         count(*) filter (where status = 'excluded') as excluded,
         count(*) filter (where status = 'failed') as failed
       from export_state where dataflow_id = $1 and member
     ), unmarked as (
       select count(distinct m.profile_id) as members
       from activation a join segment_membership m using (segment_id)
       where a.dataflow_id = $1 and a.backfilled_at is null and m.status <> 'exited'
         and ${isGoing('now()')}
         and not exists (select from export_state e
           where e.bucket = m.bucket and e.dataflow_id = $1 and e.profile_id = m.profile_id and e.member)
     )
     select marked.members + unmarked.members as members, activated, excluded, failed,
       marked.members + unmarked.members - activated - excluded - failed as pending
     from marked, unmarked`,
    [dataflowId],
  );
  return counts ?? { members: 0, pending: 0, activated: 0, excluded: 0, failed: 0 };
}

export type DataflowReason = {
  readonly status: 'excluded' | 'failed' | 'pending';
  readonly code: string;
  readonly count: number;
  /** One of the messages that came with the code. */
  readonly message: string | null;
};

/** Why members are not at the destination, most frequent first; of pending ones only those that wait for a retry. */
export function readDataflowReasons(db: Db, dataflowId: string): Promise<DataflowReason[]> {
  return rows(
    db,
    `select status, coalesce(code, 'unknown') as code, count(*) as count, min(message) as message
     from export_state
     where dataflow_id = $1 and member
       and (status in ('excluded', 'failed') or (status = 'pending' and attempts > 0 and code is not null))
     group by 1, 2 order by 3 desc, 1, 2`,
    [dataflowId],
  );
}

/** Where a profile stands at a dataflow. */
export type ExportStanding = {
  readonly status: 'pending' | 'activated' | 'excluded' | 'failed' | 'exited';
  readonly code: string | null;
  readonly message: string | null;
  readonly recordId: string | null;
  /** Kept for it, but written no longer. */
  readonly supersededRecords: readonly SupersededRecord[];
  readonly attempts: number;
  readonly dueAt: Date | null;
  readonly settledAt: Date | null;
};
export type DataflowRecord = ExportStanding & { readonly profileId: string };

/**
 * Profiles of a dataflow in the order of the primary key (bucket, then profile id), a page at a time: a page
 * costs the same however many there are.
 */
export function readDataflowRecords(
  db: Db,
  page: {
    readonly dataflowId: string;
    readonly status: string | undefined;
    readonly code: string | undefined;
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<DataflowRecord[]> {
  return rows(
    db,
    `select e.profile_id as "profileId", e.status, e.code, e.message, e.record_id as "recordId", e.attempts,
       e.due_at as "dueAt", e.settled_at as "settledAt",
       ${supersededRecords} as "supersededRecords"
     from export_state e join dataflow d using (dataflow_id)
     where e.dataflow_id = $1 and e.source_profile_id is null and ($2::text is null or e.status = $2) and ($3::text is null or e.code = $3)
       and e.bucket >= $4 and (e.bucket > $4 or $5::uuid is null or e.profile_id > $5)
     order by e.bucket, e.profile_id limit $6`,
    [
      page.dataflowId,
      page.status ?? null,
      page.code ?? null,
      page.after === undefined ? 0 : bucketOf(page.after),
      page.after ?? null,
      page.limit,
    ],
  );
}
