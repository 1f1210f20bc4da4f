import { bucketOf, compareText } from '@headrace/core';
import { preparedRows, type Trx } from './database.ts';
import { countReceived } from './dataflow-runs.ts';
import { findWaitingForProfiles } from './match-claims.ts';

/** One profile at one dataflow. */
export type ExportKey = { readonly dataflowId: string; readonly profileId: string };

/**
 * Marks members due: what their destination should hold has changed. Several changes before delivery stay one
 * pending change, counted once as received.
 */
export async function markWanted(trx: Trx, keys: readonly ExportKey[], now: Date): Promise<void> {
  if (keys.length === 0) return;
  const ordered = inKeyOrder(keys);
  const locked = await lockRows(trx, ordered);
  const pendingBefore = new Set(locked.filter((row) => row.status === 'pending').map(keyText));
  await preparedRows(
    trx,
    `insert into export_state
       (bucket, dataflow_id, profile_id, member, status, wanted_seq, due_at, pending_since)
     select bucket, dataflow_id, profile_id, true, 'pending', 1, $4, $4
     from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as marked (bucket, dataflow_id, profile_id)
     on conflict (bucket, dataflow_id, profile_id) do update
     set member = true, status = 'pending', wanted_seq = export_state.wanted_seq + 1,
       due_at = case when export_state.in_flight is null then excluded.due_at else export_state.due_at end,
       pending_since = coalesce(export_state.pending_since, excluded.pending_since),
       attempts = 0`,
    [...columns(ordered), now],
  );
  const received = new Map<string, number>();
  for (const key of ordered)
    if (!pendingBefore.has(keyText(key)))
      received.set(key.dataflowId, (received.get(key.dataflowId) ?? 0) + 1);
  await countReceived(trx, received, now);
}

/**
 * Marks profiles that left every activated segment of a dataflow. What was being sent is settled first. A record that
 * is already at the destination stays there; where the destination is told of exits it still has to say so.
 */
export async function markExited(
  trx: Trx,
  keys: readonly (ExportKey & { readonly writesExit: boolean })[],
  now: Date,
): Promise<void> {
  if (keys.length === 0) return;
  const ordered = inKeyOrder(keys);
  const locked = await lockRows(trx, ordered);
  const pendingBefore = new Set(locked.filter((row) => row.status === 'pending').map(keyText));
  const marked = await preparedRows<ExportKey & { status: string }>(
    trx,
    `update export_state e
     set member = false, wanted_seq = e.wanted_seq + 1,
       status = case when ${isToBeSettled} then 'pending' else 'exited' end,
       due_at = case when not ${isToBeSettled} then null when e.in_flight is null then $5 else e.due_at end,
       pending_since = case when ${isToBeSettled} then coalesce(e.pending_since, $5) end,
       attempts = 0
     from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::boolean[])
       as marked (bucket, dataflow_id, profile_id, writes_exit)
     where e.bucket = marked.bucket and e.dataflow_id = marked.dataflow_id and e.profile_id = marked.profile_id
     returning e.dataflow_id as "dataflowId", e.profile_id as "profileId", e.status`,
    [...columns(ordered), ordered.map(({ writesExit }) => writesExit), now],
  );
  const received = new Map<string, number>();
  for (const key of marked)
    if (key.status === 'pending' && !pendingBefore.has(keyText(key)))
      received.set(key.dataflowId, (received.get(key.dataflowId) ?? 0) + 1);
  await countReceived(trx, received, now);
  await markWaiting(
    trx,
    ordered.map(({ profileId }) => profileId),
    now,
  );
}

/** Something is on its way, or the record has to say that its profile left. */
const isToBeSettled = `(e.status = 'pending' or (marked.writes_exit and e.record_id is not null))`;

/** Marks members due that waited for a key which profiles that have left may let go. */
export async function markWaiting(trx: Trx, left: readonly string[], now: Date): Promise<void> {
  if (left.length > 0) await markWanted(trx, await findWaitingForProfiles(trx, left), now);
}

/** Locks the rows that exist, in primary-key order as everyone does, so that no two writers wait in a ring. */
function lockRows(
  trx: Trx,
  ordered: readonly ExportKey[],
): Promise<{ dataflowId: string; profileId: string; status: string }[]> {
  return preparedRows(
    trx,
    `select e.dataflow_id as "dataflowId", e.profile_id as "profileId", e.status
     from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as marked (bucket, dataflow_id, profile_id), lateral (
       select * from export_state e
       where e.bucket = marked.bucket and e.dataflow_id = marked.dataflow_id and e.profile_id = marked.profile_id
       limit 1 for update) as e`,
    columns(ordered),
  );
}

const keyText = (key: ExportKey): string => `${key.dataflowId} ${key.profileId}`;

/** Each once: one profile may wait for several keys, or be found for several reasons, at a time. */
const inKeyOrder = <Key extends ExportKey>(keys: readonly Key[]): Key[] =>
  [...new Map(keys.map((key) => [keyText(key), key])).values()].toSorted(
    (a, b) =>
      bucketOf(a.profileId) - bucketOf(b.profileId) ||
      compareText(a.dataflowId, b.dataflowId) ||
      compareText(a.profileId, b.profileId),
  );

const columns = (keys: readonly ExportKey[]): unknown[] => [
  keys.map((key) => bucketOf(key.profileId)),
  keys.map((key) => key.dataflowId),
  keys.map((key) => key.profileId),
];
