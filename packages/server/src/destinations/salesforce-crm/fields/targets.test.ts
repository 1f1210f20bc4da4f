import type { DataflowDetails } from '@headrace/core';
import { describe, expect, test } from 'vitest';
import { judgeFields } from '../connection-test/fields.ts';
import { account, choices, contact, contactFields, field, lead, objectOf } from './describe.fixture.ts';
import { readDescribe } from './object-description.ts';
import { planOf } from './record-plan.ts';
import { findUnwritable, requireFields } from './require-fields.ts';
import { targetsOf } from './targets.ts';

const targets = (details: DataflowDetails = {}, object = details.object === 'Lead' ? lead : contact) =>
  targetsOf(planOf(details, object, account)).map(({ shown }) => shown);
const without = (name: string) =>
  objectOf(
    'Contact',
    contactFields.filter((entry) => !JSON.stringify(entry).includes(`"name":"${name}"`)),
  );

describe('targets', () => {
  test("the seed's eight names come first and the company, then what else can be written", () => {
    expect(targets().map(({ name, field: to }) => `${name} ${to}`)).toEqual([
      'state MailingState',
      'country MailingCountry',
      'number MobilePhone',
      'firstName FirstName',
      'postalCode MailingPostalCode',
      'city MailingCity',
      'lastName LastName',
      'email Email',
      'company Name',
      ...'MailingStreet AccountId Alternate__c Score__c Key__c Case__c Number__c Loose__c'
        .split(' ')
        .map((name) => `${name} ${name}`),
      ...'Website AccountKey__c BillingStreet BillingCity BillingState BillingPostalCode BillingCountry'
        .split(' ')
        .map((name) => `Account.${name} ${name}`),
    ]);
    expect(targets({ object: 'Lead' }).map(({ name, field: to }) => `${name} ${to}`)).toEqual(
      expect.arrayContaining(['state State', 'company Company', 'number MobilePhone']),
    );
    expect(targets({ object: 'Lead' }).some(({ name }) => name.startsWith('Account.'))).toBe(false);
  });

  test.each([
    [{}, ['lastName', 'email', 'company'], ['email', 'company']],
    [{ match_field: 'Key__c' }, ['lastName', 'company', 'Key__c'], ['company', 'Key__c']],
    [{ match_field: 'Id' }, ['company', 'Id'], ['company', 'Id']],
    [{ write: 'update_only' }, ['email', 'company'], ['email', 'company']],
    [{ object: 'Lead' }, ['lastName', 'email', 'company'], ['email']],
    [
      { account_match_field: 'AccountKey__c' },
      ['lastName', 'email', 'company', 'Account.AccountKey__c'],
      ['email', 'Account.AccountKey__c'],
    ],
  ])('with %j %j are required and %j match', (details, required, keys) => {
    const shown = targets(details);
    expect(shown.filter((target) => target.required).map(({ name }) => name)).toEqual(required);
    expect(shown.filter((target) => target.matchKey).map(({ name }) => name)).toEqual(keys);
  });

  test('each says what it holds', () => {
    const object = objectOf('Contact', [
      ...contactFields,
      field('Tier__c', 'picklist', { restrictedPicklist: true, ...choices('gold') }),
      field('Tags__c', 'multipicklist'),
      field('Vip__c', 'boolean', { nillable: false }),
    ]);
    const byName = new Map(targets({}, object).map((target) => [target.name, target]));
    expect(byName.get('Tier__c')).toMatchObject({
      kind: 'text',
      restricted: true,
      choices: [{ value: 'gold', label: 'GOLD' }],
    });
    expect(byName.get('Tags__c')?.kind).toBe('list');
    expect(byName.get('Vip__c')).toMatchObject({ kind: 'boolean', clearable: false, required: false });
    expect(byName.get('Score__c')).toMatchObject({ kind: 'number', maxLength: null, clearable: true });
    expect(byName.get('Key__c')).toMatchObject({ externalId: true, unique: true, idLookup: true });
    expect(byName.get('lastName')).toMatchObject({ maxLength: 80, clearable: false, aliases: ['LastName'] });
    expect(byName.get('company')).toMatchObject({
      parent: { object: 'Account', linkField: 'AccountId' },
      aliases: ['Account.Name', 'organization'],
    });
  });

  test('with picklists of states and countries their codes are written', () => {
    const object = objectOf('Contact', [
      ...contactFields,
      ...['MailingStateCode', 'MailingCountryCode'].map((name) =>
        field(name, 'picklist', { compoundFieldName: 'MailingAddress', ...choices('DE') }),
      ),
    ]);
    const [state, country] = targets({}, object);
    expect(state).toMatchObject({ name: 'state', field: 'MailingStateCode', restricted: false });
    expect(state?.aliases).toEqual(['MailingState', 'MailingStateCode']);
    expect(country).toMatchObject({ name: 'country', field: 'MailingCountryCode' });
    expect(targets({}, object).filter(({ name }) => /(State|Country)Code$/.test(name))).toEqual([]);
  });
});

describe('an object that cannot be used as it is', () => {
  test.each([
    [{}, without('Email'), /Contact field Email/],
    [{}, without('LastName'), /Contact field LastName/],
    [{ object: 'Lead' }, objectOf('Lead', contactFields), /Lead field Company/],
    [{ match_field: 'Kye__c' }, contact, /no field "Kye__c".*Did you mean "Key__c"/],
    [
      { match_field: 'Loose__c' },
      contact,
      /Loose__c is not both External ID and Unique.*Usable: Email, Id, Key__c/,
    ],
    [
      { account_match_field: 'Website' },
      contact,
      /Account\.Website is not both.*Usable: Name, AccountKey__c/,
    ],
  ])('%j', (details, object, message) => {
    expect(() => requireFields(planOf(details, object, account))).toThrow(
      expect.objectContaining({
        code: 'destination_misconfigured',
        message: expect.stringMatching(message),
      }),
    );
  });

  test.each([
    [{}],
    [{ match_field: 'Key__c' }],
    [{ match_field: 'Id' }],
    [{ account_match_field: 'AccountKey__c' }],
  ])('%j is fine', (details) => {
    expect(() => requireFields(planOf(details, contact, account))).not.toThrow();
  });

  test('what the user cannot write and what a mapping has to heed is told', () => {
    expect(findUnwritable(without('MobilePhone'))).toEqual(['MobilePhone (number)']);
    expect(findUnwritable(contact)).toEqual([]);
    const warned = (object: typeof contact) =>
      judgeFields(object)
        .filter(({ severity }) => severity === 'warning')
        .map(({ subject, message }) => `${subject}: ${message}`);
    expect(warned(contact)).toEqual([]);
    const strict = objectOf('Contact', [
      ...contactFields,
      field('Tier__c', 'string', { nillable: false }),
      field('Vip__c', 'boolean', { nillable: false }),
      field('IsPersonAccount', 'boolean'),
    ]);
    const [required, people, ...more] = warned(strict);
    expect(required).toMatch(/Contact.Tier__c: The org requires/);
    expect(people).toMatch(/person accounts/);
    expect(more).toEqual([]);
  });

  test.each([
    null,
    [],
    'x',
    {},
    { fields: 7 },
    { fields: [] },
    { fields: [null, { name: 'a b', type: 'string' }] },
  ])('%j is no describe', (answer) => {
    expect(readDescribe(answer)).toBeUndefined();
  });
});
