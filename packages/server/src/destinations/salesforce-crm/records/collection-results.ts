import { type RecordError, readRecordError } from './read-record-error.ts';
import { isSameRecordId, recordIdPattern } from './record-id.ts';

/** What became of one record of a Collections write; `missing`: the answer does not tell. */
export type CollectionResult =
  | { readonly kind: 'written'; readonly id: string; readonly created: boolean }
  | { readonly kind: 'refused'; readonly errors: readonly RecordError[] }
  | { readonly kind: 'missing' };

/**
 * Results in the order of what was sent. Where the list has another length, or names other records, no place in it
 * says anything of a record: all are missing.
 * @param sentIds ids of what was sent; null for new records
 */
export function readCollection(body: unknown, sentIds: readonly (string | null)[]): CollectionResult[] {
  const none = sentIds.map((): CollectionResult => ({ kind: 'missing' }));
  if (!Array.isArray(body) || body.length !== sentIds.length) return none;
  const results = body.map(readResult);
  const isOfOthers = results.some((result, index) => {
    const sent = sentIds[index] ?? null;
    return result.kind === 'written' && sent !== null && !isSameRecordId(sent, result.id);
  });
  return isOfOthers ? none : results;
}

function readResult(input: unknown): CollectionResult {
  const result: Readonly<Record<string, unknown>> =
    typeof input === 'object' && input !== null ? { ...input } : {};
  const { id, success, errors, created } = result;
  if (success === false)
    return { kind: 'refused', errors: Array.isArray(errors) ? errors.map(readRecordError) : [] };
  if (success !== true || typeof id !== 'string' || !recordIdPattern.test(id)) return { kind: 'missing' };
  return { kind: 'written', id, created: created === true };
}
