import type { DataflowDetails, MappedValues } from '@headrace/core';
import { describe, expect, test } from 'vitest';
import { account, contact, contactFields, field, lead, objectOf } from './describe.fixture.ts';
import { prepareRecord } from './prepare-record.ts';
import { preparePlan } from './prepared-plan.ts';
import { planOf } from './record-plan.ts';

const values = { email: ' Ada@Example.COM', lastName: ' Lovelace ' };
const prepare = (
  given: MappedValues,
  details: DataflowDetails = {},
  ifEmpty: readonly string[] = [],
  object = details.object === 'Lead' ? lead : contact,
) =>
  prepareRecord(
    { values: given, ifEmpty: new Set(ifEmpty), details },
    preparePlan(planOf(details, object, account)),
  );

describe('a Contact', () => {
  test('carries field names, text as Salesforce stores it, and the address as its key', () => {
    expect(
      prepare({ ...values, city: ' Berlin ', postalCode: 10_115, state: '  ', Score__c: '7.5' }),
    ).toEqual({
      kind: 'record',
      object: 'Contact',
      matchKey: 'ada@example.com',
      fields: {
        Email: 'ada@example.com',
        LastName: 'Lovelace',
        MailingCity: 'Berlin',
        MailingPostalCode: '10115',
        Score__c: 7.5,
      },
      ifEmpty: [],
      compare: 'never',
      parent: null,
    });
  });

  test('is called by the names of its fields as well', () => {
    expect(prepare({ Email: 'a@b.example', LastName: 'X', MailingCity: 'Y' })).toMatchObject({
      matchKey: 'a@b.example',
      fields: { Email: 'a@b.example', LastName: 'X', MailingCity: 'Y' },
    });
  });

  test('promise 8: blank text clears nothing, null does, and what is not mapped is not there', () => {
    expect(prepare({ ...values, city: '', state: null })).toMatchObject({
      fields: { Email: 'ada@example.com', LastName: 'Lovelace', MailingState: null },
    });
  });

  test.each([
    [{ email: 'a@b.example' }, 'lastName'],
    [{ email: 'a@b.example', lastName: ' \t' }, 'lastName'],
    [{ email: 'a@b.example', lastName: null }, 'lastName'],
    [{ lastName: 'X' }, 'email'],
    [{ lastName: 'X', email: '' }, 'email'],
    [{}, 'lastName'],
  ])('%j lacks %s', (given, target) => {
    expect(prepare(given)).toMatchObject({
      kind: 'excluded',
      reason: 'required_value_missing',
      target,
      message: expect.stringContaining(target),
    });
  });

  test.each([32, 40, 64])('%i hexadecimal digits are a hash, not an address', (length) => {
    const hash = 'aB3'.repeat(30).slice(0, length);
    for (const given of [
      { ...values, email: ` ${hash} ` },
      { ...values, Alternate__c: hash },
    ]) {
      const prepared = prepare(given);
      expect(prepared).toMatchObject({ kind: 'excluded', reason: 'value_hashed' });
      expect(JSON.stringify(prepared)).not.toContain(hash);
    }
    expect(prepare({ ...values, firstName: hash.slice(0, 40) }).kind).toBe('record');
    expect(prepare({ ...values, email: `${hash}@b.example`.slice(-40) }).kind).toBe('record');
  });

  test('the form of an address is for Salesforce to judge', () => {
    expect(prepare({ ...values, email: 'no address' }).kind).toBe('record');
  });

  test('what keeps a value back is told with its class and the rule, never the value', () => {
    expect(prepare({ ...values, Score__c: 'secret' })).toEqual({
      kind: 'excluded',
      reason: 'value_not_sendable',
      target: 'Score__c',
      message:
        'The value for Score__c (text of 6 characters) cannot be held by the field Score__c (double): expected a number.',
    });
    expect(prepare({ ...values, lastName: 'x'.repeat(81) })).toMatchObject({
      reason: 'value_too_long',
      message: expect.stringMatching(/lastName \(text of 81 characters\).*LastName .*at most 80 characters/),
    });
    expect(prepare({ ...values, lastName: 'x'.repeat(81) }, { too_long: 'truncate' })).toMatchObject({
      fields: { LastName: 'x'.repeat(80) },
    });
  });

  test('a field the org hides goes along, so that the refusal stops the dataflow', () => {
    const hidden = objectOf(
      'Contact',
      contactFields.filter((entry) => !JSON.stringify(entry).includes('MobilePhone')),
    );
    expect(prepare({ ...values, number: '1', Gone__c: 'x' }, {}, [], hidden)).toMatchObject({
      fields: { MobilePhone: '1', Gone__c: 'x' },
    });
  });

  test('a field of the org that a new record cannot do without', () => {
    const strict = objectOf('Contact', [...contactFields, field('Tier__c', 'string', { nillable: false })]);
    expect(prepare(values, {}, [], strict)).toMatchObject({
      reason: 'required_value_missing',
      target: 'Tier__c',
    });
    const details = { write: 'update_only' };
    expect(prepare({ email: 'a@b.example' }, details, [], strict).kind).toBe('record');
  });
});

