import { HeadraceError } from '@headrace/core';
import type { CallSize } from '../call-size.ts';
import { type Call, isTakenForReference } from '../composite.ts';
import type { readDetails } from '../dataflow-details.ts';
import { type Chunk, type SendResult, type SendWays, sendCollections } from '../send-collections.ts';
import type { Describe, WriteFacts } from './match-field.ts';
import { keepPersonAccounts } from './person-contacts.ts';
import { findConnectionError } from './record-error.ts';
import { toPart, type WriteOrder } from './write-order.ts';

type Details = Pick<ReturnType<typeof readDetails>, 'duplicateAlerts'>;
export type SendOptions = {
  readonly facts: WriteFacts;
  readonly details: Details;
  /** Whether assignment rules of the org give the records their owners. */
  readonly assignsOwners: boolean;
  readonly callSize: CallSize;
  readonly describe: Describe;
};

/**
 * Sends write orders of any kind together.
 * @returns a result for each, in order
 * @throws HeadraceError where nothing was written: as `sendCollections` does, for what every record was refused for,
 *   or where no part was carried out; `destination_outcome_unknown` where no result came
 */
export async function sendOrders(
  orders: readonly WriteOrder[],
  { facts, details, assignsOwners, callSize, describe }: SendOptions,
  call: Call,
): Promise<readonly SendResult[]> {
  const ways: SendWays<WriteOrder> = {
    toChunks,
    toPart: (together) => toPart(together, facts.matchField),
    idOf: ({ recordId }) => recordId,
    facts: {
      purpose: 'deliver',
      effect: 'write',
      what: `to write ${facts.object} records`,
      headers: {
        'sforce-auto-assign': assignsOwners ? 'TRUE' : 'FALSE',
        ...(details.duplicateAlerts === 'pass' && { 'sforce-duplicate-rule-header': 'allowSave=true' }),
      },
    },
    size: { of: callSize, object: facts.object },
  };
  const send = (some: readonly WriteOrder[]) => sendCollections(some, ways, call);
  const results = await keepPersonAccounts(orders, await send(orders), describe, send);
  const error = errorOfAll(results);
  if (error !== undefined) throw error;
  return results;
}

/** A Collections write holds orders of one way and object. */
function toChunks(orders: readonly WriteOrder[], size: number): Chunk<WriteOrder>[] {
  const kinds = Map.groupBy(
    orders,
    ({ way, object, record }) => `${way} ${object} ${isTakenForReference(record)}`,
  );
  return [...kinds.values()].flatMap((kind) => {
    // Each locks its Account: those of one go together.
    const entries = kind.toSorted(byParent);
    const chunks: Chunk<WriteOrder>[] = [];
    for (let start = 0; start < entries.length; start += size) {
      const some = entries.slice(start, start + size);
      chunks.push({ entries: some, isAlone: some.some(({ record }) => isTakenForReference(record)) });
    }
    return chunks;
  });
}

const parentOf = ({ record: { AccountId } }: WriteOrder): string =>
  typeof AccountId === 'string' ? AccountId : '';
const byParent = (left: WriteOrder, right: WriteOrder): number =>
  parentOf(left) < parentOf(right) ? -1 : parentOf(left) > parentOf(right) ? 1 : 0;

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
