import { type DeliveryBatch, type DeliveryItem, type DeliveryOutcome, HeadraceError } from '@headrace/core';
import type {
  MadeRecord,
  RetryResult,
  SentValues,
  SettledResult,
  Settlement,
} from '../store/delivery-settlements.ts';
import type { ClaimedRow } from './admit-row.ts';
import { backoffMs } from './backoff.ts';
import type { ClaimedBatch } from './claim-batches.ts';
import { listKey } from './wanted-record.ts';

export type SendContext = {
  readonly now: () => Date;
  readonly random: () => number;
  /** Who is kept in each of some records: record id → profile id. */
  readonly holdersOf: (object: string, recordIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Rows of the batch that are not to be sent as they were claimed any more, by profile id. */
  readonly changedOf: (rows: readonly ClaimedRow[]) => Promise<ReadonlySet<string>>;
};

/** Why rows go back that were claimed and not sent. */
export const changedSince = {
  code: 'changed_since',
  message: 'The profile or the dataflow changed before it was sent.',
};

/** Undefined: the outcome of the row is not known, so that it stays in flight and is read back. */
export type RowResult = SettledResult | RetryResult | undefined;

/** What became of a batch: for each row that is to be settled. */
export type SentBatch = {
  readonly settlements: readonly Settlement[];
  /** What failed for a part of the batch, of the connection. */
  readonly error?: unknown;
  /** Records that were made while the outcome of their rows is not known. */
  readonly made?: readonly MadeRecord[];
  /** Records that were refused because others were writing the same rows. */
  readonly contended?: number;
};

export const countContended = (outcomes: readonly DeliveryOutcome[]): number =>
  outcomes.filter((outcome) => outcome.kind === 'failed' && outcome.contention === true).length;

/** @returns what an answer tells of rows that stay in flight: which records were made. */
export const madeOf = (rows: readonly ClaimedRow[], outcomes: readonly DeliveryOutcome[]): MadeRecord[] =>
  rows.flatMap(({ profileId }, index) => {
    const outcome = outcomes[index];
    if (outcome?.kind !== 'failed' || outcome.unknown !== true || outcome.created !== true) return [];
    return outcome.recordId === undefined ? [] : [{ profileId, recordId: outcome.recordId }];
  });

export const toItem = ({ matchKey, recordId, fields, ifEmpty, lists }: ClaimedRow): DeliveryItem => ({
  matchKey,
  recordId,
  fields,
  ifEmpty,
  lists,
});

export const requestOf = (
  { version, object, details }: ClaimedBatch,
  group: DeliveryBatch['group'],
  items: readonly DeliveryItem[],
): DeliveryBatch => ({ version, object, group, details, items });

/** @throws Error where there is not one answer for each row. */
export function requireAnswers(answers: readonly unknown[], rows: readonly ClaimedRow[]): void {
  if (answers.length !== rows.length)
    throw new Error(`The destination answered ${answers.length} outcomes for ${rows.length} records.`);
}

export const settlementsOf = (
  batch: ClaimedBatch,
  rows: readonly ClaimedRow[],
  resultOf: (row: ClaimedRow, index: number) => RowResult,
): Settlement[] =>
  rows.flatMap((row, index) => {
    const result = resultOf(row, index);
    if (result === undefined) return [];
    return [{ profileId: row.profileId, seq: row.seq, inFlight: batch.batchId, result }];
  });

/** Puts rows of a batch off that were certainly not written. */
export const putOff = (
  batch: ClaimedBatch,
  error: { readonly code: string; readonly message: string },
  at: Date,
  rows: readonly ClaimedRow[] = batch.rows,
): Settlement[] =>
  settlementsOf(batch, rows, () => ({
    kind: 'retry',
    at,
    code: error.code,
    message: error.message,
    recordId: null,
  }));

/** @param row with what was written of it. */
export function afterWriting(
  outcome: DeliveryOutcome | undefined,
  row: ClaimedRow,
  context: Pick<SendContext, 'now' | 'random'>,
): RowResult {
  switch (outcome?.kind) {
    case undefined:
      return undefined;
    case 'activated':
      return { ...written(row, outcome.recordId, outcome.created), sentValues: sentValuesOf(row) };
    case 'record_gone':
      // Looked for by its key at once; where what is found so is gone again, after a while.
      return {
        kind: 'retry',
        at: row.attempts === 0 ? context.now() : laterAt(row, context),
        code: outcome.code,
        message: outcome.message,
        recordId: 'forget',
      };
    case 'failed': {
      const { code, message, recordId = null } = outcome;
      if (outcome.unknown === true) return undefined;
      const created = recordId === null ? null : outcome.created === true;
      if (!outcome.retryable)
        return { ...failed(row, code, message), recordId, created, sentValues: sentValuesOf(row) };
      const at = laterAt(row, context);
      return { kind: 'retry', at, code, message, recordId, created: created === true };
    }
  }
}

/** When a row is tried again that failed. */
export const laterAt = (
  { attempts }: Pick<ClaimedRow, 'attempts'>,
  { now, random }: Pick<SendContext, 'now' | 'random'>,
): Date => new Date(now().getTime() + backoffMs(attempts + 1, random()));

const sentValuesOf = ({ fields, lists }: ClaimedRow): SentValues => ({
  ...fields,
  ...Object.fromEntries(lists.map(({ listId, status }) => [listKey(listId), status])),
});

/** The record holds what it was to hold. */
export const written = (row: ClaimedRow, recordId: string, created: boolean): SettledResult => ({
  kind: 'settled',
  ...row.settleAs,
  recordId,
  sentHash: row.hash,
  sent: row.sent,
  matchKey: row.matchKey,
  created,
  isWritten: true,
});

export const failed = (row: ClaimedRow, code: string, message: string): SettledResult => ({
  kind: 'settled',
  status: row.settleAs.status === 'exited' ? 'exited' : 'failed',
  code,
  message,
  recordId: null,
  sentHash: null,
  matchKey: row.matchKey,
  created: null,
});

export const severalMatches = (row: ClaimedRow, recordIds: readonly string[]): SettledResult =>
  failed(
    row,
    'several_matches',
    `Several records match the key: ${recordIds.join(', ')}. Merge them in the destination, then retry.`,
  );

/** The destination said, or it is plain, that nothing of the call was applied. */
export const wasCertainlyNotWritten = (error: unknown): error is HeadraceError =>
  error instanceof HeadraceError &&
  error.code.startsWith('destination_') &&
  error.code !== 'destination_outcome_unknown';
