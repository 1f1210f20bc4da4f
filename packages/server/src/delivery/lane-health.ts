import { type DestinationConnection, type ErrorCode, HeadraceError, stoppingCodes } from '@headrace/core';
import { type DeliveryDataflow, endStops, stopDataflow } from '../store/delivery-dataflows.ts';
import { type ProbeWaits, putOffProbe } from '../store/probes.ts';
import { backoffMs } from './backoff.ts';
import type { LaneOptions } from './dataflow-lane.ts';

/** Wrong passwords are not tried again soon: Salesforce locks users out. */
const signInWaits: ProbeWaits = { firstMs: 900_000, longestMs: 900_000, forgetMs: 3_600_000 };
/** What is stopped for long is asked for 100 times a day, not 1,440 times: each time takes a call. */
const otherWaits: ProbeWaits = { firstMs: 60_000, longestMs: 900_000, forgetMs: 3_600_000 };
/** Until it is read everywhere in the process that a dataflow is stopped. */
const stoppingMs = 1_000;
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
  async failed(dataflow: DeliveryDataflow, error: HeadraceError): Promise<boolean> {
    const { dataflowId } = dataflow;
    const { now, random, pool, log } = this.#options;
    this.#failures += 1;
    const isStopping = stoppingCodes.includes(error.code);
    const waitMs = isStopping
      ? stoppingMs
      : Math.min(longestPauseMs, Math.max(error.retryAfterMs ?? 0, backoffMs(this.#failures, random())));
    this.#pausedUntil = Math.max(this.#pausedUntil, now().getTime() + waitMs);
    log.warn(
      { dataflow_id: dataflowId, code: error.code, error: error.message, wait_ms: waitMs },
      isStopping ? 'Dataflow stopped.' : 'Dataflow paused.',
    );
    if (isStopping && (await stopDataflow(pool, dataflowId, error, now(), dataflow)))
      await this.#putOffProbe(dataflow, error.code);
    return throttlingCodes.includes(error.code);
  }

  /**
   * Asks once in a while, whichever server it is, whether what stopped a dataflow is mended, and ends its stop.
   * @returns whether it goes on.
   * @throws HeadraceError with a `destination_*` code where it is not mended.
   */
  async probe(
    dataflow: DeliveryDataflow,
    open: () => Promise<DestinationConnection>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { stoppedBy, dataflowId, accountId } = dataflow;
    if (stoppedBy === null) return true;
    const { pool, log } = this.#options;
    const { code } = stoppedBy;
    if (!(await this.#putOffProbe(dataflow, code))) return false;
    await (await open()).probe(isOfSignIn(code) ? 'sign_in' : 'details', dataflow.details, signal);
    await endStops(pool, isOfSignIn(code) ? { accountId } : { dataflowId }, code);
    log.info({ dataflow_id: dataflowId }, 'Dataflow resumed: the error is mended.');
    return true;
  }

  /** One sign-in for all dataflows of an account, whose credentials are refused to each of them. */
  #putOffProbe({ dataflowId, accountId }: DeliveryDataflow, code: string): Promise<boolean> {
    const { pool, now } = this.#options;
    return isOfSignIn(code)
      ? putOffProbe(pool, { table: 'account', id: accountId }, signInWaits, now())
      : putOffProbe(pool, { table: 'dataflow', id: dataflowId }, otherWaits, now());
  }

  /** Forgets pauses: the account or the dataflow was mended. */
  resume(): void {
    this.#pausedUntil = 0;
    this.#failures = 0;
  }
}

const isOfSignIn = (code: string): boolean => code === 'destination_authentication_rejected';

export const asHeadraceError = (error: unknown): HeadraceError =>
  error instanceof HeadraceError
    ? error
    : new HeadraceError('internal', error instanceof Error ? error.message : 'Unknown error.', {
        cause: error,
      });
