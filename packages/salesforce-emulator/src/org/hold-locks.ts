import { setTimeout as sleep } from 'node:timers/promises';
import type { OrgState } from './org-state.ts';
import { type LockHolder, LockWait } from './row-locks.ts';

/**
 * Does work that writes records, as one transaction that holds what it writes for the time a transaction is
 * ordered to take (`locks.transaction_ms` of the faults). Work that meets records of another transaction is
 * undone and done again when they are free; after `locks.timeout_ms` it goes on without, so that each record
 * that needs one is refused with UNABLE_TO_LOCK_ROW. With no such order the work is just done.
 *
 * `work` must be repeatable and let a {@link LockWait} through.
 */
export async function holdLocks<T>(org: OrgState, work: () => T): Promise<T> {
  const { transaction_ms: transactionMs, timeout_ms: timeoutMs } = org.faults.order().locks;
  if (transactionMs === 0) return work();
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = deadline - performance.now();
    const holder: LockHolder = { ids: new Set(), mayWait: left > 0 };
    const takeBack = org.faults.mark();
    try {
      const result = holding(org, holder, work);
      if (holder.ids.size > 0) await sleep(transactionMs);
      return result;
    } catch (error) {
      if (!(error instanceof LockWait)) throw error;
      takeBack();
      org.locks.release(holder);
      await waitFor(error.freed, left);
      // Closed meanwhile: nobody waits for the outcome any more.
      if (!org.database.isOpen()) return new Promise(() => undefined);
    } finally {
      org.locks.release(holder);
    }
  }
}

function holding<T>(org: OrgState, holder: LockHolder, work: () => T): T {
  org.locks.current = holder;
  try {
    return org.database.transaction(work);
  } finally {
    org.locks.current = undefined;
  }
}

async function waitFor(freed: Promise<void>, mostMs: number): Promise<void> {
  const stop = new AbortController();
  const timeout = sleep(mostMs, undefined, { signal: stop.signal }).catch(() => undefined);
  await Promise.race([freed, timeout]);
  stop.abort();
}
