import { expect, test } from 'vitest';
import { readRemovalAnswer, toRemovalCall } from './remove-contacts.ts';

const ids = ['003000000000001AAA', '003000000000002AAA', '003000000000003AAA'];
const batch = { version: 1, object: 'Contact', recordIds: ids };
const refused = (statusCode: string) => ({
  success: false,
  errors: [{ statusCode, message: '', fields: [] }],
});

test('one call deletes by ids, each record for itself', () => {
  expect(toRemovalCall(batch)).toMatchObject({
    method: 'DELETE',
    path: `/composite/sobjects?ids=${ids.join(',')}&allOrNone=false`,
    effect: 'write',
    purpose: 'delete',
  });
});

test.each([
  ['nothing', { version: 1, object: 'Contact', recordIds: [] }],
  ['too many', { version: 1, object: 'Contact', recordIds: Array<string>(201).fill(ids[0] ?? '') }],
  ['what is no id', { version: 1, object: 'Contact', recordIds: ['003&allOrNone=true'] }],
  ['another object', { version: 1, object: 'User', recordIds: ids }],
])('refuses to delete %s', (_, wrong) => {
  expect(() => toRemovalCall(wrong)).toThrow();
});

test('what is gone already is a success; what Salesforce refuses is told by its code', () => {
  const answer = [
    { id: ids[0], success: true, errors: [] },
    refused('ENTITY_IS_DELETED'),
    refused('ENTITY_IS_LOCKED'),
  ];
  expect(readRemovalAnswer(answer, batch)).toEqual([
    { kind: 'deleted' },
    { kind: 'absent', code: 'ENTITY_IS_DELETED' },
    { kind: 'failed', code: 'ENTITY_IS_LOCKED', retryable: false },
  ]);
  const locked = readRemovalAnswer([refused('UNABLE_TO_LOCK_ROW')], { ...batch, recordIds: ids.slice(0, 1) });
  expect(locked).toEqual([{ kind: 'failed', code: 'UNABLE_TO_LOCK_ROW', retryable: true }]);
});

test.each([
  ['no list', {}],
  ['fewer results', [refused('X')]],
  ['other records', ids.map((_, index) => ({ id: ids[(index + 1) % 3], success: true, errors: [] }))],
  ['no outcome', ids.map((id) => ({ id }))],
])('an answer of %s leaves it unknown', (_, answer) => {
  expect(() => readRemovalAnswer(answer, batch)).toThrow(
    expect.objectContaining({ code: 'destination_outcome_unknown' }),
  );
});
