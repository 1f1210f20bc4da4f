import {
  type BucketRange,
  type DestinationConnection,
  type DestinationLog,
  type ErrorCode,
  HeadraceError,
  stoppingCodes,
} from '@headrace/core';
import type pg from 'pg';
import { passCrashPoint } from '../lifecycle/crash-points.ts';
import { transaction } from '../store/database.ts';
import { findChangedSince } from '../store/delivery-claims.ts';
import { type DeliveryDataflow, resumeDataflow, stopDataflow } from '../store/delivery-dataflows.ts';
import type { Settlement } from '../store/delivery-settlements.ts';
import { findRecordHolders } from '../store/match-claims.ts';
import { adaptSending, batchesInFlight, freshSending, recordsOf, type SentReport } from './adapt-sending.ts';
import { backoffMs } from './backoff.ts';
import type { BulkJobs } from './bulk-jobs.ts';
import { whileDelivering } from './call-log.ts';
import { type ClaimedBatch, claimBatches } from './claim-batches.ts';
import { type DeliveryRules, deliveryRulesOf } from './decide-delivery.ts';
import { ensureLists } from './ensure-lists.ts';
import type { LanePacer } from './lane-pacer.ts';
import { putOff, type SendContext, type SentBatch, wasCertainlyNotWritten } from './row-results.ts';
import { sendBatch } from './send-batch.ts';
import { settleBatch } from './settle-batch.ts';

/** A request that takes longer is given up, its outcome unknown; no longer than the destination goes on with it. */
const longestRequestMs = 120_000;
const requestDeadlineMs = (connection: DestinationConnection): number =>
  Math.min(longestRequestMs, connection.lostCallMs);
/** Wrong passwords are not tried again soon: Salesforce locks users out. */
const probeMs = { authentication: 900_000, other: 60_000 };
/** Room may come back earlier than it was thought, and an allowance may be raised. */
const longestPauseMs = 300_000;
const throttlingCodes: readonly ErrorCode[] = ['destination_rate_limited', 'destination_unavailable'];

export type LaneOptions = {
  readonly pool: pg.Pool;
  readonly ownerId: string;
  readonly connectionFor: (accountId: string) => Promise<DestinationConnection>;
  /** Of all lanes of the process. */
  readonly pacer: LanePacer;
  readonly now: () => Date;
  readonly random: () => number;
  readonly log: DestinationLog;
  /** Without it everything is written record by record. */
  readonly bulkJobs?: Pick<BulkJobs, 'takeBacklog'>;
  /** Called when a batch has been settled, or its time has come: there may be room for the next. */
  readonly onSettled: () => void;
};

/**
 * Delivers one dataflow: claims while there is room, sends, settles. Pauses after failures of the connection;
 * stops the dataflow on errors that only a person can mend, and probes until they are.
 */
export class DataflowLane {
  readonly #options: LaneOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #advancing: Promise<void> | undefined;
  #wasKicked = false;
  #pausedUntil = 0;
  #failures = 0;
  #sending = freshSending;
  #firstRange = 0;
  #wakeTimer: NodeJS.Timeout | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /**
   * Claims and starts sending what is due, until nothing is or enough is in flight. Returns at once: a dataflow
   * whose destination hangs holds up no other. While it is at it, another kick is remembered.
   * @param hardStop aborts requests in flight: their outcome stays unknown.
   */
  kick(dataflow: DeliveryDataflow, ranges: readonly BucketRange[], hardStop: AbortSignal): void {
    if (this.#advancing !== undefined) {
      this.#wasKicked = true;
      return;
    }
    this.#wasKicked = false;
    this.#advancing = this.#advance(dataflow, ranges, hardStop)
      .catch((error: unknown) =>
        this.#options.log.warn(
          { dataflow_id: dataflow.dataflowId, error: asHeadraceError(error).message },
          'A claim failed; it is tried again.',
        ),
      )
      .finally(() => {
        this.#advancing = undefined;
        if (this.#wasKicked) this.#options.onSettled();
      });
  }

