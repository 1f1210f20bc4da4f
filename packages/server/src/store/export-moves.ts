import { bucketOf, type ExclusionReason, exclusionReasons } from '@headrace/core';
import { preparedRows, rows, type Trx } from './database.ts';
import type { SentHashes } from './delivery-claims.ts';
import { type Settlement, settle } from './delivery-settlements.ts';
import { markLeft } from './left-records.ts';

export type ProfileMove = { readonly from: string; readonly into: string };

type MovedExport = {
  dataflowId: string;
  profileId: string;
  status: string;
  wantedSeq: number;
  inFlight: string | null;
  holdUntil: Date | null;
  heldBy: string | null;
  object: string | null;
  recordId: string | null;
};
type LeavingExport = Pick<MovedExport, 'dataflowId' | 'profileId' | 'object' | 'recordId'> & {
  readonly sent: SentHashes | null;
};

/**
 * What destinations were given for profiles that were merged into others. The ledger outlives the profile: rows of
 * `from` stay, no longer members. A record they keep goes on under `into`, or is left behind; a request of theirs still
 * in flight holds `into` back until it was answered or can no longer be running.
 */
export async function mergeExports(trx: Trx, moves: readonly ProfileMove[], now: Date): Promise<void> {
  if (moves.length === 0) return;
  // A profile whose fragments went two ways goes on in the first.
  const into = new Map(moves.toReversed().map((move) => [move.from, move.into]));
  const merged = [...into].map(([from, survivor]) => ({ from, into: survivor }));
  await moveMatchClaims(trx, merged);
  const exports = await rows<MovedExport & LeavingExport & { member: boolean }>(
    trx,
    `select e.dataflow_id as "dataflowId", e.profile_id as "profileId", e.status, e.wanted_seq as "wantedSeq", e.member,
       e.in_flight as "inFlight", e.object, e.record_id as "recordId", e.sent, coalesce(e.in_flight, e.held_by) as "heldBy",
       greatest(e.hold_until, case when e.in_flight is not null then e.due_at end) as "holdUntil"
     from export_state e
     join unnest($1::smallint[], $2::uuid[]) as gone (bucket, profile_id) using (bucket, profile_id)
     order by e.bucket, e.dataflow_id, e.profile_id
     for update of e`,
    [merged.map(({ from }) => bucketOf(from)), merged.map(({ from }) => from)],
  );
  for (const row of exports) {
    const survivor = into.get(row.profileId);
    if (survivor === undefined) continue;
    // What the record holds is the survivor's affair from now on, so what was sent last says nothing any more.
    await trx.query(
      `update export_state set member = false, wanted_seq = wanted_seq + 1, sent_hash = null,
         status = case when status = 'pending' then status else 'exited' end,
         code = case when status = 'pending' then code else 'profile_merged' end,
         message = case when status = 'pending' then message end
       where bucket = $1 and dataflow_id = $2 and profile_id = $3`,
      [bucketOf(row.profileId), row.dataflowId, row.profileId],
    );
    const isUnsent = row.status === 'pending' && row.inFlight === null;
    if (isUnsent) {
      const gone = { profileId: row.profileId, wantedSeq: row.wantedSeq + 1 };
      await settle(trx, row.dataflowId, [withoutSending(gone, 'profile_merged')], now);
    }
    // What is in flight is looked at once it was answered.
    if (row.inFlight === null && (row.member || row.status === 'pending'))
      await leaveRecord(trx, { ...row, profileId: survivor }, now);
    if (row.recordId === null && row.holdUntil === null) continue;
    await holdBack(trx, { ...row, profileId: survivor });
  }
}

/** Has a record looked at, should nobody go on in it. */
async function leaveRecord(
  trx: Trx,
  { dataflowId, profileId: sourceProfileId, object, recordId, sent }: LeavingExport,
  now: Date,
): Promise<void> {
  if (object === null || recordId === null) return;
  await markLeft(trx, dataflowId, [{ object, recordId, sent, sourceProfileId }], now);
}

/** Settles a row that is not in flight and whose profile is gone. */
export const withoutSending = (
  row: { readonly profileId: string; readonly wantedSeq: number },
  reason: ExclusionReason,
): Settlement => ({
  profileId: row.profileId,
  seq: row.wantedSeq,
  inFlight: null,
  result: {
    kind: 'settled',
    status: 'exited',
    code: reason,
    message: exclusionReasons[reason].meaning,
    recordId: null,
    sentHash: null,
    matchKey: null,
    created: null,
  },
});

/**
 * Lets a row know a record, and holds it back until a request was answered; of two requests, for the whole time. One that
 * is in flight is read back as it was sent, so that what it made is found.
 */
async function holdBack(
  trx: Trx,
  row: Pick<MovedExport, 'dataflowId' | 'profileId' | 'object' | 'recordId' | 'holdUntil' | 'heldBy'>,
): Promise<void> {
  await trx.query(
    `insert into export_state
       (bucket, dataflow_id, profile_id, member, status, wanted_seq, record_id, hold_until, held_by, object)
     values ($1, $2, $3, false, 'exited', 0, $4, $5, $6, $7)
     on conflict (bucket, dataflow_id, profile_id) do update
     set record_id = case when export_state.in_flight is null then coalesce(export_state.record_id, excluded.record_id)
         else export_state.record_id end,
       object = case when export_state.in_flight is null and export_state.record_id is null
         then coalesce(excluded.object, export_state.object) else export_state.object end,
       sent = case when export_state.in_flight is null and export_state.record_id is null then null
         else export_state.sent end,
       hold_until = greatest(export_state.hold_until, excluded.hold_until),
       held_by = case when export_state.hold_until is null then excluded.held_by
         when excluded.hold_until is null then export_state.held_by end`,
    [
      bucketOf(row.profileId),
      row.dataflowId,
      row.profileId,
      row.recordId,
      row.holdUntil,
      row.heldBy,
      row.recordId && row.object,
    ],
  );
}

