import type { DestinationCall } from '@headrace/core';
import { type Db, rows } from './database.ts';

export type LoggedCall = DestinationCall & {
  readonly accountId: string;
  /** For which it was made. */
  readonly dataflowId: string | null;
  readonly batchId: string | null;
};

/** Appends calls, all in one statement. */
export async function insertCalls(db: Db, calls: readonly LoggedCall[]): Promise<void> {
  if (calls.length === 0) return;
  await db.query(
    `insert into destination_call (account_id, started_at, dataflow_id, batch_id, purpose, method, path, status,
       was_sent, code, duration_ms, request_bytes, response_bytes, records, calls_used, calls_allowed)
     select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
       $8::smallint[], $9::boolean[], $10::text[], $11::real[], $12::integer[], $13::integer[], $14::integer[],
       $15::bigint[], $16::bigint[])`,
    [
      calls.map((call) => call.accountId),
      calls.map((call) => call.startedAt),
      calls.map((call) => call.dataflowId),
      calls.map((call) => call.batchId),
      calls.map((call) => call.purpose),
      calls.map((call) => call.method),
      calls.map((call) => call.path),
      calls.map((call) => call.status),
      calls.map((call) => call.wasSent),
      calls.map((call) => call.code),
      calls.map((call) => call.durationMs),
      calls.map((call) => call.requestBytes),
      calls.map((call) => call.responseBytes),
      calls.map((call) => call.records),
      calls.map((call) => call.usage?.used ?? null),
      calls.map((call) => call.usage?.allowed ?? null),
    ],
  );
}

/** A place in the log, newest first. */
export type CallPlace = { readonly startedAt: Date; readonly callId: number };
export type StoredCall = LoggedCall & CallPlace;

export type CallFilter = {
  readonly accountId: string;
  readonly dataflowId: string | undefined;
  readonly batchId: string | undefined;
  readonly purpose: string | undefined;
  readonly code: string | undefined;
  /** Only calls with an error code, or only those without. */
  readonly isFailed: boolean | undefined;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
};

/** Calls of an account, newest first, behind a place. */
export async function readCalls(
  db: Db,
  filter: CallFilter,
  page: { readonly after: CallPlace | undefined; readonly limit: number },
): Promise<StoredCall[]> {
  const found = await rows<Omit<StoredCall, 'usage'> & { used: number | null; allowed: number | null }>(
    db,
    `select account_id as "accountId", started_at as "startedAt", destination_call_id as "callId",
       dataflow_id as "dataflowId", batch_id as "batchId", purpose, method, path, status, was_sent as "wasSent",
       code, duration_ms as "durationMs", request_bytes as "requestBytes", response_bytes as "responseBytes",
       records, calls_used as used, calls_allowed as allowed
     from destination_call
     where account_id = $1 and ($2::uuid is null or dataflow_id = $2) and ($3::uuid is null or batch_id = $3)
       and ($4::text is null or purpose = $4) and ($5::text is null or code = $5)
       and ($6::boolean is null or (code is not null) = $6)
       and started_at >= coalesce($7::timestamptz, '-infinity') and started_at < coalesce($8::timestamptz, 'infinity')
       and ($9::timestamptz is null or (started_at, destination_call_id) < ($9, $10::bigint))
     order by started_at desc, destination_call_id desc limit $11`,
    [
      filter.accountId,
      filter.dataflowId ?? null,
      filter.batchId ?? null,
      filter.purpose ?? null,
      filter.code ?? null,
      filter.isFailed ?? null,
      filter.since ?? null,
      filter.until ?? null,
      page.after?.startedAt ?? null,
      page.after?.callId ?? null,
      page.limit,
    ],
  );
  return found.map(({ used, allowed, ...call }) => ({
    ...call,
    usage: used === null || allowed === null ? null : { used, allowed },
  }));
}

/** What is kept of the log. */
export type CallBounds = { readonly since: Date; readonly perAccount: number };

/**
 * Deletes a bounded number of calls beyond the bounds, oldest first.
 * @returns how many; fewer than `limit` means that all are within.
 */
export async function pruneCalls(db: Db, bounds: CallBounds, limit: number): Promise<number> {
  const pruned = await db.query(
    `with cut as (
       select a.account_id, c.started_at, c.destination_call_id
       from (select account_id from account) a
       cross join lateral (
         select started_at, destination_call_id from destination_call d where d.account_id = a.account_id
         order by started_at desc, destination_call_id desc offset $2 limit 1) c
     ), doomed as (
       (select account_id, started_at, destination_call_id from destination_call where started_at < $1
        order by started_at limit $3)
       union
       (select d.account_id, d.started_at, d.destination_call_id from cut join destination_call d
         on d.account_id = cut.account_id
           and (d.started_at, d.destination_call_id) <= (cut.started_at, cut.destination_call_id)
        limit $3)
     )
     delete from destination_call d using doomed
     where (d.account_id, d.started_at, d.destination_call_id)
       = (doomed.account_id, doomed.started_at, doomed.destination_call_id)`,
    [bounds.since, bounds.perAccount, limit],
  );
  return pruned.rowCount ?? 0;
}
