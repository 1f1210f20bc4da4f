import { expect, test } from 'vitest';
import { fieldOf, keyOf, matchFieldOf } from './match-field.ts';

const field = fieldOf({ byName: new Map() }, 'Key__c');

test.each([
  ['text, whatever its case', field, 'AbC ', 'abC', true],
  ['text of a field that has case', { ...field, caseSensitive: true }, 'AbC', 'abC', false],
  ['the same text of a field that has case', { ...field, caseSensitive: true }, 'AbC', 'AbC', true],
  ['numbers', { ...field, type: 'double' }, 42, '42.0', true],
  ['other numbers', { ...field, type: 'double' }, 42, '4.2', false],
  ['ids of 15 and 18 characters', { ...field, name: 'Id' }, '003000000000001AAA', '003000000000001', true],
  ['ids that differ in case', { ...field, name: 'Id' }, '00300000000000a', '00300000000000A', false],
])('%s', (_what, described, one, other, isSame) => {
  expect(keyOf(one, described) === keyOf(other, described)).toBe(isSame);
});

test('Accounts are matched by a field of their own', () => {
  const details = { match_field: 'Key__c', account_match_field: 'Number__c' };
  expect(matchFieldOf({ object: 'Lead', details })).toBe('Key__c');
  expect(matchFieldOf({ object: 'Account', details })).toBe('Number__c');
  expect(matchFieldOf({ object: 'Account', details: {} })).toBe('Name');
});
