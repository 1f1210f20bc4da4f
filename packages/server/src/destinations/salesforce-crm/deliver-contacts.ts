import { type DeliveryBatch, type DeliveryItem, type DeliveryOutcome, HeadraceError } from '@headrace/core';
import { matchField } from './contact-fields.ts';
import { findConnectionError, type RecordError, readRecordError, toOutcome } from './record-error.ts';
import { isSameRecordId, recordIdPattern } from './record-id.ts';
import type { ApiCall } from './salesforce-client.ts';

/** Records a Collections write takes. Source: REST API Developer Guide, "sObject Collections". */
export const maxBatchRecords = 200;

/**
 * The one call that writes a batch: an upsert by e-mail, or an update by ids. Each record stands for itself
 * (`allOrNone` false).
 * @throws HeadraceError `internal` for a batch that must not exist: too large, or one record twice.
 */
export function toWriteCall(batch: DeliveryBatch): ApiCall {
  const { items, group, object } = batch;
  if (object !== 'Contact') throw internal(`The object ${object} is not written by this adapter.`);
  if (items.length === 0 || items.length > maxBatchRecords)
    throw internal(`A batch holds 1 to ${maxBatchRecords} records; this one holds ${items.length}.`);
  const keys = items.map((item) => (group === 'create' ? item.matchKey : (item.recordId ?? '').slice(0, 15)));
  if (new Set(keys).size !== keys.length) throw internal('A batch names one record twice.');
  if (keys.includes('')) throw internal(`A batch for ${group} holds a record without its key.`);
  const attributes = { type: object };
  const records = items.map((item) =>
    group === 'create'
      ? { [matchField]: item.matchKey, ...item.fields, attributes }
      : { ...item.fields, attributes, id: item.recordId },
  );
  return {
    method: 'PATCH',
    path: group === 'create' ? `/composite/sobjects/${object}/${matchField}` : '/composite/sobjects',
    body: { allOrNone: false, records },
    purpose: 'deliver',
    effect: 'write',
    what: 'to write Contacts',
  };
}

/**
 * One outcome per item from the answer's list of results.
 * @throws HeadraceError `destination_outcome_unknown` when the list does not match what was sent,
 *   `destination_misconfigured` when every record was refused for a reason that all records share.
 */
export function readWriteAnswer(answer: unknown, batch: DeliveryBatch): DeliveryOutcome[] {
  const { items, group } = batch;
  if (!Array.isArray(answer) || answer.length !== items.length)
    throw unknown(
      `Salesforce answered ${Array.isArray(answer) ? `${answer.length} results` : 'no list of results'} for ${items.length} records.`,
    );
  const results = answer.map((result: unknown, index) => readResult(result, items[index], batch));
  const refused = results.flatMap((result) => (result.kind === 'refused' ? [result.errors] : []));
  const shared = refused.length === results.length ? findConnectionError(refused) : undefined;
  if (shared !== undefined) throw shared;
  return results.map((result) =>
    result.kind === 'refused'
      ? toOutcome(result.errors, group)
      : { kind: 'activated', recordId: result.id, created: result.created },
  );
}

type WriteResult =
  | { readonly kind: 'written'; readonly id: string; readonly created: boolean }
  | { readonly kind: 'refused'; readonly errors: readonly RecordError[] };

function readResult(input: unknown, item: DeliveryItem | undefined, batch: DeliveryBatch): WriteResult {
  const result: Readonly<Record<string, unknown>> =
    typeof input === 'object' && input !== null ? { ...input } : {};
  const { id, success, errors, created } = result;
  if (success === false)
    return { kind: 'refused', errors: Array.isArray(errors) ? errors.map(readRecordError) : [] };
  if (success !== true || typeof id !== 'string' || !recordIdPattern.test(id))
    throw unknown('Salesforce answered a result without its outcome or id.');
  const sentId = item?.recordId ?? null;
  if (batch.group === 'update' && (sentId === null || !isSameRecordId(sentId, id)))
    throw unknown('Salesforce answered results for other records than were sent.');
  return { kind: 'written', id, created: created === true };
}

const internal = (message: string): HeadraceError => new HeadraceError('internal', message);
const unknown = (message: string): HeadraceError =>
  new HeadraceError('destination_outcome_unknown', `${message} What was written is not known.`);
