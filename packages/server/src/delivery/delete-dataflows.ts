import {
  type BucketRange,
  bucketCount,
  bucketOf,
  type DestinationConnection,
  HeadraceError,
  type RemovalOutcome,
} from '@headrace/core';
import { transaction } from '../store/database.ts';
import {
  type CreatedRecord,
  type DataflowDeletion,
  deleteDataflow,
  deleteDataflowHistory,
  deleteDataflowRows,
  isSending,
  type Removal,
  readCreatedRecords,
  readDataflowDeletion,
  readOpenDataflowDeletions,
  settleRemovals,
} from '../store/dataflow-deletions.ts';
import { nextDeliveryVersion } from '../store/delivery-version.ts';
import { markWaiting, markWanted } from '../store/export-marks.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { findWaitingForKeys } from '../store/match-claims.ts';
import { backoffMs } from './backoff.ts';
import { whileDelivering } from './call-log.ts';
import { type DeletePeopleOptions, probeMs } from './delete-people.ts';

const longestRequestMs = 60_000;
/** Buckets whose rows go in one transaction. */
const chunkBuckets = 64;
const historyStep = 5_000;

type Pause = { readonly until: number; readonly failures: number };

/**
 * Sees deletions of dataflows through. Records that the dataflow made go first, where that was asked for: each batch is
 * written down when it is answered, and asked for again when it was not. Then its rows go, bucket by bucket, and in the
 * end itself. Stopped anywhere it goes on there.
 */
export class DeleteDataflows {
  readonly #options: DeletePeopleOptions;
  readonly #paused = new Map<string, Pause>();

  constructor(options: DeletePeopleOptions) {
    this.#options = options;
  }

  /** An account was mended by a person. */
  resume(): void {
    this.#paused.clear();
  }

  /**
   * Works on open deletions whose dataflows lie in the given buckets, which are this worker's alone.
   * @returns how many it finished.
   */
  async advance(ranges: readonly BucketRange[], signal: AbortSignal): Promise<number> {
    let finished = 0;
    for (const deletion of await readOpenDataflowDeletions(this.#options.pool)) {
      const bucket = bucketOf(deletion.dataflowId);
      const isOwn = ranges.some(
        ({ firstBucket, lastBucket }) => firstBucket <= bucket && bucket <= lastBucket,
      );
      if (isOwn && !signal.aborted && (await this.#work(deletion, signal))) finished += 1;
    }
    return finished;
  }

  /** @returns whether it is done. */
  async #work(deletion: DataflowDeletion, signal: AbortSignal): Promise<boolean> {
    const { pool, now } = this.#options;
    const { dataflowId } = deletion;
    if (await isSending(pool, dataflowId, now())) return false;
    if (!(await this.#deleteRecords(deletion, signal))) return false;
    for (let { nextBucket } = deletion; nextBucket < bucketCount; nextBucket += chunkBuckets) {
      if (signal.aborted) return false;
      await transaction(pool, async (trx) => {
        await lockProfileWrites(trx);
        const lastBucket = Math.min(nextBucket + chunkBuckets, bucketCount) - 1;
        const left = await deleteDataflowRows(trx, deletion, { firstBucket: nextBucket, lastBucket });
        await markWaiting(trx, left, now());
      });
    }
    while ((await deleteDataflowHistory(pool, dataflowId, historyStep)) >= historyStep)
      if (signal.aborted) return false;
    await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      await deleteDataflow(trx, dataflowId, now());
    });
    return true;
  }

  /** @returns whether none is left to be deleted. */
  async #deleteRecords({ dataflowId }: DataflowDeletion, signal: AbortSignal): Promise<boolean> {
    const { pool, now, connectionFor } = this.#options;
    let after: string | undefined;
    while (!signal.aborted) {
      // Asked again each time: a person may have decided otherwise meanwhile.
      const deletion = await readDataflowDeletion(pool, dataflowId);
      if (deletion?.atDestination !== 'delete_created') return true;
      if (now().getTime() < (this.#paused.get(dataflowId)?.until ?? 0)) return false;
      try {
        const connection = await connectionFor(deletion.accountId);
        const page = { after, limit: connection.maxBatchRecords };
        const records = await readCreatedRecords(pool, deletion, page);
        if (records.length === 0 && after === undefined) return true;
        for (const ofObject of Map.groupBy(records, ({ object }) => object).values())
          await this.#remove(deletion, connection, ofObject, signal);
        // From the start again after the last page: what is to be tried again is there.
        after = records.length < page.limit ? undefined : records.at(-1)?.profileId;
      } catch (error) {
        this.#pause(deletion, error);
      }
    }
    return false;
  }

  async #remove(
    deletion: DataflowDeletion,
    connection: DestinationConnection,
    records: readonly CreatedRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    const { pool, now } = this.#options;
    const { dataflowId, accountId } = deletion;
    const [first] = records;
    if (first === undefined) return;
    const recordIds = records.map(({ recordId }) => recordId);
    const version = await nextDeliveryVersion(pool);
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(longestRequestMs)]);
    const outcomes = await whileDelivering(dataflowId, null, () =>
      connection.remove({ version, object: first.object, recordIds }, deadline),
    );
    const removals = records.flatMap((record, at) => toRemoval(record, outcomes[at]));
    await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      const freed = await settleRemovals(trx, deletion, removals);
      await markWanted(trx, await findWaitingForKeys(trx, accountId, freed), now());
    });
    if (removals.length === records.length) this.#paused.delete(dataflowId);
    else
      throw new HeadraceError('destination_unavailable', 'Some records could not be deleted at this moment.');
  }

  #pause({ dataflowId, accountId }: DataflowDeletion, error: unknown): void {
    const { now, random, log } = this.#options;
    const known = error instanceof HeadraceError ? error : undefined;
    const failures = (this.#paused.get(dataflowId)?.failures ?? 0) + 1;
    const atLeast =
      known?.code === 'destination_authentication_rejected' ? probeMs : (known?.retryAfterMs ?? 0);
    const waitMs = Math.max(atLeast, backoffMs(failures, random()));
    this.#paused.set(dataflowId, { until: now().getTime() + waitMs, failures });
    const message = error instanceof Error ? error.message : String(error);
    log.warn(
      { dataflow_id: dataflowId, account_id: accountId, code: known?.code, error: message, wait_ms: waitMs },
      'Records of a deleted dataflow are still to be deleted; it is tried again.',
    );
  }
}

/** @returns none for what is to be tried again. */
function toRemoval(record: CreatedRecord, outcome: RemovalOutcome | undefined): Removal[] {
  if (outcome === undefined || (outcome.kind === 'failed' && outcome.retryable)) return [];
  return [{ ...record, outcome: outcome.kind, code: 'code' in outcome ? outcome.code : null }];
}
