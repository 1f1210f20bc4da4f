import { bucketOf, exclusionReasons } from '@headrace/core';
import { rows, type Trx } from './database.ts';
import { type Settlement, settle } from './delivery-settlements.ts';

export type ProfileMove = { readonly from: string; readonly into: string };

type MovedExport = {
  dataflowId: string;
  profileId: string;
  status: string;
  wantedSeq: number;
  inFlight: string | null;
  holdUntil: Date | null;
  recordId: string | null;
};

/**
 * What destinations were given for profiles that were merged into others. The ledger outlives the profile: rows of
 * `from` stay, no longer members. A record they keep goes on under `into`; a request of theirs still in flight
 * holds `into` back until it can no longer be running.
 */
export async function mergeExports(trx: Trx, moves: readonly ProfileMove[], now: Date): Promise<void> {
  if (moves.length === 0) return;
  await moveMatchClaims(trx, moves);
  const into = new Map(moves.map((move) => [move.from, move.into]));
  const exports = await rows<MovedExport>(
    trx,
    `select e.dataflow_id as "dataflowId", e.profile_id as "profileId", e.status, e.wanted_seq as "wantedSeq",
       e.in_flight as "inFlight", e.record_id as "recordId",
       greatest(e.hold_until, case when e.in_flight is not null then e.due_at end) as "holdUntil"
     from export_state e
     join unnest($1::smallint[], $2::uuid[]) as gone (bucket, profile_id) using (bucket, profile_id)
     order by e.bucket, e.dataflow_id, e.profile_id
     for update of e`,
    [moves.map((move) => bucketOf(move.from)), moves.map((move) => move.from)],
  );
  for (const row of exports) {
    const survivor = into.get(row.profileId);
    if (survivor === undefined) continue;
    await trx.query(
      // What its record holds is the survivor's to change from now on: after a split it is to be written again.
      `update export_state set member = false, wanted_seq = wanted_seq + 1, sent_hash = null,
         status = case when status = 'pending' then status else 'exited' end
       where bucket = $1 and dataflow_id = $2 and profile_id = $3`,
      [bucketOf(row.profileId), row.dataflowId, row.profileId],
    );
    const isUnsent = row.status === 'pending' && row.inFlight === null;
    if (isUnsent) await settle(trx, row.dataflowId, [mergedAway(row)], now);
    if (row.recordId === null && row.holdUntil === null) continue;
    await trx.query(
      `insert into export_state
         (bucket, dataflow_id, profile_id, member, status, wanted_seq, record_id, hold_until)
       values ($1, $2, $3, false, 'exited', 0, $4, $5)
       on conflict (bucket, dataflow_id, profile_id) do update
       set record_id = coalesce(export_state.record_id, excluded.record_id),
         hold_until = greatest(export_state.hold_until, excluded.hold_until)`,
      [bucketOf(survivor), row.dataflowId, survivor, row.recordId, row.holdUntil],
    );
  }
}

const mergedAway = (row: MovedExport): Settlement => ({
  profileId: row.profileId,
  seq: row.wantedSeq + 1,
  inFlight: null,
  result: {
    kind: 'settled',
    status: 'exited',
    code: 'profile_merged',
    message: exclusionReasons.profile_merged.meaning,
    recordId: null,
    sentHash: null,
    matchKey: null,
    created: null,
  },
});

/** Keys of `from` are kept by `into`. */
async function moveMatchClaims(trx: Trx, moves: readonly ProfileMove[]): Promise<void> {
  await trx.query(
    `update match_claim c set bucket = move.into_bucket, profile_id = move.into_id
     from unnest($1::smallint[], $2::uuid[], $3::smallint[], $4::uuid[])
       as move (from_bucket, from_id, into_bucket, into_id)
     where c.bucket = move.from_bucket and c.profile_id = move.from_id`,
    [
      moves.map((move) => bucketOf(move.from)),
      moves.map((move) => move.from),
      moves.map((move) => bucketOf(move.into)),
      moves.map((move) => move.into),
    ],
  );
}

/**
 * What destinations were given for profiles that got their former id back by a split: keys under which a record of
 * theirs is kept are theirs again.
 */
export async function splitExports(trx: Trx, moves: readonly ProfileMove[]): Promise<void> {
  if (moves.length === 0) return;
  await trx.query(
    `update match_claim c set bucket = move.into_bucket, profile_id = move.into_id
     from unnest($1::smallint[], $2::uuid[], $3::smallint[], $4::uuid[])
       as move (from_bucket, from_id, into_bucket, into_id)
     join export_state e on e.bucket = move.into_bucket and e.profile_id = move.into_id
     join dataflow d on d.dataflow_id = e.dataflow_id
     where c.bucket = move.from_bucket and c.profile_id = move.from_id
       and c.account_id = d.account_id and c.record_id = e.record_id`,
    [
      moves.map((move) => bucketOf(move.from)),
      moves.map((move) => move.from),
      moves.map((move) => bucketOf(move.into)),
      moves.map((move) => move.into),
    ],
  );
}
