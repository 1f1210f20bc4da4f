import type { DeliveryOutcome, HeadraceError } from '@headrace/core';
import type { WriteFacts } from './match-field.ts';

/** Of one that the answer says nothing of. */
export const unanswered: DeliveryOutcome = {
  kind: 'failed',
  code: 'destination_outcome_unknown',
  message: 'Salesforce gave no result for it. Whether it was written is not known.',
  retryable: true,
  unknown: true,
};

/** What becomes of the records of a call that failed after others of the batch had gone through. */
export const failedBy = ({ code, message }: HeadraceError): DeliveryOutcome => ({
  kind: 'failed',
  code,
  message,
  retryable: true,
  ...(code === 'destination_outcome_unknown' && { unknown: true }),
});

export const noMatch = (object: string, matchField: string): DeliveryOutcome => ({
  kind: 'failed',
  code: 'no_match',
  message: `No ${object} has this ${matchField}, and the dataflow makes none.`,
  retryable: false,
});

export const severalMatches = (recordIds: readonly string[]): DeliveryOutcome => ({
  kind: 'failed',
  code: 'several_matches',
  message: `Several records match the key: ${recordIds.join(', ')}. Merge them in Salesforce, then retry.`,
  retryable: false,
});

export const recordHeld = (recordId: string): DeliveryOutcome => ({
  kind: 'failed',
  code: 'record_held',
  message: `The record ${recordId} is what another one of the batch became, too.`,
  retryable: false,
});

/** Why a record that was looked up cannot be written all the same. */
export function explain(outcome: DeliveryOutcome, { object, matchField }: WriteFacts): DeliveryOutcome {
  if (outcome.kind === 'failed' && outcome.code === 'CANNOT_UPDATE_CONVERTED_LEAD')
    return {
      ...outcome,
      code: 'lead_converted',
      message: 'The Lead is converted, and the Contact it became is gone or hidden from the user.',
    };
  if (matchField === 'Id') return noMatch(object, matchField);
  return outcome;
}
