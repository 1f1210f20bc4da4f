import { type CallBudget, type CallPurpose, type DestinationLog, HeadraceError } from '@headrace/core';
import type pg from 'pg';
import { addApiCalls, lockApiCalls, oldestApiCallBin } from '../store/api-calls.ts';
import { type Trx, transaction } from '../store/database.ts';

const binMs = 5 * 60_000;
const windowMs = 24 * 60 * 60_000;
/** From here on a person should know that calls get scarce. */
const scarceShare = 0.9;

/** The five-minute bin an instant lies in. */
export const apiCallBinOf = (at: Date): Date => new Date(Math.floor(at.getTime() / binMs) * binMs);

/**
 * Bins that started after this may hold calls of the last 24 hours. A bin leaves only when its last possible
 * call has, so that the count errs towards fewer calls, never towards more.
 */
export const apiCallWindowStart = (now: Date): Date => new Date(now.getTime() - windowMs - binMs);

/**
 * The budget of one account: every call is written down, committed, before it is made, and refused once the
 * rolling 24 hours hold as many as allowed, however many processes reserve at once.
 */
export function createCallBudget(options: {
  readonly pool: pg.Pool;
  readonly accountId: string;
  /** Calls in any 24 hours. */
  readonly allowance: number;
  readonly now: () => Date;
  readonly log: DestinationLog;
}): CallBudget {
  const { pool, accountId, allowance, now, log } = options;
  let wasScarce = false;
  return {
    async reserve(purpose: CallPurpose) {
      const at = now();
      const since = apiCallWindowStart(at);
      const isReserved = await transaction(pool, async (trx) => {
        await lockApiCalls(trx, accountId);
        const binStartedAt = apiCallBinOf(at);
        return addApiCalls(trx, { accountId, purpose, calls: 1, binStartedAt, since, allowance });
      });
      if (isReserved) return;
      const oldest = await oldestApiCallBin(pool, accountId, since);
      const freeAt = oldest === undefined ? at.getTime() + binMs : oldest.getTime() + windowMs + binMs;
      throw new HeadraceError(
        'destination_rate_limited',
        `The ${allowance} calls that this account may make in 24 hours are used up. The next are free at ${new Date(freeAt).toISOString()}.`,
        { retryAfterMs: Math.max(1_000, freeAt - at.getTime()) },
      );
    },
    observe({ used, allowed }) {
      const isScarce = used >= allowed * scarceShare;
      if (isScarce && !wasScarce)
        log.warn(
          { accountId, used, allowed },
          'The destination has few calls left for everyone who uses it.',
        );
      wasScarce = isScarce;
    },
  };
}

/**
 * Writes down the calls that the first sign-in of a new account took, with the account: before there is an
 * account there is no ledger.
 */
export async function recordFirstCalls(
  trx: Trx,
  accountId: string,
  calls: ReadonlyMap<CallPurpose, number>,
  now: Date,
): Promise<void> {
  const allowance = Number.MAX_SAFE_INTEGER;
  const bin = { accountId, binStartedAt: apiCallBinOf(now), since: apiCallWindowStart(now), allowance };
  for (const [purpose, count] of calls) await addApiCalls(trx, { ...bin, purpose, calls: count });
}
