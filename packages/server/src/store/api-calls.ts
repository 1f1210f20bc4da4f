import { type Db, maybeRow, rows, type Trx } from './database.ts';

/** Reservations of one account go one after the other until the transaction ends. */
export async function lockApiCalls(trx: Trx, accountId: string): Promise<void> {
  await trx.query('select from account where account_id = $1 for no key update', [accountId]);
}

/**
 * Adds calls to a bin unless that would exceed the allowance of the bins after `since`. Call under
 * `lockApiCalls`.
 * @returns whether they were added.
 */
export async function addApiCalls(
  trx: Trx,
  reservation: {
    readonly accountId: string;
    readonly purpose: string;
    readonly calls: number;
    readonly binStartedAt: Date;
    readonly since: Date;
    readonly allowance: number;
  },
): Promise<boolean> {
  const { accountId, binStartedAt, purpose, calls, since, allowance } = reservation;
  const added = await trx.query(
    `insert into api_call_bin (account_id, bin_started_at, purpose, calls)
     select $1::uuid, $2, $3, $4::bigint
     where (select coalesce(sum(calls), 0) from api_call_bin
            where account_id = $1::uuid and bin_started_at > $5) + $4::bigint <= $6::bigint
     on conflict (account_id, bin_started_at, purpose) do update
     set calls = api_call_bin.calls + excluded.calls`,
    [accountId, binStartedAt, purpose, calls, since, allowance],
  );
  return added.rowCount === 1;
}

/** The oldest bin after an instant: when it leaves the window, calls become free. */
export async function oldestApiCallBin(db: Db, accountId: string, since: Date): Promise<Date | undefined> {
  const row = await maybeRow<{ at: Date | null }>(
    db,
    'select min(bin_started_at) as at from api_call_bin where account_id = $1 and bin_started_at > $2',
    [accountId, since],
  );
  return row?.at ?? undefined;
}

/** Calls of an account by purpose, in the bins after an instant. */
export function countApiCalls(
  db: Db,
  accountId: string,
  since: Date,
): Promise<{ purpose: string; calls: number }[]> {
  return rows(
    db,
    `select purpose, sum(calls)::bigint as calls from api_call_bin
     where account_id = $1 and bin_started_at > $2 group by purpose order by purpose`,
    [accountId, since],
  );
}
