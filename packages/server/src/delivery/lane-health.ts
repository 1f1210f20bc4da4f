import { type ErrorCode, HeadraceError, stoppingCodes } from '@headrace/core';
import { type DeliveryDataflow, stopDataflow } from '../store/delivery-dataflows.ts';
import { backoffMs } from './backoff.ts';
import type { LaneOptions } from './dataflow-lane.ts';

/** Wrong passwords are not tried again soon: Salesforce locks users out. */
const probeMs = { authentication: 900_000, other: 60_000 };
/** Room may come back earlier than it was thought, and an allowance may be raised. */
const longestPauseMs = 300_000;
const throttlingCodes: readonly ErrorCode[] = ['destination_rate_limited', 'destination_unavailable'];

/** Whether the connection of a lane works: after failures it rests, and errors that only a person can mend stop it. */
export class LaneHealth {
  readonly #options: Pick<LaneOptions, 'pool' | 'now' | 'random' | 'log'>;
  #pausedUntil = 0;
  #failures = 0;

  constructor(options: Pick<LaneOptions, 'pool' | 'now' | 'random' | 'log'>) {
    this.#options = options;
  }

  get isPaused(): boolean {
    return this.#options.now().getTime() < this.#pausedUntil;
  }

  /** A call was answered. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** @returns whether the destination asked for less, or could not answer. */
  async failed({ dataflowId }: DeliveryDataflow, error: HeadraceError): Promise<boolean> {
    const { now, random, pool, log } = this.#options;
    this.#failures += 1;
    const isStopping = stoppingCodes.includes(error.code);
    const waitMs = isStopping
      ? error.code === 'destination_authentication_rejected'
        ? probeMs.authentication
        : probeMs.other
      : Math.min(longestPauseMs, Math.max(error.retryAfterMs ?? 0, backoffMs(this.#failures, random())));
    this.#pausedUntil = Math.max(this.#pausedUntil, now().getTime() + waitMs);
    log.warn(
      { dataflow_id: dataflowId, code: error.code, error: error.message, wait_ms: waitMs },
      isStopping ? 'Dataflow stopped.' : 'Dataflow paused.',
    );
    if (isStopping) await stopDataflow(pool, dataflowId, error, now());
    return throttlingCodes.includes(error.code);
  }

  /** Forgets pauses: the account or the dataflow was mended. */
  resume(): void {
    this.#pausedUntil = 0;
    this.#failures = 0;
  }
}

export const asHeadraceError = (error: unknown): HeadraceError =>
  error instanceof HeadraceError
    ? error
    : new HeadraceError('internal', error instanceof Error ? error.message : 'Unknown error.', {
        cause: error,
      });
