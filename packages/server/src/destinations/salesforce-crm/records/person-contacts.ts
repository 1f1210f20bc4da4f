import { HeadraceError } from '@headrace/core';
import type { SendResult } from '../send-collections.ts';
import type { Describe } from './match-field.ts';
import type { RecordError } from './read-record-error.ts';
import type { WriteOrder } from './write-order.ts';

/*
 * The Contact of a person account can be changed like any other, custom fields under their own names included, but it
 * belongs to its own Account for good. Source: SOAP API Developer Guide, "Person Account Record Types".
 */

type Send = (orders: readonly WriteOrder[]) => Promise<readonly SendResult[]>;

/**
 * Writes once more, without the link to another Account, what was refused for that link alone. Only in an org that has
 * person accounts, and whose user may write the link: elsewhere the refusal says that a right is missing.
 * @param send throws where nothing of its orders was written, or nothing is known of any
 * @returns the results, with those of the second try in place of the refusals
 */
export async function keepPersonAccounts(
  orders: readonly WriteOrder[],
  results: readonly SendResult[],
  describe: Describe,
  send: Send,
): Promise<readonly SendResult[]> {
  const places = results.flatMap((result, at) =>
    orders[at]?.object === 'Contact' && result.kind === 'refused' && isOfLink(result.errors) ? [at] : [],
  );
  if (places.length === 0) return results;
  const again = places.flatMap((at) => withoutLink(orders[at]) ?? []);
  // Others of the batch were written: what goes wrong from here on concerns these alone.
  const second = await sendForPersonAccounts(again, describe, send).catch((error: unknown) => {
    if (!(error instanceof HeadraceError)) throw error;
    return again.map((): SendResult => ({ kind: 'failed', error }));
  });
  const byPlace = new Map(places.map((at, index) => [at, second?.[index]]));
  return results.map((result, at) => byPlace.get(at) ?? result);
}

/** @returns undefined where the refusal was for another reason */
async function sendForPersonAccounts(
  orders: readonly WriteOrder[],
  describe: Describe,
  send: Send,
): Promise<readonly SendResult[] | undefined> {
  const { byName } = await describe('Contact');
  const hasPersonAccounts = byName.has('IsPersonAccount') && byName.get('AccountId')?.updateable === true;
  return hasPersonAccounts ? send(orders) : undefined;
}

/** Whether nothing but the link to an Account was refused. */
export const isOfLink = (errors: readonly RecordError[]): boolean =>
  errors.length > 0 &&
  errors.every(
    ({ statusCode, fields }) =>
      statusCode === 'INVALID_FIELD_FOR_INSERT_UPDATE' && fields.join() === 'AccountId',
  );

function withoutLink(order: WriteOrder | undefined): WriteOrder | undefined {
  if (order === undefined) return undefined;
  const { AccountId: _, ...record } = order.record;
  return { ...order, record };
}
