import {
  type BucketRange,
  bucketOf,
  type DestinationConnection,
  type DestinationLog,
  HeadraceError,
  type RemovalOutcome,
} from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { settle } from '../store/delivery-settlements.ts';
import { nextDeliveryVersion } from '../store/delivery-version.ts';
import { markWanted } from '../store/export-marks.ts';
import { withoutSending } from '../store/export-moves.ts';
import { isLeftInFlightOf } from '../store/left-records.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { findWaitingForKeys } from '../store/match-claims.ts';
import {
  deletePersonClaims,
  erasePerson,
  finishProfileDeletion,
  type ProfileDeletion,
  type RemovedRecord,
  readOpenDeletions,
  readPersonRecords,
  readUnsettledExports,
} from '../store/profile-deletions.ts';
import { backoffMs } from './backoff.ts';

/** Deletions looked at together: their records are deleted in as few calls as the destination allows. */
const pageSize = 200;
const longestRequestMs = 60_000;
/** Wrong passwords are not tried again soon: Salesforce locks users out. */
export const probeMs = 900_000;

type KeptRecord = Pick<RemovedRecord, 'accountId' | 'object' | 'recordId'>;

export type DeletePeopleOptions = {
  readonly pool: pg.Pool;
  readonly connectionFor: (accountId: string) => Promise<DestinationConnection>;
  readonly now: () => Date;
  readonly random: () => number;
  readonly log: DestinationLog;
};

/**
 * Sees deletions of people through at their destinations. A person's match keys stay claimed, so that nothing
 * writes their records, until no request of theirs can be running and their records are deleted, or kept, for good;
 * then everything else that deliveries know of them is forgotten.
 */
export class DeletePeople {
  readonly #options: DeletePeopleOptions;
  readonly #paused = new Map<string, { readonly until: number; readonly failures: number }>();

  /** Deletions whose accounts cannot be asked now, by id. */
  readonly #waiting = new Map<string, number>();

  constructor(options: DeletePeopleOptions) {
    this.#options = options;
  }

  /** An account was mended by a person. */
  resume(): void {
    this.#paused.clear();
    this.#waiting.clear();
  }

  /**
   * Looks once at open deletions of people in the given buckets, which are this worker's alone.
   * @returns how many it finished.
   */
  async advance(ranges: readonly BucketRange[], signal: AbortSignal): Promise<number> {
    let finished = 0;
    for (let after: ProfileDeletion | undefined; !signal.aborted; ) {
      const page = await readOpenDeletions(this.#options.pool, { after, limit: pageSize });
      finished += await this.#advancePage(
        page.filter((deletion) => isIn(ranges, deletion.profileId) && !this.#isPutOff(deletion)),
        signal,
      );
      after = page.at(-1);
      if (page.length < pageSize) break;
    }
    return finished;
  }

  async #advancePage(open: readonly ProfileDeletion[], signal: AbortSignal): Promise<number> {
    const { pool } = this.#options;
    const ready: { deletion: ProfileDeletion; records: readonly KeptRecord[] }[] = [];
    for (const deletion of open)
      if (await this.#settleAll(deletion))
        ready.push({ deletion, records: await readPersonRecords(pool, personOf(deletion)) });

    const doomed = ready.flatMap(({ deletion, records }) =>
      deletion.atDestinations === 'delete' ? records : [],
    );
    const outcomes = await this.#remove(doomed, signal);
    let finished = 0;
    for (const { deletion, records } of ready) {
      const removed = records.map((record) =>
        toFact(record, deletion.atDestinations === 'keep' ? 'kept' : outcomes.get(keyOf(record))),
      );
      if (removed.some((fact) => fact === undefined)) {
        this.#putOff(deletion, records);
        continue;
      }
      await this.#finish(
        deletion,
        removed.flatMap((fact) => fact ?? []),
      );
      this.#waiting.delete(deletion.profileDeletionId);
      finished += 1;
    }
    return finished;
  }

  /** Until the first of its accounts can be asked again. */
  #putOff(deletion: ProfileDeletion, records: readonly KeptRecord[]): void {
    const until = records.map(({ accountId }) => this.#paused.get(accountId)?.until ?? 0);
    this.#waiting.set(deletion.profileDeletionId, Math.min(...until.filter((at) => at > 0)));
  }

