import { HeadraceError, type RemovalBatch, type RemovalOutcome } from '@headrace/core';
import type { Call } from '../composite.ts';
import { type SendResult, sendCollections } from '../send-collections.ts';
import { maxBatchRecords } from './deliver-records.ts';
import { isGone, toOutcome } from './record-error.ts';
import { objectOfId, recordIdPattern } from './record-id.ts';

type Removal = Pick<RemovalBatch, 'object' | 'recordIds'>;

/**
 * Deletes records by id, each for itself (`allOrNone` false), 1,000 in one API call. They lie in the org's recycle bin
 * for 15 days. Source: REST API Developer Guide, "Delete Records Using sObject Collections".
 * @throws HeadraceError `internal` for a batch that must not exist: too large, or with something that is no id of
 *   such a record; `destination_outcome_unknown` where an answer left any record open.
 */
export async function removeRecords(batch: Removal, call: Call): Promise<RemovalOutcome[]> {
  requireRemoval(batch);
  const results = await sendCollections(
    batch.recordIds,
    {
      toChunks: (ids, size) => {
        const chunks: { entries: string[]; isAlone: boolean }[] = [];
        for (let start = 0; start < ids.length; start += size)
          chunks.push({ entries: ids.slice(start, start + size), isAlone: false });
        return chunks;
      },
      toPart: (ids) => ({
        method: 'DELETE',
        path: `/composite/sobjects?ids=${ids.join(',')}&allOrNone=false`,
      }),
      idOf: (id) => id,
      facts: { purpose: 'delete', effect: 'write', what: `to delete ${batch.object} records` },
    },
    call,
  );
  return results.map((result) => toRemoval(result, batch.object));
}

/** A merged record's id answers the same as that of a deleted one; what it was merged into stays. */
function toRemoval(result: SendResult, object: string): RemovalOutcome {
  switch (result.kind) {
    case 'written':
      return { kind: 'deleted' };
    case 'missing':
      throw unknown(`Salesforce gave no result for a ${object} record.`);
    case 'failed':
      throw result.error;
    case 'refused': {
      const [first] = result.errors;
      if (first !== undefined && isGone(result.errors)) return { kind: 'absent', code: first.statusCode };
      const outcome = toOutcome(result.errors, { object, group: 'update', matchField: 'Id' });
      return outcome.kind === 'failed'
        ? { kind: 'failed', code: outcome.code, retryable: outcome.retryable }
        : { kind: 'failed', code: 'UNKNOWN_ERROR_CODE', retryable: false };
    }
  }
}

function requireRemoval({ object, recordIds }: Removal): void {
  if (recordIds.length === 0 || recordIds.length > maxBatchRecords)
    throw internal(`A removal holds 1 to ${maxBatchRecords} records; this one holds ${recordIds.length}.`);
  // A Lead that was converted is kept as its Contact.
  const isOf = (id: string): boolean =>
    objectOfId(id) === object || (object === 'Lead' && objectOfId(id) === 'Contact');
  if (!recordIds.every((id) => recordIdPattern.test(id) && isOf(id)))
    throw internal('A removal names what is no id of such a record.');
}

const internal = (message: string): HeadraceError => new HeadraceError('internal', message);
const unknown = (message: string): HeadraceError =>
  new HeadraceError('destination_outcome_unknown', `${message} What was deleted is not known.`);
