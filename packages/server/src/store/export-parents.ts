import { hash } from 'node:crypto';
import { bucketOf } from '@headrace/core';
import { bareArray } from './array-parameters.ts';
import { preparedRows, rows, type Trx } from './database.ts';
import type { ExportKey } from './export-marks.ts';
import { uuidOf } from './uuid-of.ts';

/** The id of the row of a record that profiles belong to: made of its key, so that all of them find one row. */
export const parentIdOf = (record: { readonly object: string; readonly matchKey: string }): string =>
  uuidOf(hash('sha256', `${record.object} ${record.matchKey}`, 'hex'));

/** How far a record that profiles belong to is. */
export type ParentRow = {
  readonly recordId: string | null;
  readonly sentHash: string | null;
  readonly status: string;
  readonly isInFlight: boolean;
  readonly sourceProfileId: string;
  readonly code: string | null;
  readonly message: string | null;
};

/** Rows of parents by id. */
export async function readParents(
  trx: Trx,
  dataflowId: string,
  parentIds: readonly string[],
): Promise<Map<string, ParentRow>> {
  const found = await preparedRows<ParentRow & { parentId: string }>(
    trx,
    `select e.profile_id as "parentId", e.record_id as "recordId", e.sent_hash as "sentHash", e.status,
       e.in_flight is not null as "isInFlight", e.source_profile_id as "sourceProfileId", e.code, e.message
     from export_state e
     join unnest($2::smallint[], $3::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)
     where e.dataflow_id = $1`,
    [dataflowId, bareArray(parentIds.map(bucketOf)), bareArray(parentIds)],
  );
  return new Map(found.map(({ parentId, ...row }) => [parentId, row]));
}

/** Marks records that profiles belong to due: from now on what they hold is what one of the profiles says. */
export async function markParentsWanted(
  trx: Trx,
  dataflowId: string,
  wanted: readonly { readonly parentId: string; readonly sourceProfileId: string }[],
  now: Date,
): Promise<void> {
  if (wanted.length === 0) return;
  await trx.query(
    `insert into export_state
       (bucket, dataflow_id, profile_id, member, status, wanted_seq, due_at, pending_since, source_profile_id)
     select bucket, $1, parent_id, false, 'pending', 1, $5, $5, source_id
     from unnest($2::smallint[], $3::uuid[], $4::uuid[]) as w (bucket, parent_id, source_id)
     on conflict (bucket, dataflow_id, profile_id) do update
     set source_profile_id = excluded.source_profile_id, status = 'pending',
       wanted_seq = export_state.wanted_seq + 1, attempts = 0,
       due_at = case when export_state.in_flight is null then excluded.due_at else export_state.due_at end,
       pending_since = coalesce(export_state.pending_since, excluded.pending_since)`,
    [
      dataflowId,
      wanted.map(({ parentId }) => bucketOf(parentId)),
      wanted.map(({ parentId }) => parentId),
      wanted.map(({ sourceProfileId }) => sourceProfileId),
      now,
    ],
  );
}

/** Rows that waited for a record they belong to are due: it is there, or will not be. */
export async function wakeChildren(
  trx: Trx,
  dataflowId: string,
  parentIds: readonly string[],
  now: Date,
): Promise<void> {
  await trx.query(
    `update export_state set due_at = $3
     where dataflow_id = $1 and parent_id = any($2) and code = 'parent_pending' and status = 'pending'
       and in_flight is null`,
    [dataflowId, parentIds, now],
  );
}

/** Members that failed since the record they belong to did. */
export function findFailedChildren(
  trx: Trx,
  dataflowId: string,
  parentIds: readonly string[],
): Promise<ExportKey[]> {
  return rows(
    trx,
    `select dataflow_id as "dataflowId", profile_id as "profileId" from export_state
     where dataflow_id = $1 and parent_id = any($2) and code = 'parent_failed' and status = 'failed' and member`,
    [dataflowId, parentIds],
  );
}
