import type { BucketRange, DestinationConnection, DestinationLog } from '@headrace/core';
import type pg from 'pg';
import { Wakeup } from '../lifecycle/wakeup.ts';
import { readSignInsStamp } from '../store/accounts.ts';
import { readActivatedDataflows } from '../store/delivery-dataflows.ts';
import { remarkDataflows } from './activations.ts';
import { backfillActivations } from './backfill.ts';
import { BulkJobs, type BulkJobsOptions } from './bulk-jobs.ts';
import { DataflowLane } from './dataflow-lane.ts';
import { DeleteDataflows } from './delete-dataflows.ts';
import { DeletePeople } from './delete-people.ts';
import { endActivations } from './end-activations.ts';
import { LanePacer } from './lane-pacer.ts';
import { LeaseKeeper } from './lease-keeper.ts';

/** Nothing wakes the worker for due times, other processes' marks or edits: it looks this often. */
const usualPollMs = 500;
/** How often leases are renewed, and those are taken over that nobody holds any more. */
const usualRenewMs = 20_000;
/** How long requests in flight may go on after the program was asked to stop. */
const graceMs = 10_000;

export type DeliveryOptions = {
  readonly pool: pg.Pool;
  /** For the session that holds the leases. */
  readonly connection: pg.ClientConfig;
  readonly connectionFor: (accountId: string) => Promise<DestinationConnection>;
  readonly now: () => Date;
  /** Time of the ledger of calls, where it is another. */
  readonly ledgerNow?: () => Date;
  readonly random: () => number;
  readonly log: DestinationLog;
  /** Milliseconds; shorter than usual where a test lets servers end and waits for others. */
  readonly pollMs?: number;
  readonly renewMs?: number;
} & Pick<BulkJobsOptions, 'bulkFrom'>;

/** Makes what destinations hold equal to what they should hold, for as long as it runs. */
export class DeliveryWorker {
  readonly #options: DeliveryOptions;
  readonly #pollMs: number;
  readonly #renewMs: number;
  readonly #wakeup = new Wakeup();
  readonly #markingWakeup = new Wakeup();
  readonly #lanes = new Map<string, DataflowLane>();
  readonly #pacer: LanePacer;
  readonly #leases: LeaseKeeper;
  readonly #deletions: DeletePeople;
  readonly #dataflowDeletions: DeleteDataflows;
  readonly #deletionsWakeup = new Wakeup();
  readonly #dataflowDeletionsWakeup = new Wakeup();
  readonly #bulkJobs: BulkJobs;
  readonly #jobsWakeup = new Wakeup();
  #ranges: readonly BucketRange[] = [];
  #signIns: string | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#pollMs = options.pollMs ?? usualPollMs;
    this.#renewMs = options.renewMs ?? usualRenewMs;
    this.#pacer = new LanePacer(options.pool, options.ledgerNow ?? options.now);
    this.#leases = new LeaseKeeper(options.connection);
    this.#deletions = new DeletePeople(options);
    this.#dataflowDeletions = new DeleteDataflows(options);
    this.#bulkJobs = new BulkJobs(options);
  }

  /** Something may have become due. */
  wake(): void {
    this.#markingWakeup.wake();
    this.#wakeup.wake();
  }

  /** An account or dataflow was mended by a person: pauses of its failures end. */
  resume(): void {
    for (const lane of this.#lanes.values()) lane.resume();
    this.#deletions.resume();
    this.#dataflowDeletions.resume();
    this.#jobsWakeup.wake();
    this.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const hardStop = new AbortController();
    let renewedAt = Number.NEGATIVE_INFINITY;
    const marking = this.#keepMarking(signal);
    const deleting = Promise.all([
      this.#keepAdvancing(this.#deletions, this.#deletionsWakeup, signal, hardStop.signal),
      this.#keepAdvancing(this.#dataflowDeletions, this.#dataflowDeletionsWakeup, signal, hardStop.signal),
    ]);
    const following = this.#keepFollowing(signal, hardStop.signal);
    while (!signal.aborted) {
      try {
        if (performance.now() - renewedAt > this.#renewMs || this.#ranges.length === 0) {
          this.#ranges = await this.#leases.renew();
          renewedAt = performance.now();
        }
        await this.#resumeWithOthers();
        for (const dataflow of await readActivatedDataflows(this.#options.pool, this.#options.now()))
          this.#lane(dataflow.dataflowId).kick(dataflow, this.#ranges, hardStop.signal);
      } catch (error) {
        this.#warn(error);
      }
      await this.#wakeup.sleep(this.#pollMs, signal);
    }
    const grace = setTimeout(() => hardStop.abort(), graceMs);
    await Promise.all([
      marking,
      deleting,
      following,
      ...[...this.#lanes.values()].map((lane) => lane.drain()),
    ]);
    clearTimeout(grace);
    await this.#leases.release().catch(() => undefined);
  }

  /** An account may have been mended through another server. */
  async #resumeWithOthers(): Promise<void> {
    const stamp = await readSignInsStamp(this.#options.pool);
    if (this.#signIns !== undefined && this.#signIns !== stamp) this.resume();
    this.#signIns = stamp;
  }

  /** Marks due what new activations and new mappings ask for, beside delivery. */
  async #keepMarking(signal: AbortSignal): Promise<void> {
    const { pool, now } = this.#options;
    while (!signal.aborted) {
      try {
        const marking = { pool, now, signal, onRange: () => this.#wakeup.wake() };
        const marked =
          (await backfillActivations(marking)) +
          (await endActivations(marking)) +
          (await remarkDataflows(pool, now));
        if (marked > 0) this.#wakeup.wake();
      } catch (error) {
        this.#warn(error);
      }
      await this.#markingWakeup.sleep(this.#pollMs, signal);
    }
  }

  /** Sees deletions of people, and of dataflows, through, beside delivery. */
  async #keepAdvancing(
    deletions: DeletePeople | DeleteDataflows,
    wakeup: Wakeup,
    signal: AbortSignal,
    hardStop: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        if ((await deletions.advance(this.#ranges, hardStop)) > 0) this.#wakeup.wake();
      } catch (error) {
        this.#warn(error);
      }
      await wakeup.sleep(this.#pollMs, signal);
    }
  }

  /** Sees jobs through at their destinations, beside delivery. */
  async #keepFollowing(signal: AbortSignal, hardStop: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if ((await this.#bulkJobs.follow(this.#ranges, hardStop)) > 0) this.#wakeup.wake();
      } catch (error) {
        this.#warn(error);
      }
      await this.#jobsWakeup.sleep(this.#pollMs, signal);
    }
  }

  #warn(error: unknown): void {
    this.#options.log.warn(
      { error: error instanceof Error ? error.message : String(error) },
      'Delivery could not go on; it tries again.',
    );
  }

  #lane(dataflowId: string): DataflowLane {
    let lane = this.#lanes.get(dataflowId);
    if (lane === undefined) {
      lane = new DataflowLane({
        ...this.#options,
        ownerId: this.#leases.ownerId,
        bulkJobs: this.#bulkJobs,
        pacer: this.#pacer,
        onSettled: () => this.#wakeup.wake(),
      });
      this.#lanes.set(dataflowId, lane);
    }
    return lane;
  }
}
