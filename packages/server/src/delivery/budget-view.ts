import { notFound, priorityOf } from '@headrace/core';
import type pg from 'pg';
import { countApiCalls } from '../store/api-calls.ts';
import { openCallBudget, readAccountsOfBudget, readCallBudget } from '../store/call-budgets.ts';
import { countDataflowMembers } from '../store/dataflow-reports.ts';
import type { DataflowRow } from '../store/dataflows.ts';
import { nextFreeAt } from './call-budget.ts';
import {
  allowanceOf,
  callLimitOf,
  countedFrom,
  keptForOthersOf,
  othersUseOf,
  windowMs,
} from './call-limit.ts';
import { describeForecast, forecast } from './forecast.ts';
import { readLedger } from './lane-pacer.ts';
import { shareOf } from './lane-shares.ts';

const hourMs = 3_600_000;
/** Of an hour; more are those of a dataflow that delivers. */
const fewCalls = 60;

/** What a person sees of the budget an account counts against. @throws HeadraceError `not_found`. */
export async function viewCallBudget(pool: pg.Pool, accountId: string, defaultAllowance: number, now: Date) {
  const budget =
    (await readCallBudget(pool, accountId)) ?? (await openCallBudget(pool, accountId, defaultAllowance));
  if (budget === undefined) throw notFound('account', accountId);
  const byPurpose = await countApiCalls(pool, accountId, countedFrom(now));
  const used = byPurpose.reduce((sum, { calls }) => sum + calls, 0);
  const limit = callLimitOf(budget, now);
  return {
    allowance: allowanceOf(budget),
    isAllowanceChosen: budget.allowance !== null,
    keptForOthers: keptForOthersOf(budget),
    isKeptChosen: budget.keptForOthers !== null,
    destinationAllowed: budget.destinationAllowed,
    othersUsed: budget.othersUsed === null ? null : othersUseOf(budget, now),
    observedAt: budget.observedAt,
    used,
    byPurpose,
    room: Math.max(0, limit - used),
    nextFreeAt: used < limit ? null : await nextFreeAt(pool, { ...budget, calls: used }, limit, now),
    accounts: (await readAccountsOfBudget(pool, accountId)).map(({ name }) => name),
  };
}

/** When what is due for a dataflow will be delivered, as things stand. */
export async function forecastDataflow(
  pool: pg.Pool,
  dataflow: DataflowRow,
  options: { readonly recordsPerCall: number; readonly defaultAllowance: number; readonly now: Date },
) {
  const { recordsPerCall, defaultAllowance, now } = options;
  const at = now.getTime();
  const budget = await viewCallBudget(pool, dataflow.accountId, defaultAllowance, now);
  const ledger = await readLedger(pool, dataflow.accountId, at);
  const { pending: records } = await countDataflowMembers(pool, dataflow.dataflowId);
  // A bin leaves a day after it began: those that leave last are of the last hour.
  const lately = (ledger?.leaving ?? []).filter((bin) => bin.at > at + windowMs - hourMs);
  // Then it shares the calls, with one of the usual priority let us say.
  const isBusy = lately.reduce((sum, { calls }) => sum + calls, 0) > fewCalls;
  const found = forecast(ledger ?? { at, limit: budget.allowance, used: 0, leaving: [] }, {
    records,
    recordsPerCall,
    share: shareOf(priorityOf(dataflow.details), isBusy ? [{ priority: 'normal', sentAt: at }] : [], 1, at),
  });
  const isHeld = !dataflow.enabled || dataflow.stoppedBy !== null;
  return {
    records,
    recordsPerCall,
    calls: found.calls,
    allowance: budget.allowance,
    room: budget.room,
    doneAt: found.doneAt === undefined || isHeld || records === 0 ? null : new Date(found.doneAt),
    message: describeForecast(found, { records, allowance: budget.allowance, isHeld }),
  };
}
