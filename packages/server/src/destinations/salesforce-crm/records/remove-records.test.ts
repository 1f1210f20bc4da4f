import type { DeliveryOutcome } from '@headrace/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Call } from '../composite.ts';
import { batchOf, type CrmOrg, never, openCrmOrg, people } from '../crm-org.fixture.ts';
import { removeRecords } from './remove-records.ts';

let crm: CrmOrg;
beforeEach(async () => {
  crm = await openCrmOrg();
});
afterEach(() => crm.close());

const idOf = (outcome: DeliveryOutcome): string => {
  if (outcome.kind !== 'activated') throw new Error(JSON.stringify(outcome));
  return outcome.recordId;
};
const id = '003000000000001AAA';
const answering =
  (body: unknown): Call =>
  async () =>
    body;

test('a thousand records are deleted in one call; what is gone already is a success', async () => {
  const { connection, calls, other, org } = crm;
  const recordIds = (await connection.deliver(batchOf('create', people(1_000)), never)).map(idOf);
  await other('DELETE', `/sobjects/Contact/${recordIds[7]}`);
  calls.length = 0;
  const outcomes = await connection.remove({ version: 1, object: 'Contact', recordIds }, never);
  expect(calls).toEqual(['delete']);
  expect(outcomes[7]).toEqual({ kind: 'absent', code: 'ENTITY_IS_DELETED' });
  expect(outcomes.filter(({ kind }) => kind === 'deleted')).toHaveLength(999);
  expect(org.changes({ object: 'Contact', kind: 'deleted', limit: 2_000 })).toHaveLength(1_000);
  expect(
    await connection.remove({ version: 1, object: 'Contact', recordIds: recordIds.slice(0, 1) }, never),
  ).toEqual([{ kind: 'absent', code: 'ENTITY_IS_DELETED' }]);
});

test('what Salesforce refuses is told by its code', async () => {
  const refused = (statusCode: string) => [
    { success: false, errors: [{ statusCode, message: '', fields: [] }] },
  ];
  const batch = { version: 1, object: 'Contact', recordIds: [id] };
  expect(await removeRecords(batch, answering(refused('ENTITY_IS_LOCKED')))).toEqual([
    { kind: 'failed', code: 'ENTITY_IS_LOCKED', retryable: false },
  ]);
  expect(await removeRecords(batch, answering(refused('UNABLE_TO_LOCK_ROW')))).toEqual([
    { kind: 'failed', code: 'UNABLE_TO_LOCK_ROW', retryable: true },
  ]);
});

test.each([
  ['nothing', 'Contact', []],
  ['too many', 'Contact', Array<string>(1_001).fill(id)],
  ['what is no id', 'Contact', ['003&allOrNone=true']],
  ['records of another object', 'Contact', ['005000000000001AAA']],
])('refuses to delete %s', async (_, object, recordIds) => {
  await expect(removeRecords({ object, recordIds }, answering([]))).rejects.toMatchObject({
    code: 'internal',
  });
});

test.each([
  ['no list', {}],
  ['fewer results', []],
  ['other records', [{ id: '003000000000002AAA', success: true, errors: [] }]],
  ['no outcome', [{ id }]],
])('an answer of %s leaves it unknown', async (_, body) => {
  await expect(removeRecords({ object: 'Contact', recordIds: [id] }, answering(body))).rejects.toMatchObject({
    code: 'destination_outcome_unknown',
  });
});
