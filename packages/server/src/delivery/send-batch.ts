import type { DeliveryBatch, DeliveryOutcome, DestinationConnection, ReadRecord } from '@headrace/core';
import type { RetryResult, SettledResult, Settlement } from '../store/delivery-settlements.ts';
import type { ClaimedRow } from './admit-row.ts';
import { backoffMs } from './backoff.ts';
import type { ClaimedBatch } from './claim-batches.ts';

export type SendContext = { readonly now: () => Date; readonly random: () => number };

/**
 * Makes the one call a batch stands for and turns the answer into a settlement for each row.
 * @throws HeadraceError for the whole batch, as `DestinationConnection.deliver` does.
 */
export async function sendBatch(
  connection: DestinationConnection,
  batch: ClaimedBatch,
  context: SendContext,
  signal: AbortSignal,
): Promise<Settlement[]> {
  const request: DeliveryBatch = {
    version: batch.version,
    object: batch.object,
    group: batch.purpose === 'update' ? 'update' : 'create',
    details: batch.details,
    items: batch.rows.map((row) => ({
      matchKey: row.matchKey,
      recordId: row.recordId,
      fields: row.fields,
      ifEmpty: [],
      lists: [],
    })),
  };
  const results =
    batch.purpose === 'recover'
      ? (await connection.read(request, signal)).map((read, index) =>
          afterReading(read, rowAt(batch, index), context),
        )
      : (await connection.deliver(request, signal)).map((outcome, index) =>
          afterWriting(outcome, rowAt(batch, index), context),
        );
  if (results.length !== batch.rows.length)
    throw new Error(`The destination answered ${results.length} outcomes for ${batch.rows.length} records.`);
  return results.map((result, index) => settlementOf(batch, rowAt(batch, index), result));
}

/** Puts every row of a batch off that was certainly not written. */
export function putOff(
  batch: ClaimedBatch,
  error: { readonly code: string; readonly message: string },
  at: Date,
): Settlement[] {
  return batch.rows.map((row) =>
    settlementOf(batch, row, {
      kind: 'retry',
      at,
      code: error.code,
      message: error.message,
      recordId: null,
    }),
  );
}

const settlementOf = (
  batch: ClaimedBatch,
  row: ClaimedRow,
  result: SettledResult | RetryResult,
): Settlement => ({ profileId: row.profileId, seq: row.seq, inFlight: batch.batchId, result });

function afterWriting(
  outcome: DeliveryOutcome,
  row: ClaimedRow,
  context: SendContext,
): SettledResult | RetryResult {
  switch (outcome.kind) {
    case 'activated':
      return activated(row, outcome.recordId, outcome.created);
    case 'record_gone':
      return {
        kind: 'retry',
        at: context.now(),
        code: outcome.code,
        message: outcome.message,
        recordId: 'forget',
      };
    case 'failed':
      return outcome.retryable
        ? {
            kind: 'retry',
            at: new Date(context.now().getTime() + backoffMs(row.attempts + 1, context.random())),
            code: outcome.code,
            message: outcome.message,
            recordId: null,
          }
        : failed(row, outcome.code, outcome.message);
  }
}

/** The earlier write has landed, or can no longer: then it is written again knowing what is there. */
function afterReading(read: ReadRecord, row: ClaimedRow, context: SendContext): SettledResult | RetryResult {
  const readAgain = { kind: 'retry', at: context.now(), code: 'read_back' } as const;
  switch (read.kind) {
    case 'found':
      return read.differing.length + read.differingLists.length === 0 && row.hash !== null
        ? activated(row, read.recordId, false)
        : {
            ...readAgain,
            message: 'Read back: what is to be there is decided again.',
            recordId: read.recordId,
            isUnderFormerKey: !read.isUnderKey,
          };
    case 'absent':
      return {
        ...readAgain,
        message: 'Read back and absent: what is to be there is decided again.',
        recordId: 'forget',
      };
    case 'several':
      return failed(
        row,
        'several_matches',
        `Several records match the key: ${read.recordIds.join(', ')}. Merge them in the destination, then retry.`,
      );
  }
}

const activated = (row: ClaimedRow, recordId: string, created: boolean): SettledResult => ({
  kind: 'settled',
  status: 'activated',
  code: null,
  message: null,
  recordId,
  sentHash: row.hash,
  matchKey: row.matchKey,
  created,
});

const failed = (row: ClaimedRow, code: string, message: string): SettledResult => ({
  kind: 'settled',
  status: 'failed',
  code,
  message,
  recordId: null,
  sentHash: null,
  matchKey: row.matchKey,
  created: null,
});

function rowAt(batch: ClaimedBatch, index: number): ClaimedRow {
  const row = batch.rows[index];
  if (row === undefined) throw new Error('The destination answered more outcomes than there were records.');
  return row;
}