/** Keys of `from` are kept by `into`. */
async function moveMatchClaims(trx: Trx, moves: readonly ProfileMove[]): Promise<void> {
  await trx.query(
    `update match_claim c set bucket = move.into_bucket, profile_id = move.into_id
     from ${moveRows}
     where c.bucket = move.from_bucket and c.profile_id = move.from_id`,
    moveColumns(moves),
  );
}

/**
 * What destinations were given for profiles that parted. A profile that got its former id back gets back the key of
 * the record that was kept for it, or is being made for it; who goes on without that record falls back on another that
 * is kept for it. A request still in flight for the profile that goes on may be writing that very record.
 */
export async function splitExports(trx: Trx, moves: readonly ProfileMove[], now: Date): Promise<void> {
  if (moves.length === 0) return;
  await trx.query(
    `update match_claim c set bucket = move.into_bucket, profile_id = move.into_id
     from ${moveRows}
     join export_state e on e.bucket = move.into_bucket and e.profile_id = move.into_id
     join dataflow d on d.dataflow_id = e.dataflow_id
     where c.bucket = move.from_bucket and c.profile_id = move.from_id and c.account_id = d.account_id
       and (c.record_id = e.record_id
         or c.record_id is null and e.in_flight is not null and c.object = e.object and c.match_key = e.match_key)`,
    moveColumns(moves),
  );
  const left = await rows<LeavingExport>(
    trx,
    `with left_behind as (
       select distinct e.ctid as row_id, e.record_id, e.sent
       from ${moveRows}, export_state e, dataflow d
       where e.bucket = move.from_bucket and e.profile_id = move.from_id and d.dataflow_id = e.dataflow_id
         and e.in_flight is null and exists (select from match_claim c where c.account_id = d.account_id and c.object = e.object
           and c.record_id = e.record_id and c.profile_id <> e.profile_id))
     update export_state e
     set sent_hash = null, sent = null, record_id = (
       select min(own.record_id) from match_claim own
       where own.account_id = d.account_id and own.object = e.object
         and own.bucket = e.bucket and own.profile_id = e.profile_id)
     from left_behind, dataflow d
     where e.ctid = left_behind.row_id and d.dataflow_id = e.dataflow_id
     returning e.dataflow_id as "dataflowId", e.profile_id as "profileId", e.object, left_behind.record_id as "recordId",
       left_behind.sent`,
    moveColumns(moves),
  );
  // Whoever has the record now may be in no segment.
  for (const row of left) await leaveRecord(trx, row, now);
  const inFlight = await rows<MovedExport>(
    trx,
    `select e.dataflow_id as "dataflowId", move.into_id as "profileId", null as object, null as "recordId", e.due_at as "holdUntil",
       e.in_flight as "heldBy"
     from ${moveRows}
     join export_state e on e.bucket = move.from_bucket and e.profile_id = move.from_id
     where e.in_flight is not null`,
    moveColumns(moves),
  );
  for (const row of inFlight) await holdBack(trx, row);
  // What was sent of two people as one is of neither alone: who is deleted later would leave it behind.
  await trx.query(
    'update delivery_outcome set sent_values = null where profile_id = any($1) and sent_values is not null',
    [moves.map((move) => move.from)],
  );
}

/** A request was answered: nobody waits for it any longer. */
export async function releaseHolds(trx: Trx, dataflowId: string, batchId: string): Promise<void> {
  await preparedRows(
    trx,
    'update export_state set hold_until = null, held_by = null where dataflow_id = $1 and held_by = $2',
    [dataflowId, batchId],
  );
}

/** What lost requests hold back is held back by the batches that read them back. */
export async function passHoldsOn(
  trx: Trx,
  dataflowId: string,
  readBack: readonly { readonly profileId: string; readonly batchId: string }[],
): Promise<void> {
  if (readBack.length === 0) return;
  await preparedRows(
    trx,
    `update export_state held set held_by = again.batch_id
     from unnest($2::smallint[], $3::uuid[], $4::uuid[]) as again (bucket, profile_id, batch_id)
     join export_state lost on lost.bucket = again.bucket and lost.dataflow_id = $1 and lost.profile_id = again.profile_id
     where held.dataflow_id = $1 and held.held_by = lost.in_flight`,
    [
      dataflowId,
      readBack.map(({ profileId }) => bucketOf(profileId)),
      readBack.map(({ profileId }) => profileId),
      readBack.map(({ batchId }) => batchId),
    ],
  );
}

const moveRows = `unnest($1::smallint[], $2::uuid[], $3::smallint[], $4::uuid[])
  as move (from_bucket, from_id, into_bucket, into_id)`;
const moveColumns = (moves: readonly ProfileMove[]): unknown[] => [
  moves.map((move) => bucketOf(move.from)),
  moves.map((move) => move.from),
  moves.map((move) => bucketOf(move.into)),
  moves.map((move) => move.into),
];
