import { hash } from 'node:crypto';
import { type BucketRange, bucketOf } from '@headrace/core';
import { preparedRows, type Trx } from './database.ts';
import type { DueRow, SentHashes } from './delivery-claims.ts';
import { uuidOf } from './uuid-of.ts';

/** A record that its row goes on without. */
export type LeftRecord = {
  readonly object: string;
  readonly recordId: string;
  /** What it was told; null where an answer was lost, so that it may be anything. */
  readonly sent: SentHashes | null;
  /** The profile it was written for, or the one which that was merged into. */
  readonly sourceProfileId: string;
};

/** The id of the row of a record that was left behind: made of the record's, so that it has one row. */
export const leftIdOf = ({ object, recordId }: Pick<LeftRecord, 'object' | 'recordId'>): string =>
  uuidOf(hash('sha256', `left ${object} ${recordId}`, 'hex'));

/**
 * Marks records due that a dataflow may have left behind; whether somebody is kept in them all the same is decided when
 * they are looked at. Marks nothing where the dataflow tells its destination of no memberships.
 */
export async function markLeft(
  trx: Trx,
  dataflowId: string,
  left: readonly LeftRecord[],
  now: Date,
): Promise<void> {
  const byId = new Map(left.map((record) => [leftIdOf(record), record]));
  if (byId.size === 0) return;
  const records = [...byId.values()];
  // Its id stands for its key, which is a person's and may be another's by the time it is told.
  await preparedRows(
    trx,
    `insert into export_state (bucket, dataflow_id, profile_id, left_behind, source_profile_id, member, status,
       wanted_seq, due_at, pending_since, object, match_key, record_id, sent)
     select l.bucket, d.dataflow_id, l.left_id, true, l.source_id, false, 'pending', 1, $8, $8, l.object, l.record_id,
       l.record_id, nullif(l.sent, 'null')::jsonb
     from dataflow d, unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[])
       as l (bucket, left_id, source_id, object, record_id, sent)
     where d.dataflow_id = $1 and d.tells_memberships and d.deleting_at is null
     on conflict (bucket, dataflow_id, profile_id) do update
     set source_profile_id = excluded.source_profile_id, record_id = excluded.record_id, status = 'pending',
       sent = export_state.sent || excluded.sent, wanted_seq = export_state.wanted_seq + 1, attempts = 0,
       due_at = case when export_state.in_flight is null then excluded.due_at else export_state.due_at end,
       pending_since = coalesce(export_state.pending_since, excluded.pending_since)`,
    [
      dataflowId,
      [...byId.keys()].map(bucketOf),
      [...byId.keys()],
      records.map(({ sourceProfileId }) => sourceProfileId),
      records.map(({ object }) => object),
      records.map(({ recordId }) => recordId),
      records.map(({ sent }) => JSON.stringify(sent)),
      now,
    ],
  );
}

/** Marks records due that a dataflow left behind, in a range of buckets, to be told once more that their people have left. */
export async function markLeftAgain(
  trx: Trx,
  { dataflowId, firstBucket, lastBucket }: BucketRange & { readonly dataflowId: string },
  now: Date,
): Promise<void> {
  await trx.query(
    `update export_state
     set status = 'pending', wanted_seq = wanted_seq + 1, attempts = 0,
       due_at = case when in_flight is null then $2 else due_at end, pending_since = coalesce(pending_since, $2)
     where dataflow_id = $1 and bucket between $3 and $4 and left_behind and record_id is not null`,
    [dataflowId, now, firstBucket, lastBucket],
  );
}

/** Who is kept in a record, and how that profile's own row of the dataflow stands. */
export type RecordKeeper = {
  readonly profileId: string;
  readonly matchKey: string;
  /** Null where the dataflow has no row of the profile. */
  readonly row: (Pick<DueRow, 'member' | 'recordId'> & { readonly isPending: boolean }) | null;
};

/** Who is kept in each of the given records: record id → keeper. */
export async function findRecordKeepers(
  trx: Trx,
  scope: { readonly accountId: string; readonly dataflowId: string; readonly object: string },
  recordIds: readonly string[],
): Promise<Map<string, RecordKeeper>> {
  if (recordIds.length === 0) return new Map();
  const found = await preparedRows<{ keptId: string } & RecordKeeper>(
    trx,
    `select kept.record_id as "keptId", c.profile_id as "profileId", c.match_key as "matchKey",
       case when e.profile_id is not null then json_build_object('member', e.member, 'recordId', e.record_id,
         'isPending', e.status = 'pending') end as row
     from unnest($4::text[]) as kept (record_id)
     join match_claim c on c.account_id = $1 and c.object = $3 and c.record_id = kept.record_id
     left join export_state e on e.bucket = c.bucket and e.dataflow_id = $2 and e.profile_id = c.profile_id`,
    [scope.accountId, scope.dataflowId, scope.object, recordIds],
  );
  return new Map(found.map(({ keptId, ...keeper }) => [keptId, keeper]));
}

/** Whether a record that is kept for one of the profiles is being told, or may be, that its person has left. */
export async function isLeftInFlightOf(trx: Trx, profileIds: readonly string[], now: Date): Promise<boolean> {
  const found = await preparedRows(
    trx,
    `select from unnest($1::smallint[], $2::uuid[]) as p (bucket, profile_id)
     join match_claim c using (bucket, profile_id)
     join dataflow d using (account_id)
     join export_state e on e.dataflow_id = d.dataflow_id and e.left_behind and e.record_id = c.record_id
     where e.in_flight is not null and (e.due_at > $3 or d.enabled) limit 1`,
    [profileIds.map(bucketOf), profileIds, now],
  );
  return found.length > 0;
}

/** Records that are being told at this moment, or may be, that their person has left. */
export async function findLeftInFlight(trx: Trx, dataflowId: string, object: string): Promise<Set<string>> {
  const found = await preparedRows<{ recordId: string }>(
    trx,
    `select record_id as "recordId" from export_state
     where dataflow_id = $1 and left_behind and in_flight is not null and object = $2`,
    [dataflowId, object],
  );
  return new Set(found.map(({ recordId }) => recordId));
}
