import { type Db, maybeRow, rows, type Trx } from './database.ts';

/** What may be called in any 24 hours, and what was, for one org or other holder of an allowance. */
export type CallBudgetRow = {
  readonly budgetKey: string;
  /** Of the environment; holds where a person chose none. */
  readonly defaultAllowance: number;
  /** Calls in any 24 hours, as a person chose. */
  readonly allowance: number | null;
  /** Calls of the destination's own limit that are left to others, as a person chose. */
  readonly keptForOthers: number | null;
  /** Our calls in the bins from `countedFrom` on. */
  readonly calls: number;
  readonly countedFrom: Date;
  /** All that were ever reserved. */
  readonly callsEver: number;
  /** The destination's own limit, as it last said. */
  readonly destinationAllowed: number | null;
  /** What it said was used, without ours. */
  readonly othersUsed: number | null;
  readonly observedAt: Date | null;
  /** When a call was last let through beyond what others leave. */
  readonly askedAt: Date | null;
  readonly revision: number;
};

const columns = `b.budget_key as "budgetKey", b.default_allowance as "defaultAllowance", b.allowance,
  b.kept_for_others as "keptForOthers", b.calls, b.counted_from as "countedFrom", b.calls_ever as "callsEver",
  b.destination_allowed as "destinationAllowed", b.others_used as "othersUsed", b.observed_at as "observedAt",
  b.asked_at as "askedAt", b.revision`;

/** The budget that an account counts against; undefined where it never made a call. */
export function readCallBudget(db: Db, accountId: string): Promise<CallBudgetRow | undefined> {
  return maybeRow(
    db,
    `select ${columns} from call_budget b join account using (budget_key) where account_id = $1`,
    [accountId],
  );
}

/** As the column account.budget_key has it, of an organization that is known. */
export const budgetKeyOf = (destinationType: string, organizationId: string): string =>
  `${destinationType}:${organizationId}`;

/** Sees to it that there is a budget of a key. */
export async function ensureCallBudget(db: Db, budgetKey: string, defaultAllowance: number): Promise<void> {
  await db.query(
    'insert into call_budget (budget_key, default_allowance) values ($1, $2) on conflict (budget_key) do nothing',
    [budgetKey, defaultAllowance],
  );
}

/** The budget that an account counts against, made where there is none, with the environment's allowance. @returns undefined for an unknown account. */
export async function openCallBudget(
  db: Db,
  accountId: string,
  defaultAllowance: number,
): Promise<CallBudgetRow | undefined> {
  const found = await readCallBudget(db, accountId);
  if (found?.defaultAllowance === defaultAllowance) return found;
  await db.query(
    `insert into call_budget (budget_key, default_allowance)
     select budget_key, $2::bigint from account where account_id = $1
     on conflict (budget_key) do update
     set default_allowance = excluded.default_allowance, revision = call_budget.revision + 1`,
    [accountId, defaultAllowance],
  );
  return readCallBudget(db, accountId);
}

/**
 * Counts calls, in the ledger and in its sum, unless the sum would exceed `limit` or the budget is not as it was read.
 * @param taking.askedAt set for a call that is let through to hear what others leave: of several who ask, one does.
 * @returns the budget afterwards; undefined when they were not counted.
 */
export async function takeCalls(
  db: Db,
  taking: {
    readonly budgetKey: string;
    readonly revision: number;
    readonly purpose: string;
    readonly calls: number;
    readonly binStartedAt: Date;
    readonly limit: number;
    readonly askedAt?: Date;
  },
): Promise<CallBudgetRow | undefined> {
  const { budgetKey, revision, purpose, calls, binStartedAt, limit, askedAt } = taking;
  const taken = await db.query<CallBudgetRow>({
    name: 'take-calls',
    text: `with b as (
       update call_budget set calls = calls + $4::bigint, calls_ever = calls_ever + $4::bigint,
         asked_at = coalesce($7::timestamptz, asked_at), revision = revision + ($7::timestamptz is not null)::int
       where budget_key = $1 and revision = $2 and calls + $4::bigint <= $6::bigint returning *
     ), counted as (
       insert into api_call_bin as bin (budget_key, bin_started_at, purpose, calls)
       select budget_key, $5::timestamptz, $3::text, $4::bigint from b
       on conflict (budget_key, bin_started_at, purpose) do update set calls = bin.calls + excluded.calls
     ) select ${columns} from b`,
    values: [budgetKey, revision, purpose, calls, binStartedAt, limit, askedAt ?? null],
  });
  return taken.rows[0];
}

/** Adds up the bins from `countedFrom` on, which moves with time, and back with a clock that is put right, and forgets those before `keptFrom`. */
export async function recountCalls(
  trx: Trx,
  budgetKey: string,
  countedFrom: Date,
  keptFrom: Date,
): Promise<void> {
  // The sum is taken by a later statement than the lock: it then sees every reservation before it.
  await trx.query('select from call_budget where budget_key = $1 for no key update', [budgetKey]);
  await trx.query('delete from api_call_bin where budget_key = $1 and bin_started_at < $2', [
    budgetKey,
    keptFrom,
  ]);
  await trx.query(
    `update call_budget b set counted_from = $2, revision = revision + 1,
       calls = (select coalesce(sum(calls), 0) from api_call_bin
                where budget_key = b.budget_key and bin_started_at >= $2)
     where budget_key = $1 and counted_from <> $2`,
    [budgetKey, countedFrom],
  );
}

/**
 * What the destination said of its own limit: the difference to our calls is what others used. Older news than what is
 * known is left out, unless that was of a clock that was ahead.
 */
export async function recordCallUsage(
  db: Db,
  accountId: string,
  usage: { readonly used: number; readonly allowed: number; readonly at: Date },
): Promise<void> {
  await db.query(
    `update call_budget b
     set destination_allowed = $3::bigint, others_used = greatest(0, $2::bigint - b.calls), observed_at = $4
     from account a
     where a.account_id = $1 and b.budget_key = a.budget_key 
       and (b.observed_at is null or b.observed_at <= $4 or b.observed_at > $4::timestamptz + interval '1 minute')`,
    [accountId, usage.used, usage.allowed, usage.at],
  );
}

/** Changes what is given; null goes back to the default. */
export async function updateCallBudget(
  db: Db,
  accountId: string,
  change: {
    readonly allowance?: number | null | undefined;
    readonly keptForOthers?: number | null | undefined;
  },
): Promise<void> {
  const { allowance, keptForOthers } = change;
  await db.query(
    `update call_budget b
     set allowance = case when $2 then $3::bigint else b.allowance end,
       kept_for_others = case when $4 then $5::bigint else b.kept_for_others end, revision = b.revision + 1
     from account a where a.account_id = $1 and b.budget_key = a.budget_key`,
    [
      accountId,
      allowance !== undefined,
      allowance ?? null,
      keptForOthers !== undefined,
      keptForOthers ?? null,
    ],
  );
}

/** Accounts that share the budget of an account, itself too, by name. */
export function readAccountsOfBudget(db: Db, accountId: string): Promise<{ name: string }[]> {
  return rows(
    db,
    `select name from account where budget_key = (select budget_key from account where account_id = $1) order by name`,
    [accountId],
  );
}
