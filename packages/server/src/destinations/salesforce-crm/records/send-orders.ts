import { HeadraceError } from '@headrace/core';
import { type Call, isTakenForReference } from '../composite.ts';
import type { readDetails } from '../dataflow-details.ts';
import { type Chunk, type SendResult, sendCollections } from '../send-collections.ts';
import type { WriteFacts } from './match-field.ts';
import { findConnectionError } from './record-error.ts';
import { toPart, type WriteOrder } from './write-order.ts';

type Details = Pick<ReturnType<typeof readDetails>, 'assignmentRules' | 'duplicateAlerts'>;

/**
 * Sends write orders of any kind together.
 * @returns a result for each, in order
 * @throws HeadraceError where nothing was written: as `sendCollections` does, for what every record was refused for,
 *   or where no part was carried out; `destination_outcome_unknown` where no result came
 */
export async function sendOrders(
  orders: readonly WriteOrder[],
  facts: WriteFacts,
  details: Details,
  call: Call,
): Promise<SendResult[]> {
  const results = await sendCollections(
    orders,
    {
      toChunks,
      toPart: (together) => toPart(together, facts.matchField),
      idOf: ({ recordId }) => recordId,
      facts: {
        purpose: 'deliver',
        effect: 'write',
        what: `to write ${facts.object} records`,
        headers: writeHeaders(details, facts),
      },
    },
    call,
  );
  const error = errorOfAll(results);
  if (error !== undefined) throw error;
  return results;
}

/** Rules of the org that a caller may pass by or ask for. */
function writeHeaders(
  { assignmentRules, duplicateAlerts }: Details,
  { group }: WriteFacts,
): Record<string, string> {
  return {
    // Assignment rules give new records their owners; with an update they would take them from whoever has them.
    'sforce-auto-assign': assignmentRules === 'active' && group === 'create' ? 'TRUE' : 'FALSE',
    ...(duplicateAlerts === 'pass' && { 'sforce-duplicate-rule-header': 'allowSave=true' }),
  };
}

/** A Collections write holds orders of one way and object. */
function toChunks(orders: readonly WriteOrder[], size: number): Chunk<WriteOrder>[] {
  const kinds = Map.groupBy(
    orders,
    ({ way, object, record }) => `${way} ${object} ${isTakenForReference(record)}`,
  );
  return [...kinds.values()].flatMap((entries) => {
    const chunks: Chunk<WriteOrder>[] = [];
    for (let start = 0; start < entries.length; start += size) {
      const some = entries.slice(start, start + size);
      chunks.push({ entries: some, isAlone: some.some(({ record }) => isTakenForReference(record)) });
    }
    return chunks;
  });
}

/** The error of a batch that failed as one. */
function errorOfAll(results: readonly SendResult[]): HeadraceError | undefined {
  const refused = results.flatMap((result) => (result.kind === 'refused' ? [result.errors] : []));
  if (refused.length > 0 && refused.length === results.length) return findConnectionError(refused);
  if (results.some(({ kind }) => kind === 'written' || kind === 'refused')) return undefined;
  const errors = results.flatMap((result) => (result.kind === 'failed' ? [result.error] : []));
  const isUnknown = errors.length < results.length || errors.some(({ code }) => code === unknownCode);
  if (results.length === 0) return undefined;
  return isUnknown
    ? new HeadraceError(
        unknownCode,
        `Salesforce gave no result for ${results.length} records. What was written is not known.`,
      )
    : errors[0];
}
const unknownCode = 'destination_outcome_unknown';
