import { type Db, rows, type Trx } from './database.ts';

/** Calls of a bin, whatever they were for. */
export type CallBin = { readonly startedAt: Date; readonly calls: number };

/** The bins of a budget from an instant on, oldest first. */
export async function readCallBins(db: Db, budgetKey: string, from: Date): Promise<CallBin[]> {
  const found = await db.query<CallBin>({
    name: 'read-call-bins',
    text: `select bin_started_at as "startedAt", sum(calls)::bigint as calls from api_call_bin
      where budget_key = $1 and bin_started_at >= $2 group by 1 order by 1`,
    values: [budgetKey, from],
  });
  return found.rows;
}

/** Calls by purpose of all accounts that share the budget of this one, in the bins from an instant on. */
export function countApiCalls(
  db: Db,
  accountId: string,
  from: Date,
): Promise<{ purpose: string; calls: number }[]> {
  return rows(
    db,
    `select purpose, sum(calls)::bigint as calls from api_call_bin join account using (budget_key)
     where account_id = $1 and bin_started_at >= $2 group by purpose order by purpose`,
    [accountId, from],
  );
}

/** Counts calls that were made already, within an allowance or not; the budget has to be there. */
export async function addMadeCalls(
  trx: Trx,
  budgetKey: string,
  calls: ReadonlyMap<string, number>,
  binStartedAt: Date,
): Promise<void> {
  await trx.query(
    `insert into api_call_bin as bin (budget_key, bin_started_at, purpose, calls)
     select $1, $2, purpose, calls from unnest($3::text[], $4::bigint[]) as made (purpose, calls)
     on conflict (budget_key, bin_started_at, purpose) do update set calls = bin.calls + excluded.calls`,
    [budgetKey, binStartedAt, [...calls.keys()], [...calls.values()]],
  );
  await trx.query(
    `update call_budget set calls = calls + $2::bigint, calls_ever = calls_ever + $2::bigint where budget_key = $1`,
    [budgetKey, [...calls.values()].reduce((sum, count) => sum + count, 0)],
  );
}

/** An account's org is known from now on: what it called counts against the budget of the org. */
export async function moveApiCalls(trx: Trx, from: string, to: string): Promise<void> {
  if (from === to) return;
  await trx.query(
    'select from call_budget where budget_key in ($1, $2) order by budget_key for no key update',
    [from, to],
  );
  await trx.query(
    `insert into call_budget (budget_key, default_allowance, allowance, kept_for_others)
     select $2, default_allowance, allowance, kept_for_others from call_budget where budget_key = $1
     on conflict (budget_key) do nothing`,
    [from, to],
  );
  await trx.query(
    `insert into api_call_bin as bin (budget_key, bin_started_at, purpose, calls)
     select $2, bin_started_at, purpose, calls from api_call_bin where budget_key = $1
     on conflict (budget_key, bin_started_at, purpose) do update set calls = bin.calls + excluded.calls`,
    [from, to],
  );
  await trx.query('delete from api_call_bin where budget_key = $1', [from]);
  await trx.query('delete from call_budget where budget_key = $1', [from]);
  // Added up afresh before the next call.
  await trx.query(
    `update call_budget set counted_from = 'epoch', revision = revision + 1 where budget_key = $1`,
    [to],
  );
}