  #isPutOff({ profileDeletionId }: ProfileDeletion): boolean {
    const until = this.#waiting.get(profileDeletionId);
    return until !== undefined && Number.isFinite(until) && this.#options.now().getTime() < until;
  }

  /** Settles what will not be sent any more. @returns false while a request may be running or is to be read back. */
  #settleAll(deletion: ProfileDeletion): Promise<boolean> {
    const { pool, now } = this.#options;
    return transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      const unsettled = await readUnsettledExports(trx, personOf(deletion), now());
      for (const row of unsettled)
        if (!row.isInFlight)
          await settle(trx, row.dataflowId, [withoutSending(row, 'person_deleted')], now());
      return (
        unsettled.every(({ isInFlight }) => !isInFlight) &&
        !(await isLeftInFlightOf(trx, personOf(deletion), now()))
      );
    });
  }

  /** @returns what is final, by record. */
  async #remove(records: readonly KeptRecord[], signal: AbortSignal): Promise<Map<string, RemovalOutcome>> {
    const outcomes = new Map<string, RemovalOutcome>();
    for (const ofObject of Map.groupBy(records, ({ accountId, object }) => `${accountId} ${object}`).values())
      for (let rest: readonly KeptRecord[] = ofObject; rest.length > 0 && !signal.aborted; ) {
        const answers = await this.#removeBatch(rest, signal);
        if (answers.length === 0) break;
        for (const [index, outcome] of answers.entries()) {
          const record = rest[index];
          if (record === undefined || (outcome.kind === 'failed' && outcome.retryable)) continue;
          outcomes.set(keyOf(record), outcome);
        }
        rest = rest.slice(answers.length);
      }
    return outcomes;
  }

  /**
   * Deletes as many of the records, which are of one account and object, as one batch takes.
   * @returns their outcomes; none where the destination cannot be asked now: what was asked in vain is asked again.
   */
  async #removeBatch(
    records: readonly KeptRecord[],
    signal: AbortSignal,
  ): Promise<readonly RemovalOutcome[]> {
    const { pool, connectionFor, now, random, log } = this.#options;
    const [first] = records;
    if (first === undefined) return [];
    const { accountId, object } = first;
    const pause = this.#paused.get(accountId);
    if (pause !== undefined && now().getTime() < pause.until) return [];
    const failures = (pause?.failures ?? 0) + 1;
    const waitMs = backoffMs(failures, random());
    try {
      const connection = await connectionFor(accountId);
      const recordIds = records.slice(0, connection.maxBatchRecords).map(({ recordId }) => recordId);
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(longestRequestMs)]);
      const outcomes = await connection.remove(
        { version: await nextDeliveryVersion(pool), object, recordIds },
        deadline,
      );
      if (outcomes.some((outcome) => outcome.kind === 'failed' && outcome.retryable))
        this.#paused.set(accountId, { until: now().getTime() + waitMs, failures });
      else this.#paused.delete(accountId);
      return outcomes;
    } catch (error) {
      const known = error instanceof HeadraceError ? error : undefined;
      const atLeast =
        known?.code === 'destination_authentication_rejected' ? probeMs : (known?.retryAfterMs ?? 0);
      this.#paused.set(accountId, { until: now().getTime() + Math.max(waitMs, atLeast), failures });
      const message = error instanceof Error ? error.message : String(error);
      log.warn(
        { account_id: accountId, code: known?.code, error: message },
        'Records of deleted people are still to be deleted; it is tried again.',
      );
      return [];
    }
  }

  async #finish(deletion: ProfileDeletion, records: readonly RemovedRecord[]): Promise<void> {
    const { pool, now } = this.#options;
    await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      if (!(await finishProfileDeletion(trx, deletion.profileDeletionId, records, now()))) return;
      const person = personOf(deletion);
      await erasePerson(trx, person);
      const released = await deletePersonClaims(trx, person);
      for (const [accountId, claims] of Map.groupBy(released, (claim) => claim.accountId)) {
        const keys = claims.map(({ matchKey }) => matchKey);
        await markWanted(trx, await findWaitingForKeys(trx, accountId, keys), now());
      }
    });
  }
}

const personOf = ({ profileId, formerProfileIds }: ProfileDeletion): string[] => [
  ...new Set([profileId, ...formerProfileIds]),
];
const keyOf = ({ accountId, recordId }: KeptRecord): string => `${accountId} ${recordId}`;

const isIn = (ranges: readonly BucketRange[], profileId: string): boolean => {
  const bucket = bucketOf(profileId);
  return ranges.some(({ firstBucket, lastBucket }) => firstBucket <= bucket && bucket <= lastBucket);
};

function toFact(record: KeptRecord, outcome: RemovalOutcome | 'kept' | undefined): RemovedRecord | undefined {
  if (outcome === undefined) return undefined;
  if (outcome === 'kept') return { ...record, outcome };
  return { ...record, outcome: outcome.kind, ...('code' in outcome && { code: outcome.code }) };
}
