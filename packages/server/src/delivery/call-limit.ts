import type { CallBudgetRow } from '../store/call-budgets.ts';

const binMs = 5 * 60_000;
/** Salesforce counts the calls of any 24 hours. Source: "API Request Limits and Allocations". */
export const windowMs = 24 * 60 * 60_000;
/** Between the counting of a call and the moment the destination counts it; clocks differ, too. */
const slackMs = 60_000;
const keptMs = 31 * windowMs;

/** Where nobody chose otherwise: our part of the destination's own limit, and what is never taken of it. */
const usualAllowanceShare = 0.8;
const usualKeptShare = 0.1;
/** What others used is believed this long; from then on it ages, until after 24 hours nothing is left of it. */
const othersBelievedMs = 10 * 60_000;

/** The five-minute bin an instant lies in. */
export const callBinOf = (at: Date): Date => new Date(Math.floor(at.getTime() / binMs) * binMs);

/**
 * When the calls of a bin become free: a bin leaves only when its last possible call has, so that the count errs towards
 * fewer calls, never towards more.
 */
export const callBinLeavesAt = (startedAt: Date): Date =>
  new Date(startedAt.getTime() + binMs + windowMs + slackMs);

/** The oldest bin that may hold calls of the last 24 hours. */
export const countedFrom = (now: Date): Date =>
  new Date(callBinOf(new Date(now.getTime() - windowMs - binMs - slackMs)).getTime() + binMs);

/** Bins before it are of no use any more. */
export const keptFrom = (now: Date): Date => new Date(now.getTime() - keptMs);

/** Calls that may be made in any 24 hours, whatever others do. */
export function allowanceOf({ allowance, defaultAllowance, destinationAllowed }: CallBudgetRow): number {
  if (allowance !== null) return allowance;
  return destinationAllowed === null
    ? defaultAllowance
    : Math.min(defaultAllowance, Math.floor(destinationAllowed * usualAllowanceShare));
}

/** Calls of the destination's own limit that are left to others. */
export const keptForOthersOf = ({ keptForOthers, destinationAllowed }: CallBudgetRow): number =>
  keptForOthers ?? Math.floor((destinationAllowed ?? 0) * usualKeptShare);

/** What others are taken to have used in the last 24 hours. */
export function othersUseOf({ othersUsed, observedAt }: CallBudgetRow, now: Date): number {
  if (othersUsed === null || observedAt === null) return 0;
  const agedMs = Math.max(0, now.getTime() - observedAt.getTime() - othersBelievedMs);
  return Math.ceil(othersUsed * Math.max(0, 1 - agedMs / (windowMs - othersBelievedMs)));
}

/** How many calls may be counted now: the allowance, or less where the destination's own limit leaves less. */
export function callLimitOf(budget: CallBudgetRow, now: Date): number {
  const allowance = allowanceOf(budget);
  if (budget.destinationAllowed === null) return allowance;
  const left = budget.destinationAllowed - keptForOthersOf(budget) - othersUseOf(budget, now);
  return Math.max(0, Math.min(allowance, left));
}

/** With no call made nobody hears that others have left room. */
const hearAgainMs = 5 * 60_000;

/**
 * When a call may be made that others leave no room for, within the allowance: its answer tells how much they use now.
 * Undefined where it is not for others that calls are scarce.
 */
export function hearAgainAt(budget: CallBudgetRow, now: Date): Date | undefined {
  const { calls, observedAt, askedAt } = budget;
  const allowance = allowanceOf(budget);
  if (calls >= allowance || callLimitOf(budget, now) >= allowance) return undefined;
  const heardMs = Math.max(observedAt?.getTime() ?? 0, askedAt?.getTime() ?? 0);
  // One that lies ahead is of a clock that was wrong.
  return new Date(heardMs > now.getTime() + slackMs ? now : heardMs + hearAgainMs);
}
