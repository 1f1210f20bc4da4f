import { HeadraceError, type RemovalBatch, type RemovalOutcome } from '@headrace/core';
import { maxBatchRecords } from './deliver-contacts.ts';
import { readRecordError, toOutcome } from './record-error.ts';
import { isSameRecordId, recordIdPattern } from './record-id.ts';
import type { ApiCall } from './salesforce-client.ts';

/**
 * The one call that deletes records by id, each for itself (`allOrNone` false). They lie in the org's recycle bin
 * for 15 days. Source: REST API Developer Guide, "Delete Records Using sObject Collections".
 * @throws HeadraceError `internal` for a batch that must not exist: too large, or with something that is no id.
 */
export function toRemovalCall({ object, recordIds }: RemovalBatch): ApiCall {
  if (object !== 'Contact') throw internal(`The object ${object} is not written by this adapter.`);
  if (recordIds.length === 0 || recordIds.length > maxBatchRecords)
    throw internal(`A removal holds 1 to ${maxBatchRecords} records; this one holds ${recordIds.length}.`);
  if (!recordIds.every((id) => recordIdPattern.test(id))) throw internal('A removal names what is no id.');
  return {
    method: 'DELETE',
    path: `/composite/sobjects?ids=${recordIds.join(',')}&allOrNone=false`,
    purpose: 'delete',
    effect: 'write',
    what: 'to delete Contacts',
  };
}

/** A merged record's id answers the same as that of a deleted one; what it was merged into stays. */
const goneCodes = new Set(['ENTITY_IS_DELETED', 'NOT_FOUND', 'INVALID_CROSS_REFERENCE_KEY']);

/**
 * One outcome per record from the answer's list of results.
 * @throws HeadraceError `destination_outcome_unknown` when the list does not match what was asked for.
 */
export function readRemovalAnswer(answer: unknown, { recordIds }: RemovalBatch): RemovalOutcome[] {
  if (!Array.isArray(answer) || answer.length !== recordIds.length)
    throw unknown(`Salesforce answered not one result for each of ${recordIds.length} records.`);
  return recordIds.map((recordId, index): RemovalOutcome => {
    const entry: unknown = answer[index];
    const result: Readonly<Record<string, unknown>> =
      typeof entry === 'object' && entry !== null ? { ...entry } : {};
    if (result.success === true) {
      if (typeof result.id !== 'string' || !isSameRecordId(result.id, recordId))
        throw unknown('Salesforce answered results for other records than were asked for.');
      return { kind: 'deleted' };
    }
    if (result.success !== false) throw unknown('Salesforce answered a result without its outcome.');
    const errors = Array.isArray(result.errors) ? result.errors.map(readRecordError) : [];
    const gone = errors.find(({ statusCode }) => goneCodes.has(statusCode));
    if (gone !== undefined) return { kind: 'absent', code: gone.statusCode };
    const outcome = toOutcome(errors, 'update');
    return outcome.kind === 'failed'
      ? { kind: 'failed', code: outcome.code, retryable: outcome.retryable }
      : { kind: 'failed', code: 'UNKNOWN_ERROR_CODE', retryable: false };
  });
}

const internal = (message: string): HeadraceError => new HeadraceError('internal', message);
const unknown = (message: string): HeadraceError =>
  new HeadraceError('destination_outcome_unknown', `${message} What was deleted is not known.`);
