import {
  invalidInput,
  type TargetField,
  targetFieldListWire,
  targetFieldsQuery,
  wireId,
  wireObject,
} from '@headrace/core';
import { getAccount } from '../../catalog/accounts.ts';
import { detailFieldsOf, getDestination } from '../../catalog/destinations.ts';
import { type InputValues, readInputValues } from '../../catalog/input-fields.ts';
import { defineRoute } from '../route.ts';

export const targetFieldRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/accounts/:account_id/target-fields',
    operationId: 'listTargetFields',
    summary: 'Fields of the destination that a mapping may target',
    tag: 'Accounts',
    params: wireObject({ account_id: wireId('Of the account.') }),
    query: targetFieldsQuery,
    response: targetFieldListWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool, connections, destinations }, { params, query, signal }) => {
      const { accountId, destinationType } = await getAccount(pool, params.account_id);
      const detailFields = detailFieldsOf(getDestination(destinations, destinationType));
      const details = readInputValues(detailFields, parseDetails(query.details ?? '{}'), '/details');
      const connection = await connections.connectionFor(accountId);
      const fields = await connection.targetFields(details, signal);
      return { body: { items: fields.map(toWire) } };
    },
  }),
];

function parseDetails(text: string): InputValues {
  const details = parseObject(text);
  if (details !== undefined && Object.values(details).every((value) => typeof value === 'string'))
    return details as InputValues;
  const message = 'details has to be a JSON object whose values are texts, for example {"object":"Lead"}.';
  throw invalidInput(message, [{ pointer: '/details', message }]);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : undefined;
  } catch {
    return undefined;
  }
}

const toWire = (target: TargetField) => ({
  name: target.name,
  aliases: [...(target.aliases ?? [])],
  title: target.title,
  field: target.field,
  type: target.type,
  kind: target.kind ?? 'text',
  max_length: target.maxLength,
  required: target.required,
  match_key: target.matchKey,
  choices: (target.choices ?? []).map(({ value, label }) => ({ value, label })),
  restricted: target.restricted ?? false,
  unique: target.unique ?? false,
  external_id: target.externalId ?? false,
  id_lookup: target.idLookup ?? false,
  updateable: target.updateable ?? true,
  clearable: target.clearable ?? true,
  parent: target.parent?.object ?? null,
});
