import { type DestinationConnection, HeadraceError } from '@headrace/core';
import { passCrashPoint } from '../lifecycle/crash-points.ts';
import { sendingUntil } from '../lifecycle/send-deadline.ts';
import { transaction } from '../store/database.ts';
import { findChangedSince } from '../store/delivery-claims.ts';
import type { DeliveryDataflow } from '../store/delivery-dataflows.ts';
import { findRecordHolders } from '../store/match-claims.ts';
import { adaptSending, batchesInFlight, freshSending, recordsOf, type SentReport } from './adapt-sending.ts';
import type { ClaimedRow } from './admit-row.ts';
import { whileDelivering } from './call-log.ts';
import type { ClaimedBatch } from './claim-batches.ts';
import type { LaneOptions } from './dataflow-lane.ts';
import { asHeadraceError, type LaneHealth } from './lane-health.ts';
import {
  changedSince,
  putOff,
  type SendContext,
  type SentBatch,
  wasCertainlyNotWritten,
} from './row-results.ts';
import { sendBatch } from './send-batch.ts';
import { settleBatch } from './settle-batch.ts';

/** Where all is well so many batches lie ready for the next answers, so that none waits for a claim. */
const claimedAhead = 2;
/** Answers that are not written down yet hold up claims beyond so many. */
const mostAnswered = 5;

/** A claimed batch on its way. */
export type Sending = {
  readonly connection: DestinationConnection;
  readonly dataflow: DeliveryDataflow;
  readonly batch: ClaimedBatch;
  /** Counted from the claim: a process that was stopped in between must not write past its quarantine. */
  readonly deadlineAt: number;
  /** Aborts the request: its outcome stays unknown. */
  readonly hardStop: AbortSignal;
};

/** Sends the claimed batches of one lane, as many at a time as suits the destination, and settles them. */
export class BatchSender {
  readonly #options: LaneOptions;
  readonly #health: LaneHealth;
  readonly #working = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #sending = freshSending;
  /** Batches claimed and not answered; some of them on their way. */
  #unanswered = 0;
  #onTheirWay = 0;

  constructor(options: LaneOptions, health: LaneHealth) {
    this.#options = options;
    this.#health = health;
  }

  /** Whether another batch may be claimed. */
  get hasRoom(): boolean {
    const most = batchesInFlight(this.#sending);
    const ahead = most === batchesInFlight(freshSending) ? claimedAhead : 0;
    return this.#unanswered < most + ahead && this.#working.size - this.#unanswered < mostAnswered;
  }

  /** @param most of the destination, or as the pace says. */
  recordsOf(most: number): number {
    return recordsOf(this.#sending, most);
  }

  throttle(): void {
    this.#adapt({ kind: 'throttled' });
  }

  start(sending: Sending): void {
    const { dataflow, batch } = sending;
    this.#unanswered += 1;
    const work = this.#send(sending)
      .then((settlements) => this.#settle(sending, settlements))
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
        this.#working.delete(work);
        this.#options.onSettled();
      });
    this.#working.add(work);
  }

  /** Resolves when nothing is on its way any more. */
  async drain(): Promise<void> {
    await Promise.all(this.#working);
  }

  /** @returns undefined where nothing can be settled: the outcome is unknown, or all rows were put off. */
  async #send(sending: Sending): Promise<Answered | undefined> {
    try {
      await passCrashPoint('claimed');
      await this.#takeTurn();
      try {
        const batch = await this.#leaveOutChanged(sending);
        return batch.rows.length === 0 ? undefined : await this.#deliver({ ...sending, batch });
      } finally {
        this.#onTheirWay -= 1;
        this.#waiting.shift()?.();
      }
    } finally {
      this.#unanswered -= 1;
      this.#options.onSettled();
    }
  }

  async #takeTurn(): Promise<void> {
    while (this.#onTheirWay >= batchesInFlight(this.#sending))
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    this.#onTheirWay += 1;
  }

  /** An opt-out or change since the claim goes first, as does whoever stopped the dataflow: such rows are claimed again as they are now. */
  async #leaveOutChanged({ dataflow, batch }: Sending): Promise<ClaimedBatch> {
    const { pool, now } = this.#options;
    if (batch.purpose === 'recover') return batch;
    const changed = await findChangedSince(pool, dataflow, batch);
    if (changed.size === 0) return batch;
    const old = { ...batch, rows: batch.rows.filter((row) => changed.has(row.profileId)) };
    await settleBatch(pool, dataflow, old, putOff(old, changedSince, now()), now());
    return { ...batch, rows: batch.rows.filter((row) => !changed.has(row.profileId)) };
  }

  async #deliver({
    connection,
    dataflow,
    batch,
    deadlineAt,
    hardStop,
  }: Sending): Promise<Answered | undefined> {
    const { now } = this.#options;
    await passCrashPoint('checked');
    try {
      const remainingMs = deadlineAt - now().getTime();
      if (remainingMs <= 0)
        throw new HeadraceError(
          'destination_unavailable',
          'The time to send the batch ran out before it was sent.',
        );
      const signal = AbortSignal.any([hardStop, AbortSignal.timeout(remainingMs)]);
      const startedAt = performance.now();
      const sent = await whileDelivering(dataflow.dataflowId, batch.batchId, () =>
        sendingUntil(deadlineAt, () =>
          sendBatch(connection, batch, this.#contextOf(dataflow, batch), signal),
        ),
      );
      const ms = performance.now() - startedAt;
      this.#adapt({ kind: 'answered', records: batch.rows.length, ms, contended: sent.contended ?? 0 });
      if (sent.error === undefined) this.#health.succeeded();
      else await this.#failed(dataflow, asHeadraceError(sent.error));
      return { ...sent, batch };
    } catch (thrown) {
      const error = asHeadraceError(thrown);
      await this.#failed(dataflow, error);
      // Unknown outcomes stay in flight; so do rows that were only to be read.
      if (batch.purpose === 'recover' || !wasCertainlyNotWritten(error)) return undefined;
      // Due at once: it is the lane that waits.
      return { batch, settlements: putOff(batch, error, now()) };
    }
  }

  async #settle({ dataflow }: Sending, answered: Answered | undefined): Promise<void> {
    if (answered === undefined) return;
    const { pool, now } = this.#options;
    await passCrashPoint('answered');
    await settleBatch(pool, dataflow, answered.batch, answered.settlements, now(), answered.made);
    await passCrashPoint('settled');
  }

  async #failed(dataflow: DeliveryDataflow, error: HeadraceError): Promise<void> {
    if (await this.#health.failed(dataflow, error)) this.throttle();
  }

  #adapt(report: SentReport): void {
    this.#sending = adaptSending(this.#sending, report);
  }

  #contextOf(dataflow: DeliveryDataflow, { batchId }: ClaimedBatch): SendContext {
    const { pool, now, random } = this.#options;
    const { accountId } = dataflow;
    const holdersOf = (object: string, recordIds: readonly string[]) =>
      transaction(pool, (trx) => findRecordHolders(trx, { accountId, object }, recordIds));
    const changedOf = (rows: readonly ClaimedRow[]) => findChangedSince(pool, dataflow, { batchId, rows });
    return { now, random, holdersOf, changedOf };
  }
}

/** What was sent of a batch, with what became of it. */
type Answered = SentBatch & { readonly batch: ClaimedBatch };
