import type { DestinationConnection } from '@headrace/core';
import type { ClaimedBatch } from './claim-batches.ts';
import { compareBatch } from './compare-batch.ts';
import { afterReading } from './recover-batch.ts';
import {
  afterWriting,
  countContended,
  madeOf,
  requestOf,
  requireAnswers,
  type SendContext,
  type SentBatch,
  settlementsOf,
  toItem,
} from './row-results.ts';

/**
 * Makes the calls a batch stands for and turns the answers into settlements.
 * @throws HeadraceError for the whole batch, as `DestinationConnection.deliver` does.
 */
export async function sendBatch(
  connection: DestinationConnection,
  batch: ClaimedBatch,
  context: SendContext,
  signal: AbortSignal,
): Promise<SentBatch> {
  if (batch.purpose === 'compare') return compareBatch(connection, batch, context, signal);
  if (batch.purpose === 'recover') {
    const read = await connection.read(requestOf(batch, 'create', batch.rows.map(toItem)), signal);
    requireAnswers(read, batch.rows);
    return {
      settlements: settlementsOf(batch, batch.rows, (row, at) => afterReading(read[at], row, context)),
    };
  }
  const request = requestOf(batch, batch.purpose, batch.rows.map(toItem));
  const outcomes = await connection.deliver(request, signal);
  requireAnswers(outcomes, batch.rows);
  return {
    settlements: settlementsOf(batch, batch.rows, (row, at) => afterWriting(outcomes[at], row, context)),
    made: madeOf(batch.rows, outcomes),
    contended: countContended(outcomes),
  };
}
