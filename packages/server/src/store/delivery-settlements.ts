import { bucketOf, type FieldValue } from '@headrace/core';
import { preparedRows, type Trx, together } from './database.ts';
import { countSettled, type SettledStatus } from './dataflow-runs.ts';
import { rowOf, type SentHashes } from './delivery-claims.ts';

/** What became of one claimed row. */
export type Settlement = {
  readonly profileId: string;
  /** The sequence that was looked at: a change since then keeps the row due. */
  readonly seq: number;
  /** The batch the row must still be in flight with; null for a row settled without sending. */
  readonly inFlight: string | null;
  readonly result: SettledResult | RetryResult;
};

export type SettledResult = {
  readonly kind: 'settled';
  /** `exited`: the profile is no longer a member and nothing was pending at the destination. */
  readonly status: SettledStatus | 'exited';
  readonly code: string | null;
  readonly message: string | null;
  readonly recordId: string | null;
  readonly sentHash: string | null;
  /** With `sentHash`: all that the record was given, now or earlier. */
  readonly sent?: SentHashes;
  readonly matchKey: string | null;
  readonly created: boolean | null;
  /** What the destination was asked to write; absent where nothing was sent. */
  readonly sentValues?: SentValues;
  /** The row of the record that it belongs to, which holds it up. */
  readonly parentId?: string;
  /** An exit that was written counts as a delivery. */
  readonly isWritten?: boolean;
};

/** Field, or @ and list → value or status. */
export type SentValues = Readonly<Record<string, FieldValue>>;

/** Look again at `at`; the change stays pending. */
export type RetryResult = {
  readonly kind: 'retry';
  readonly at: Date;
  readonly code: string;
  readonly message: string;
  /** `forget`: the known record is gone. */
  readonly recordId: string | 'forget' | null;
  /** A part of it was written, and that made the record. */
  readonly created?: boolean;
  /** The row of the record that it belongs to, for which it waits. */
  readonly parentId?: string;
  /** The record was read back and is not under the key that it was sent with: it still holds an earlier one. */
  readonly isUnderFormerKey?: boolean;
};

/**
 * Settles rows of one dataflow. Only rows still in the state they were claimed in are touched, so that a
 * stalled worker cannot overwrite what another did since. Counters and history change with the rows.
 * @returns the profile ids whose rows were settled or put off.
 */
export async function settle(
  trx: Trx,
  dataflowId: string,
  settlements: readonly Settlement[],
  now: Date,
): Promise<Set<string>> {
  if (settlements.length === 0) return new Set();
  const byProfile = new Map(settlements.map((settlement) => [settlement.profileId, settlement]));
  const written = await preparedRows<{
    profileId: string;
    status: string;
    pendingSince: Date;
    isParent: boolean;
    isMade: boolean;
  }>(
    trx,
    `with answer as materialized (
       select a.*, e.pending_since, e.row_id, e.sent_seq is null as is_first
       from unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::uuid[], $6::text[], $7::timestamptz[],
         $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::uuid[], $16::boolean[])
         as a (bucket, profile_id, seq, in_flight, status, retry_at, code, message, record_id, sent_hash, match_key,
           sent, parent_id, created)
         , ${rowOf('a')} as e
     )
     update export_state e
     set in_flight = null, sending_seq = null,
       hold_until = case when e.hold_until > $15 then e.hold_until end,
       held_by = case when e.hold_until > $15 then e.held_by end,
       sent_seq = case when a.retry_at is null and e.wanted_seq <= a.seq and (a.status = 'activated' or a.created)
         then a.seq else e.sent_seq end,
       record_id = case a.record_id when 'forget' then null else coalesce(a.record_id, e.record_id) end,
       created_record_id = case when a.record_id = 'forget' then null when a.created then a.record_id
         else e.created_record_id end,
       sent_hash = case when a.record_id = 'forget' then null else coalesce(a.sent_hash, e.sent_hash) end,
       sent = case when a.record_id = 'forget' then null else coalesce(a.sent::jsonb, e.sent) end,
       match_key = case when e.left_behind then e.record_id else coalesce(a.match_key, e.match_key) end,
       parent_id = coalesce(a.parent_id, e.parent_id),
       code = a.code, message = a.message, settled_at = $15,
       attempts = case when a.retry_at is null then 0 else e.attempts + 1 end,
       status = case when a.retry_at is not null or e.wanted_seq > a.seq then 'pending' else a.status end,
       due_at = case when e.wanted_seq > a.seq then $15 else a.retry_at end,
       pending_since = case when a.retry_at is not null or e.wanted_seq > a.seq then e.pending_since end
     from answer a
     where e.ctid = a.row_id
       and e.in_flight is not distinct from a.in_flight and e.pending_since is not null
     returning e.profile_id as "profileId", e.status, a.pending_since as "pendingSince",
       e.source_profile_id is not null as "isParent",
       a.is_first and a.status = 'activated' and coalesce(e.created_record_id = e.record_id, false) as "isMade"`,
    [dataflowId, ...answerColumns(settlements), now, settlements.map(wasCreated)],
  );
  const final = written.flatMap((row) => {
    const settlement = byProfile.get(row.profileId);
    if (row.status === 'pending' || row.isParent || settlement?.result.kind !== 'settled') return [];
    const { result } = settlement;
    const exited = result.isWritten === true ? 'activated' : 'excluded';
    const status = result.status === 'exited' ? exited : result.status;
    return [
      {
        profileId: row.profileId,
        pendingSince: row.pendingSince,
        seq: settlement.seq,
        batchId: settlement.inFlight,
        // Where an earlier try of it made the record, the change did.
        result: row.isMade ? { ...result, created: true } : result,
        status,
      },
    ];
  });
  await together(countSettled(trx, dataflowId, final, now), insertOutcomes(trx, dataflowId, final, now));
  return new Set(written.map((row) => row.profileId));
}

