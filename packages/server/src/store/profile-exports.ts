import { bucketOf } from '@headrace/core';
import { type Db, rows } from './database.ts';
import type { ExportStanding } from './dataflow-reports.ts';
import { supersededRecords } from './match-claims.ts';

export type ProfileExport = ExportStanding & {
  readonly dataflowId: string;
  readonly name: string;
  /** Activated segments that the profile is in now. */
  readonly segmentIds: readonly string[];
};

/**
 * Where a profile stands at each dataflow that keeps it, has kept it or will: a member of a new activation that is
 * not marked yet counts as pending.
 */
export function readProfileExports(db: Db, profileId: string): Promise<ProfileExport[]> {
  return rows(
    db,
    `select d.dataflow_id as "dataflowId", d.name, s.segment_ids as "segmentIds",
       coalesce(e.status, 'pending') as status, e.code, e.message, e.record_id as "recordId",
       ${supersededRecords} as "supersededRecords",
       coalesce(e.attempts, 0) as attempts, e.due_at as "dueAt", e.settled_at as "settledAt"
     from dataflow d
     cross join lateral (
       select coalesce(array_agg(a.segment_id order by a.segment_id), '{}') as segment_ids
       from activation a
       join segment_membership m on m.bucket = $1 and m.profile_id = $2 and m.segment_id = a.segment_id
       where a.dataflow_id = d.dataflow_id and m.status <> 'exited'
     ) as s
     left join export_state e on e.bucket = $1 and e.dataflow_id = d.dataflow_id and e.profile_id = $2
     where e.profile_id is not null or cardinality(s.segment_ids) > 0
     order by d.name`,
    [bucketOf(profileId), profileId],
  );
}
