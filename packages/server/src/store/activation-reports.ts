import type { BucketRange } from '@headrace/core';
import { type Db, rows } from './database.ts';
import { type ActivationOptions, isGoing } from './delivery-dataflows.ts';

export type ActivationRow = ActivationOptions & {
  readonly segmentId: string;
  readonly name: string;
  readonly activatedAt: Date;
  readonly backfilledAt: Date | null;
  /** Members of the segment now, by the counters that the segment itself shows; 0 unless the activation is going on. */
  readonly profiles: number;
};

/** The activations of a dataflow, by name of the segment. */
export function readActivationRows(db: Db, dataflowId: string): Promise<ActivationRow[]> {
  return rows(
    db,
    `select a.segment_id as "segmentId", s.name, a.activated_at as "activatedAt",
       a.backfilled_at as "backfilledAt", a.mapping_id as "mappingId", a.on_exit as "onExit",
       a.starts_at as "startsAt", a.ends_at as "endsAt",
       case when ${isGoing('now()')} then (select coalesce(sum(entered - "left"), 0)::bigint from segment_count c
         where c.segment_id = a.segment_id) else 0 end as profiles
     from activation a join segment s using (segment_id)
     where a.dataflow_id = $1 order by s.name`,
    [dataflowId],
  );
}

/** Members of an activated segment that stand alike. */
export type MemberStanding = {
  readonly segmentId: string;
  readonly status: 'pending' | 'activated' | 'excluded' | 'failed';
  /** Why they are not at the destination; null where there is nothing to say. */
  readonly code: string | null;
  readonly count: number;
  /** One of the messages that came with the code. */
  readonly message: string | null;
  /** When one of them was last activated. */
  readonly activatedAt: Date | null;
};

/**
 * How the members of the segments activated now stand in a range of buckets: each member counts in each of its segments,
 * and as pending where it is not marked yet.
 */
export function readMemberStandings(
  db: Db,
  dataflowId: string,
  { firstBucket, lastBucket }: BucketRange,
): Promise<MemberStanding[]> {
  return rows(
    db,
    `select m.segment_id as "segmentId", coalesce(e.status, 'pending') as status,
       case when e.status in ('excluded', 'failed') then coalesce(e.code, 'unknown')
         when e.status = 'pending' and e.attempts > 0 then e.code end as code,
       count(*) as count, min(e.message) filter (where e.status <> 'activated') as message,
       max(e.settled_at) filter (where e.status = 'activated') as "activatedAt"
     from segment_membership m
     left join export_state e on e.bucket = m.bucket and e.dataflow_id = $1 and e.profile_id = m.profile_id
       and e.member and e.bucket between $2 and $3
     where m.segment_id in (select segment_id from activation where dataflow_id = $1 and ${isGoing('now()')}) and m.status <> 'exited'
       and m.bucket between $2 and $3
     group by 1, 2, 3`,
    [dataflowId, firstBucket, lastBucket],
  );
}
