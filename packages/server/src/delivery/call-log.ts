import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallRecorder, DestinationLog } from '@headrace/core';
import type pg from 'pg';
import { Wakeup } from '../lifecycle/wakeup.ts';
import { type CallBounds, insertCalls, type LoggedCall, pruneCalls } from '../store/destination-calls.ts';

const flushMs = 1_000;
const pruneMs = 10 * 60_000;
const pruneStep = 5_000;
const dayMs = 86_400_000;
const daysKept = 30;
/** Of the newest calls of an account; about 40 MB. */
const callsKeptPerAccount = 200_000;
/** While the database does not take them, the oldest are given up beyond this. */
const mostWaiting = 20_000;

type CallContext = Pick<LoggedCall, 'dataflowId' | 'batchId'>;
const context = new AsyncLocalStorage<CallContext>();

/** Calls made within `work` are logged as made for this dataflow, and this batch. */
export const whileDelivering = <Result>(
  dataflowId: string,
  batchId: string | null,
  work: () => Result,
): Result => context.run({ dataflowId, batchId }, work);

export type CallLogOptions = {
  readonly pool: pg.Pool;
  readonly now: () => Date;
  readonly log: DestinationLog;
};

/**
 * The log of calls to destinations. Calls wait in memory and are written every second, beside what delivers: a crash
 * loses the last of them, from the log alone.
 */
export class CallLog {
  readonly #options: CallLogOptions;
  readonly #wakeup = new Wakeup();
  #waiting: LoggedCall[] = [];

  constructor(options: CallLogOptions) {
    this.#options = options;
  }

  recorderFor(accountId: string): CallRecorder {
    return {
      record: (call) => {
        const { dataflowId = null, batchId = null } = context.getStore() ?? {};
        this.#waiting.push({ ...call, accountId, dataflowId, batchId });
        if (this.#waiting.length > 2 * mostWaiting) this.#forgetOldest();
      },
    };
  }

  /** Writes what waits; what cannot be written waits on. */
  async flush(): Promise<void> {
    const calls = this.#waiting;
    if (calls.length === 0) return;
    this.#waiting = [];
    try {
      await insertCalls(this.#options.pool, calls);
    } catch (error) {
      this.#waiting = [...calls, ...this.#waiting];
      this.#forgetOldest();
      throw error;
    }
  }

  /** Writes and prunes until the signal aborts; what waits then is written. */
  async run(signal: AbortSignal, bounds: Partial<CallBounds> = {}): Promise<void> {
    let prunedAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      try {
        await this.flush();
        if (performance.now() - prunedAt > pruneMs) {
          await this.#prune(bounds, signal);
          prunedAt = performance.now();
        }
      } catch (error) {
        this.#warn(error);
      }
      await this.#wakeup.sleep(flushMs, signal);
    }
    await this.flush().catch((error: unknown) => this.#warn(error));
  }

  async #prune(bounds: Partial<CallBounds>, signal: AbortSignal): Promise<void> {
    const { pool, now } = this.#options;
    const since = new Date(now().getTime() - daysKept * dayMs);
    const all = { since, perAccount: callsKeptPerAccount, ...bounds };
    while (!signal.aborted && (await pruneCalls(pool, all, pruneStep)) >= pruneStep);
  }

  #forgetOldest(): void {
    this.#waiting = this.#waiting.slice(-mostWaiting);
  }

  #warn(error: unknown): void {
    this.#options.log.warn(
      { error: error instanceof Error ? error.message : String(error), waiting: this.#waiting.length },
      'The log of calls could not be written; it is tried again.',
    );
  }
}