const wasCreated = ({ result }: Settlement): boolean => result.created === true;

/** A record that a delivery made whose outcome is not known as a whole. */
export type MadeRecord = { readonly profileId: string; readonly recordId: string };

/** Writes down that records were made by a batch whose rows stay in flight. */
export async function noteMade(
  trx: Trx,
  dataflowId: string,
  batchId: string,
  made: readonly MadeRecord[],
): Promise<void> {
  if (made.length === 0) return;
  await preparedRows(
    trx,
    `update export_state e set created_record_id = made.record_id
     from unnest($3::smallint[], $4::uuid[], $5::text[]) as made (bucket, profile_id, record_id)
     where e.bucket = made.bucket and e.dataflow_id = $1 and e.profile_id = made.profile_id and e.in_flight = $2`,
    [
      dataflowId,
      batchId,
      made.map(({ profileId }) => bucketOf(profileId)),
      made.map(({ profileId }) => profileId),
      made.map(({ recordId }) => recordId),
    ],
  );
}

const answerColumns = (settlements: readonly Settlement[]): unknown[] => {
  const settled = settlements.map(({ result }) => (result.kind === 'settled' ? result : undefined));
  return [
    settlements.map((row) => bucketOf(row.profileId)),
    settlements.map((row) => row.profileId),
    settlements.map((row) => row.seq),
    settlements.map((row) => row.inFlight),
    settled.map((result) => result?.status ?? 'pending'),
    settlements.map(({ result }) => (result.kind === 'retry' ? result.at : null)),
    settlements.map(({ result }) => result.code),
    settlements.map(({ result }) => result.message),
    settlements.map(({ result }) => result.recordId),
    settled.map((result) => result?.sentHash ?? null),
    settled.map((result) => result?.matchKey ?? null),
    settled.map((result) => (result?.sent === undefined ? null : JSON.stringify(result.sent))),
    settlements.map(({ result }) => result.parentId ?? null),
  ];
};

/** PostgreSQL takes neither NUL nor half a surrogate pair in JSON, both of which `JSON.stringify` escapes. */
const toJson = (values: SentValues | null): string => {
  const json = JSON.stringify(values);
  if (!json.includes('\\u')) return json;
  return JSON.stringify(values, (_name, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value,
  );
};

async function insertOutcomes(
  trx: Trx,
  dataflowId: string,
  final: readonly {
    readonly profileId: string;
    readonly pendingSince: Date;
    readonly seq: number;
    readonly batchId: string | null;
    readonly status: SettledStatus;
    readonly result: SettledResult;
  }[],
  now: Date,
): Promise<void> {
  if (final.length === 0) return;
  await preparedRows(
    trx,
    `insert into delivery_outcome
       (settled_at, bucket, dataflow_id, profile_id, seq, run_started_at, status, code, message, record_id, created,
        batch_id, sent_values)
     select $2, bucket, $1, profile_id, seq, date_trunc('hour', pending_since, 'UTC'), status, code, message,
       record_id, created, batch_id, nullif(sent_values, 'null')::jsonb
     from unnest($3::smallint[], $4::uuid[], $5::bigint[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
       $10::text[], $11::boolean[], $12::uuid[], string_to_array($13, E'\\n'))
       as o (bucket, profile_id, seq, pending_since, status, code, message, record_id, created, batch_id,
         sent_values)`,
    [
      dataflowId,
      now,
      final.map((row) => bucketOf(row.profileId)),
      final.map((row) => row.profileId),
      final.map((row) => row.seq),
      final.map((row) => row.pendingSince),
      final.map((row) => row.status),
      final.map((row) => row.result.code),
      final.map((row) => row.result.message),
      final.map((row) => row.result.recordId),
      final.map((row) => row.result.created),
      final.map((row) => row.batchId),
      final.map((row) => toJson(row.result.sentValues ?? null)).join('\n'),
    ],
  );
}