describe('keys', () => {
  const byKey = (matchField: string, more: DataflowDetails = {}) => ({ match_field: matchField, ...more });

  test.each([
    ['Key__c', ' Ab-1 ', 'ab-1', 'Ab-1'],
    ['Case__c', ' Ab-1 ', 'Ab-1', 'Ab-1'],
    ['Number__c', '007', '7', 7],
  ])('%s %j is the key %j', (matchField, given, matchKey, sent) => {
    expect(prepare({ ...values, [matchField]: given }, byKey(matchField))).toMatchObject({
      matchKey,
      compare: 'never',
      fields: { [matchField]: sent },
    });
  });

  test('an id names a record in either form, is none of its fields, and needs nothing else', () => {
    for (const id of ['0035500001H9cak', '0035500001H9cakAAB'])
      expect(prepare({ Id: id, firstName: 'Ada' }, byKey('Id'))).toEqual({
        kind: 'record',
        object: 'Contact',
        matchKey: '0035500001H9cakAAB',
        fields: { FirstName: 'Ada' },
        ifEmpty: [],
        compare: 'never',
        parent: null,
      });
    for (const id of ['0015500001H9cak', '0035500001H9cakAAA', 'x'])
      expect(prepare({ Id: id }, byKey('Id'))).toMatchObject({ reason: 'value_not_sendable', target: 'Id' });
  });

  test.each([
    ['Email', 'upsert', [], 'never'],
    ['Email', 'update_only', [], 'first'],
    ['Email', 'create_only', [], 'first'],
    ['Key__c', 'create_only', [], 'never'],
    ['Email', 'upsert', ['city'], 'always'],
    ['Key__c', 'upsert', ['city'], 'always'],
    // Without a value there is nothing to look at the record for.
    ['Key__c', 'upsert', ['number'], 'never'],
  ])('matched by %s, %s, only if empty %j: compared %s', (matchField, write, ifEmpty, compare) => {
    const given = { ...values, Key__c: 'k', city: 'Berlin' };
    expect(prepare(given, byKey(matchField, { write }), ifEmpty)).toMatchObject({
      compare,
      ifEmpty: compare === 'always' ? ['MailingCity'] : [],
    });
  });
});

describe('a Lead', () => {
  const details = { object: 'Lead' };
  test('has the same names and a company of its own', () => {
    expect(prepare({ ...values, state: 'Bayern', company: 'Acme' }, details)).toMatchObject({
      object: 'Lead',
      fields: { State: 'Bayern', Company: 'Acme', LastName: 'Lovelace' },
      parent: null,
    });
    expect(prepare(values, details)).toMatchObject({ reason: 'required_value_missing', target: 'company' });
    expect(prepare({ ...values, organization: 'Acme' }, details)).toMatchObject({
      fields: { Company: 'Acme' },
    });
  });
});

describe('the Account of a Contact', () => {
  test('is matched by its name, which is read first, whatever its case', () => {
    const given = { ...values, company: ' ACME ', 'Account.Website': 'acme.example' };
    expect(prepare(given)).toMatchObject({
      fields: { Email: 'ada@example.com', LastName: 'Lovelace' },
      parent: {
        object: 'Account',
        matchKey: 'acme',
        fields: { Name: 'ACME', Website: 'acme.example' },
        ifEmpty: [],
        compare: 'first',
        linkField: 'AccountId',
      },
    });
    expect(prepare(given, {}, ['Account.Website'])).toMatchObject({
      compare: 'never',
      parent: { compare: 'always', ifEmpty: ['Website'] },
    });
  });

  test('or by a unique key', () => {
    const details = { account_match_field: 'AccountKey__c' };
    const given = { ...values, 'Account.Name': 'Acme', 'Account.AccountKey__c': 'A1' };
    expect(prepare(given, details)).toMatchObject({
      parent: { matchKey: 'a1', fields: { Name: 'Acme', AccountKey__c: 'A1' }, compare: 'never' },
    });
    expect(prepare({ ...values, 'Account.AccountKey__c': 'A1' }, details)).toMatchObject({
      reason: 'required_value_missing',
      target: 'company',
    });
  });

  test('without its key the person has none', () => {
    expect(prepare({ ...values, 'Account.Website': 'acme.example' })).toMatchObject({
      kind: 'record',
      parent: null,
    });
  });

  test('a value it cannot hold keeps the profile back', () => {
    expect(prepare({ ...values, company: 'x'.repeat(256) })).toMatchObject({
      reason: 'value_too_long',
      target: 'company',
      message: expect.stringContaining('Account.Name'),
    });
  });
});
