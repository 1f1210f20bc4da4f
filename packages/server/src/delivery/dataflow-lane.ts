import type { BucketRange, DestinationConnection, DestinationLog } from '@headrace/core';
import type pg from 'pg';
import { hasDueRows } from '../store/delivery-claims.ts';
import type { DeliveryDataflow } from '../store/delivery-dataflows.ts';
import { BatchSender } from './batch-sender.ts';
import type { BulkJobs } from './bulk-jobs.ts';
import { whileDelivering } from './call-log.ts';
import { claimBatches } from './claim-batches.ts';
import { type DeliveryRules, deliveryRulesOf } from './decide-delivery.ts';
import { ensureLists } from './ensure-lists.ts';
import { asHeadraceError, LaneHealth } from './lane-health.ts';
import type { LanePacer } from './lane-pacer.ts';

/** A request that takes longer is given up, its outcome unknown; no longer than the destination goes on with it. */
const longestRequestMs = 120_000;
const requestDeadlineMs = (connection: DestinationConnection): number =>
  Math.min(longestRequestMs, connection.lostCallMs);

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
  /** Called when a batch was answered or settled, or its time has come: there may be room for the next. */
  readonly onSettled: () => void;
};

/**
 * Delivers one dataflow: claims while there is room, sends, settles. Pauses after failures of the connection;
 * stops the dataflow on errors that only a person can mend, and probes until they are.
 */
export class DataflowLane {
  readonly #options: LaneOptions;
  readonly #health: LaneHealth;
  readonly #sender: BatchSender;
  #advancing: Promise<void> | undefined;
  #wasKicked = false;
  #firstRange = 0;
  #wakeTimer: NodeJS.Timeout | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#health = new LaneHealth(options);
    this.#sender = new BatchSender(options, this.#health);
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
    if (!dataflow.enabled || this.#health.isPaused || !this.#sender.hasRoom) return;
    // Nothing is asked of the destination meanwhile; one that stopped is probed.
    const { pool } = this.#options;
    if (dataflow.stoppedBy === null && !(await hasDueRows(pool, dataflow.dataflowId, now()))) return;
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
        if (!this.#sender.hasRoom || hardStop.aborted) return;
        const pace = await this.#options.pacer.paceOf(dataflow, ranges, connection.maxBatchRecords);
        const waitMs = pace.sendAt - this.#options.pacer.now().getTime();
        if (waitMs > 0) return this.#wakeIn(waitMs);
        const at = now();
        const limit = this.#sender.recordsOf(pace.records);
        const deadlineAt = at.getTime() + deadlineMs;
        const claim = await claimBatches({
          pool,
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
        for (const batch of claim.batches)
          this.#sender.start({ connection, dataflow, batch, deadlineAt, hardStop });
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
    const claiming = { pool, ownerId, dataflow, rules, ranges, deadlineMs, lookAgainAt };
    try {
      await bulkJobs.takeBacklog(
        { ...claiming, recordsPerCall: connection.maxBatchRecords },
        connection.bulk,
        hardStop,
      );
      return true;
    } catch (error) {
      await this.#failed(dataflow, error);
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
    await this.#sender.drain();
  }

  async #open(dataflow: DeliveryDataflow, signal: AbortSignal): Promise<DestinationConnection | undefined> {
    try {
      const open = () => this.#options.connectionFor(dataflow.accountId);
      if (!(await this.#health.probe(dataflow, open, signal))) return undefined;
      const connection = await open();
      // `prepare` needs them; the adapter keeps them.
      await connection.targetFields(dataflow.details, signal);
      const deadlineMs = requestDeadlineMs(connection);
      return (await ensureLists(this.#options, connection, dataflow, deadlineMs, signal))
        ? connection
        : undefined;
    } catch (error) {
      await this.#failed(dataflow, error);
      return undefined;
    }
  }

  async #failed(dataflow: DeliveryDataflow, error: unknown): Promise<void> {
    if (await this.#health.failed(dataflow, asHeadraceError(error))) this.#sender.throttle();
  }

  /** Forgets pauses: the account or the dataflow was mended. */
  resume(): void {
    this.#health.resume();
  }
}