  async #advance(
    dataflow: DeliveryDataflow,
    ranges: readonly BucketRange[],
    hardStop: AbortSignal,
  ): Promise<void> {
    const { now } = this.#options;
    if (!dataflow.enabled || now().getTime() < this.#pausedUntil) return;
    const connection = await whileDelivering(dataflow.dataflowId, null, () => this.#open(dataflow, hardStop));
    if (connection === undefined) return;
    const rules = deliveryRulesOf(dataflow, connection);
    const deadlineMs = requestDeadlineMs(connection);
    if (!(await this.#takeBacklog(connection, dataflow, rules, ranges, hardStop))) return;
    // Where calls are scarce there may be time for one range only: the next time another comes first.
    this.#firstRange += 1;
    const first = this.#firstRange % Math.max(1, ranges.length);
    for (const range of [...ranges.slice(first), ...ranges.slice(0, first)])
      for (;;) {
        if (this.#inFlight.size >= batchesInFlight(this.#sending) || hardStop.aborted) return;
        const pace = await this.#options.pacer.paceOf(dataflow, ranges, connection.maxBatchRecords);
        const at = now();
        if (pace.sendAt > at.getTime()) return this.#wakeIn(pace.sendAt - at.getTime());
        const limit = recordsOf(this.#sending, pace.records);
        const deadlineAt = at.getTime() + deadlineMs;
        const claim = await claimBatches({
          pool: this.#options.pool,
          ownerId: this.#options.ownerId,
          dataflow,
          rules,
          range,
          limit,
          deadlineMs,
          lookAgainAt: new Date(deadlineAt + connection.lostCallMs),
          now: at,
        });
        this.#options.pacer.sending(dataflow.dataflowId, claim.batches.length);
        for (const batch of claim.batches) this.#start(connection, dataflow, batch, deadlineAt, hardStop);
        if (claim.claimed < limit) break;
      }
  }

  /** A large backlog goes as jobs. @returns false where the lane has to wait */
  async #takeBacklog(
    connection: DestinationConnection,
    dataflow: DeliveryDataflow,
    rules: DeliveryRules,
    ranges: readonly BucketRange[],
    hardStop: AbortSignal,
  ): Promise<boolean> {
    const { pool, ownerId, bulkJobs } = this.#options;
    if (bulkJobs === undefined || connection.bulk === undefined) return true;
    const deadlineMs = requestDeadlineMs(connection);
    const lookAgainAt = (at: Date) => new Date(at.getTime() + deadlineMs + connection.lostCallMs);
    const sendDirectly = (batch: ClaimedBatch, claimedAt: Date): void =>
      this.#start(connection, dataflow, batch, claimedAt.getTime() + deadlineMs, hardStop);
    const claiming = { pool, ownerId, dataflow, rules, ranges, deadlineMs, lookAgainAt, sendDirectly };
    try {
      await bulkJobs.takeBacklog(
        { ...claiming, recordsPerCall: connection.maxBatchRecords },
        connection.bulk,
        hardStop,
      );
      return true;
    } catch (error) {
      await this.#afterFailure(dataflow, asHeadraceError(error));
      return false;
    }
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#wakeTimer);
    this.#wakeTimer = setTimeout(this.#options.onSettled, ms).unref();
  }

  /** Resolves when nothing is in flight any more. */
  async drain(): Promise<void> {
    await this.#advancing;
    clearTimeout(this.#wakeTimer);
    await Promise.all(this.#inFlight);
  }

  async #open(dataflow: DeliveryDataflow, signal: AbortSignal): Promise<DestinationConnection | undefined> {
    try {
      const connection = await this.#options.connectionFor(dataflow.accountId);
      if (dataflow.stoppedBy !== null) {
        await connection.test(signal);
        await resumeDataflow(this.#options.pool, dataflow.dataflowId);
        this.#options.log.info(
          { dataflow_id: dataflow.dataflowId },
          'Dataflow resumed: the error is mended.',
        );
      }
      // `prepare` needs them; the adapter keeps them.
      await connection.targetFields(dataflow.details, signal);
      const deadlineMs = requestDeadlineMs(connection);
      return (await ensureLists(this.#options, connection, dataflow, deadlineMs, signal))
        ? connection
        : undefined;
    } catch (error) {
      await this.#afterFailure(dataflow, asHeadraceError(error));
      return undefined;
    }
  }

  #start(
    connection: DestinationConnection,
    dataflow: DeliveryDataflow,
    batch: ClaimedBatch,
    deadlineAt: number,
    hardStop: AbortSignal,
  ): void {
    const work = this.#leaveOutChanged(dataflow, batch)
      .then((unchanged) => this.#deliver(connection, dataflow, unchanged, deadlineAt, hardStop))
      .catch((error: unknown) =>
        // The rows stay in flight and are looked at again when a lost request can no longer be running.
        this.#options.log.warn(
          {
            dataflow_id: dataflow.dataflowId,
            batch_id: batch.batchId,
            error: asHeadraceError(error).message,
          },
          'A batch could not be settled.',
        ),
      )
      .finally(() => {
        this.#inFlight.delete(work);
        this.#options.onSettled();
      });
    this.#inFlight.add(work);
  }

  /** An opt-out or change since the claim goes first: such rows are claimed again as they are now. */
  async #leaveOutChanged(dataflow: DeliveryDataflow, batch: ClaimedBatch): Promise<ClaimedBatch> {
    const { pool, now } = this.#options;
    await passCrashPoint('claimed');
    if (batch.purpose === 'recover') return batch;
    const changed = await findChangedSince(pool, dataflow.dataflowId, batch);
    if (changed.size === 0) return batch;
    const old = { ...batch, rows: batch.rows.filter((row) => changed.has(row.profileId)) };
    await settleBatch(pool, dataflow, old, putOff(old, changedSince, now()), now());
    return { ...batch, rows: batch.rows.filter((row) => !changed.has(row.profileId)) };
  }

  async #deliver(
    connection: DestinationConnection,
    dataflow: DeliveryDataflow,
    batch: ClaimedBatch,
    deadlineAt: number,
    hardStop: AbortSignal,
  ): Promise<void> {
    const { pool, now } = this.#options;
    if (batch.rows.length === 0) return;
    await passCrashPoint('checked');
    let settlements: readonly Settlement[];
    let made: SentBatch['made'];
    try {
      // Counted from the claim: a process that was stopped in between must not write past its quarantine.
      const remainingMs = deadlineAt - now().getTime();
      if (remainingMs <= 0)
        throw new HeadraceError(
          'destination_unavailable',
          'The time to send the batch ran out before it was sent.',
        );
      const signal = AbortSignal.any([hardStop, AbortSignal.timeout(remainingMs)]);
      const startedAt = performance.now();
      const sent = await whileDelivering(dataflow.dataflowId, batch.batchId, () =>
        sendBatch(connection, batch, this.#contextOf(dataflow), signal),
      );
      ({ settlements, made } = sent);
      const ms = performance.now() - startedAt;
      this.#adapt({ kind: 'answered', records: batch.rows.length, ms, contended: sent.contended ?? 0 });
      if (sent.error === undefined) this.#failures = 0;
      else await this.#afterFailure(dataflow, asHeadraceError(sent.error));
    } catch (thrown) {
      const error = asHeadraceError(thrown);
      await this.#afterFailure(dataflow, error);
      // Unknown outcomes stay in flight; so do rows that were only to be read.
      if (batch.purpose === 'recover' || !wasCertainlyNotWritten(error)) return;
      // Due at once: it is the lane that waits.
      settlements = putOff(batch, error, now());
    }
    await passCrashPoint('answered');
    await settleBatch(pool, dataflow, batch, settlements, now(), made);
    await passCrashPoint('settled');
  }

  #adapt(report: SentReport): void {
    this.#sending = adaptSending(this.#sending, report);
  }

  #contextOf({ accountId }: DeliveryDataflow): SendContext {
    const { pool, now, random } = this.#options;
    const holdersOf = (object: string, recordIds: readonly string[]) =>
      transaction(pool, (trx) => findRecordHolders(trx, { accountId, object }, recordIds));
    return { now, random, holdersOf };
  }

  async #afterFailure(dataflow: DeliveryDataflow, error: HeadraceError): Promise<void> {
    const { now, random, pool, log } = this.#options;
    this.#failures += 1;
    if (throttlingCodes.includes(error.code)) this.#adapt({ kind: 'throttled' });
    const isStopping = stoppingCodes.includes(error.code);
    const waitMs = isStopping
      ? error.code === 'destination_authentication_rejected'
        ? probeMs.authentication
        : probeMs.other
      : Math.min(longestPauseMs, Math.max(error.retryAfterMs ?? 0, backoffMs(this.#failures, random())));
    this.#pausedUntil = Math.max(this.#pausedUntil, now().getTime() + waitMs);
    log.warn(
      { dataflow_id: dataflow.dataflowId, code: error.code, error: error.message, wait_ms: waitMs },
      isStopping ? 'Dataflow stopped.' : 'Dataflow paused.',
    );
    if (isStopping) await stopDataflow(pool, dataflow.dataflowId, error, now());
  }

  /** Forgets pauses: the account or the dataflow was mended. */
  resume(): void {
    this.#pausedUntil = 0;
    this.#failures = 0;
  }
}

const changedSince = { code: 'changed_since', message: 'The profile changed before it was sent.' };

const asHeadraceError = (error: unknown): HeadraceError =>
  error instanceof HeadraceError
    ? error
    : new HeadraceError('internal', error instanceof Error ? error.message : 'Unknown error.', {
        cause: error,
      });
