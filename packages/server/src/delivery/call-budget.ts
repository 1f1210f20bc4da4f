import {
  type CallBudget,
  type CallPurpose,
  type DestinationLog,
  HeadraceError,
  notFound,
} from '@headrace/core';
import type pg from 'pg';
import { addMadeCalls, readCallBins } from '../store/api-calls.ts';
import {
  budgetKeyOf,
  type CallBudgetRow,
  ensureCallBudget,
  openCallBudget,
  readCallBudget,
  recordCallUsage,
  recountCalls,
  takeCalls,
} from '../store/call-budgets.ts';
import { transaction } from '../store/database.ts';
import {
  allowanceOf,
  callBinLeavesAt,
  callBinOf,
  callLimitOf,
  countedFrom,
  hearAgainAt,
  keptFrom,
} from './call-limit.ts';

/** From here on a person should know that calls get scarce. */
const scarceShare = 0.9;
/** What the destination says of its limit comes with each answer; it is written down this often. */
const observeMs = 1_000;
/** Others may leave room at any time: this soon it is looked at again. */
const lookAgainMs = 5 * 60_000;

/**
 * The budget that an account counts against, shared by all accounts of its org and all processes: every call is written
 * down, committed, before it is made, and refused once the rolling 24 hours hold as many as allowed. Where it is others
 * that leave none, one in five minutes is let through, so that it is heard when they do.
 */
export function createCallBudget(options: {
  readonly pool: pg.Pool;
  readonly accountId: string;
  /** Calls in any 24 hours where a person chose none. */
  readonly allowance: number;
  /** One time for all servers: bins are told by it. */
  readonly now: () => Date;
  readonly log: DestinationLog;
}): CallBudget {
  const { pool, accountId, now, log } = options;
  let known: CallBudgetRow | undefined;
  let isOpened = false;
  let wasScarce = false;
  let observedAtMs = Number.NEGATIVE_INFINITY;
  return {
    async reserve(purpose: CallPurpose) {
      for (;;) {
        const at = now();
        const isFresh = known === undefined;
        const budget = await countedTo(known ?? (await read()), at);
        const limit = callLimitOf(budget, at);
        const mayHear = (hearAgainAt(budget, at) ?? new Date(Number.POSITIVE_INFINITY)) <= at;
        if (budget.calls < limit || mayHear) {
          const { budgetKey, revision } = budget;
          const taking = { budgetKey, revision, purpose, calls: 1, binStartedAt: callBinOf(at) };
          known = await takeCalls(
            pool,
            budget.calls < limit
              ? { ...taking, limit }
              : { ...taking, limit: allowanceOf(budget), askedAt: at },
          );
          // Otherwise it is not as it was read: others have reserved, or it was changed.
          if (known !== undefined) return;
        } else if (isFresh) throw await refusal(budget, limit, at);
        else known = undefined;
      }
    },
    observe({ used, allowed }) {
      const isScarce = used >= allowed * scarceShare;
      if (isScarce && !wasScarce)
        log.warn(
          { accountId, used, allowed },
          'The destination has few calls left for everyone who uses it.',
        );
      const at = now();
      if (isScarce === wasScarce && at.getTime() - observedAtMs < observeMs) return;
      wasScarce = isScarce;
      observedAtMs = at.getTime();
      recordCallUsage(pool, accountId, { used, allowed, at }).catch((error: unknown) =>
        log.warn({ accountId, error: String(error) }, 'What others use of the calls was not written down.'),
      );
    },
  };

  /** Without the bins that have left since it was last added up, and with those that a clock which was ahead let go. */
  async function countedTo(budget: CallBudgetRow, at: Date): Promise<CallBudgetRow> {
    const from = countedFrom(at);
    if (budget.countedFrom.getTime() === from.getTime()) return budget;
    await transaction(pool, (trx) => recountCalls(trx, budget.budgetKey, from, keptFrom(at)));
    return read();
  }

  /** Once for each server: of two with different allowances the one that started last decides. */
  async function read(): Promise<CallBudgetRow> {
    const budget = isOpened
      ? await readCallBudget(pool, accountId)
      : await openCallBudget(pool, accountId, options.allowance);
    isOpened = budget !== undefined;
    if (budget === undefined) throw notFound('account', accountId);
    return budget;
  }

  async function refusal(budget: CallBudgetRow, limit: number, at: Date): Promise<HeadraceError> {
    const free = await nextFreeAt(pool, budget, limit, at);
    const freeAt = new Date(Math.min(free.getTime(), hearAgainAt(budget, at)?.getTime() ?? free.getTime()));
    const message = `All ${limit} calls that may be made in 24 hours are used up (others who use the destination counted). The next are free at ${freeAt.toISOString()}, or when the allowance of the account is raised.`;
    return new HeadraceError('destination_rate_limited', message, {
      retryAfterMs: Math.max(1_000, freeAt.getTime() - at.getTime()),
    });
  }
}

/** When enough bins have left that a call may be made; where others hold the room, when to look again. */
export async function nextFreeAt(
  pool: pg.Pool,
  { budgetKey, calls }: CallBudgetRow,
  limit: number,
  at: Date,
): Promise<Date> {
  let left = calls;
  for (const bin of await readCallBins(pool, budgetKey, countedFrom(at))) {
    left -= bin.calls;
    if (left < limit) return callBinLeavesAt(bin.startedAt);
  }
  return new Date(at.getTime() + lookAgainMs);
}

/**
 * Writes down the calls that a first sign-in took, whether or not an account comes of it: before there is one it has no
 * budget of its own to reserve them from.
 */
export async function recordFirstCalls(
  pool: pg.Pool,
  organization: { readonly destinationType: string; readonly organizationId: string },
  calls: ReadonlyMap<CallPurpose, number>,
  now: Date,
  allowance: number,
): Promise<void> {
  const budgetKey = budgetKeyOf(organization.destinationType, organization.organizationId);
  await transaction(pool, async (trx) => {
    await ensureCallBudget(trx, budgetKey, allowance);
    await addMadeCalls(trx, budgetKey, calls, callBinOf(now));
  });
}
