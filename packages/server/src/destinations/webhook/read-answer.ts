import {
  type DeliveryBatch,
  type DeliveryOutcome,
  HeadraceError,
  type RemovalBatch,
  type RemovalOutcome,
} from '@headrace/core';
import { parseJson } from '../http/parse-json.ts';
import { recordIdOf } from './prepare-record.ts';
import { hasOtherKey } from './to-messages.ts';

/** What a receiver says of one record. */
type RecordResult = {
  readonly status: 'created' | 'applied' | 'stale' | 'gone' | 'refused';
  /** Of a refusal: the receiver's own, or `refused`. */
  readonly code: string;
  /** Of a refusal: sending it again may help. */
  readonly retry: boolean;
};
const statuses = ['created', 'applied', 'stale', 'gone', 'refused'] as const;

/**
 * What a 2xx answer says of each record: `{"results": [{"status", "code"?, "retry"?}]}` in the order of the records;
 * an answer without `results` means that all were applied.
 * @throws HeadraceError `destination_outcome_unknown` for results that do not fit the records.
 */
function readResults(text: string, count: number): readonly (RecordResult | undefined)[] {
  const answer = parseJson(text);
  if (typeof answer !== 'object' || answer === null || !('results' in answer))
    return Array.from({ length: count }, () => undefined);
  const results = Array.isArray(answer.results) ? answer.results.map(readResult) : [];
  const read = results.filter((result) => result !== undefined);
  if (read.length !== count || results.length !== count)
    throw new HeadraceError(
      'destination_outcome_unknown',
      `The webhook answered results that do not fit the ${count} records it was sent: expected one for each, in order, with a status of ${statuses.join(', ')}.`,
    );
  return read;
}

function readResult(input: unknown): RecordResult | undefined {
  const given: Readonly<Record<string, unknown>> =
    typeof input === 'object' && input !== null ? { ...input } : {};
  const status = statuses.find((known) => known === given.status);
  if (status === undefined) return undefined;
  // Only what looks like a code is repeated: the words of a receiver may hold a person's data.
  const code = typeof given.code === 'string' && /^[A-Z][A-Z0-9_]{0,79}$/.test(given.code) ? given.code : '';
  return { status, code: code || 'REFUSED', retry: given.retry === true };
}

export function readDeliveryAnswer(
  text: string,
  batch: DeliveryBatch,
  accountId: string,
): readonly DeliveryOutcome[] {
  const results = readResults(text, batch.items.length);
  return batch.items.map((item, index): DeliveryOutcome => {
    const recordId = recordIdOf(accountId, batch.object, item.matchKey);
    const result = results[index];
    if (result?.status === 'stale') return failed('STALE', staleMessage, true);
    if (result?.status === 'refused')
      return failed(result.code, 'The receiver refused the record.', result.retry);
    if (hasOtherKey(item, recordId))
      return {
        kind: 'record_gone',
        code: 'KEY_CHANGED',
        message: 'The key changed: the record of the former key was removed, and one is made under the new.',
      };
    if (result?.status === 'gone')
      return { kind: 'record_gone', code: 'GONE', message: 'The receiver does not have the record.' };
    const created = result === undefined ? batch.group === 'create' : result.status === 'created';
    return { kind: 'activated', recordId, created };
  });
}

export const readRemovalAnswer = (text: string, batch: RemovalBatch): readonly RemovalOutcome[] =>
  readResults(text, batch.recordIds.length).map((result): RemovalOutcome => {
    if (result?.status === 'stale') return { kind: 'failed', code: 'STALE', retryable: true };
    if (result?.status === 'refused') return { kind: 'failed', code: result.code, retryable: result.retry };
    return result?.status === 'gone' ? { kind: 'absent', code: 'GONE' } : { kind: 'deleted' };
  });

const staleMessage = 'The receiver holds a newer version of the record: it is sent again as it is now.';

const failed = (code: string, message: string, retryable: boolean): DeliveryOutcome => ({
  kind: 'failed',
  code,
  message,
  retryable,
});
