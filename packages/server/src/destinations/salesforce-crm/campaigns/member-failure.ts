import type { DeliveryOutcome } from '@headrace/core';
import type { Call } from '../composite.ts';
import { isGone, isLocked, toOutcome } from '../records/record-error.ts';
import { objectOfId, recordKey } from '../records/record-id.ts';
import { failedBy, unanswered } from '../records/record-outcomes.ts';
import { readRows, toRetrieves } from '../records/run-queries.ts';
import type { SendResult } from '../send-collections.ts';
import type { MemberChange } from './member-change.ts';

/** People who are there, by `recordKey` of their ids. */
export type PeoplePresent = ReadonlySet<string>;

/**
 * Salesforce refuses a member in the same words whether the person is gone or the Campaign: of people who were not
 * written just now it is looked up, in one call for all, who is there still. Nothing is asked where nobody is in doubt.
 */
export async function findPeoplePresent(
  changes: readonly MemberChange[],
  results: readonly SendResult[],
  call: Call,
): Promise<PeoplePresent> {
  const ids = changes.flatMap(({ way, place }, at) => {
    const result = results[at];
    const isInDoubt = way === 'insert' && !place.isKnownToBe && result?.kind === 'refused';
    return isInDoubt && isGone(result.errors) ? [place.personId] : [];
  });
  const byObject = Map.groupBy(new Set(ids), (id) => objectOfId(id) ?? 'Contact');
  const orders = [...byObject].flatMap(([object, some]) => toRetrieves(object, some, ['Id']));
  const rows = orders.length === 0 ? [] : (await readRows(orders, 'for people of a Campaign', call)).flat();
  return new Set(rows.map(({ Id }) => recordKey(Id)));
}

/** What a change that did not go through leaves of its item; undefined where it did. Pure. */
export function failureOf(
  { way, place }: MemberChange,
  result: SendResult,
  present: PeoplePresent,
): DeliveryOutcome | undefined {
  switch (result.kind) {
    case 'written':
      return undefined;
    case 'failed':
      return failedBy(result.error);
    case 'missing':
      return unanswered;
    case 'refused': {
      const { errors } = result;
      const isConverted = errors.some(({ statusCode }) => statusCode === 'CANNOT_UPDATE_CONVERTED_LEAD');
      const [first] = errors;
      const isPersonThere = place.isKnownToBe || present.has(recordKey(place.personId));
      if (way === 'insert' && ((isConverted && !place.isKnownToBe) || (isGone(errors) && !isPersonThere)))
        return {
          kind: 'record_gone',
          code: first?.statusCode ?? 'ENTITY_IS_DELETED',
          message: 'The record was deleted, merged or converted; it is matched again.',
        };
      if (way === 'insert' && isGone(errors))
        return {
          kind: 'failed',
          code: 'campaign_gone',
          message: `The Campaign ${place.campaignId} is gone. Restore it in Salesforce, or activate the segment again.`,
          retryable: false,
        };
      const outcome = toOutcome(errors, {
        object: 'CampaignMember',
        group: 'create',
        matchField: 'CampaignId',
      });
      // What is busy is the Campaign's row, whoever names it.
      return isLocked(errors) && outcome.kind === 'failed' ? { ...outcome, contention: true } : outcome;
    }
  }
}
