import { describe, expect, test } from 'vitest';
import { type ContactFields, findUnwritable, readDescribe, requireKeyFields } from './contact-fields.ts';
import { prepareContact } from './prepare-contact.ts';

const field = (name: string, type: string, more: object = {}) => ({
  name,
  label: `${name} label`,
  type,
  length: 40,
  scale: 0,
  createable: true,
  updateable: true,
  ...more,
});
const described = [
  field('Id', 'id', { createable: false, updateable: false }),
  field('IsDeleted', 'boolean', { createable: false, updateable: false }),
  field('LastName', 'string', { length: 80 }),
  field('FirstName', 'string'),
  field('MailingStreet', 'textarea'),
  field('MailingCity', 'string'),
  field('MailingState', 'string'),
  field('MailingPostalCode', 'string'),
  field('MailingCountry', 'string'),
  field('MailingAddress', 'address', { createable: false, updateable: false }),
  field('MobilePhone', 'phone'),
  field('Email', 'email', { length: 80 }),
  field('Alternate__c', 'email'),
  field('CreateOnly__c', 'string', { updateable: false }),
  field('Photo__c', 'base64'),
  field('Score__c', 'double', { length: 0 }),
];

function read(fields: readonly object[]): ContactFields {
  const found = readDescribe({ name: 'Contact', fields });
  if (found === undefined) throw new Error('no describe');
  return found;
}
const contact = read(described);
const values = { email: ' Ada@Example.COM', lastName: ' Lovelace ' };

describe('targets', () => {
  test("the seed's eight names come first, then what else can be written", () => {
    expect(contact.targets.map(({ name, field: to }) => `${name} ${to}`)).toEqual([
      'state MailingState',
      'country MailingCountry',
      'number MobilePhone',
      'firstName FirstName',
      'postalCode MailingPostalCode',
      'city MailingCity',
      'lastName LastName',
      'email Email',
      'MailingStreet MailingStreet',
      'Alternate__c Alternate__c',
      'Score__c Score__c',
    ]);
    expect(contact.targets.filter((target) => target.required).map((target) => target.name)).toEqual([
      'lastName',
      'email',
    ]);
    expect(contact.targets.filter((target) => target.matchKey).map((target) => target.name)).toEqual([
      'email',
    ]);
    expect(contact.targets.find((target) => target.name === 'Score__c')?.maxLength).toBeNull();
    expect(contact.targets.find((target) => target.name === 'lastName')?.maxLength).toBe(80);
  });

  test('what the user cannot write is no target and is told', () => {
    const hidden = read(described.filter(({ name }) => name !== 'MobilePhone'));
    expect(hidden.targets.some((target) => target.name === 'number')).toBe(false);
    expect(findUnwritable(hidden)).toEqual(['MobilePhone (number)']);
    expect(findUnwritable(contact)).toEqual([]);
  });

  test('without LastName or Email there is no Contact', () => {
    const hidden = read(described.filter(({ name }) => name !== 'Email'));
    expect(() => requireKeyFields(hidden)).toThrow(
      expect.objectContaining({
        code: 'destination_misconfigured',
        message: expect.stringContaining('Email'),
      }),
    );
    expect(() => requireKeyFields(contact)).not.toThrow();
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

describe('a record', () => {
  test('carries field names, text as Salesforce stores it, and the address as its key', () => {
    expect(
      prepareContact(
        { ...values, city: ' Berlin ', postalCode: 10_115, state: '  ', Score__c: '7.5' },
        contact,
      ),
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

  test('blank text clears nothing, null does', () => {
    expect(prepareContact({ ...values, city: '', state: null }, contact)).toMatchObject({
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
    expect(prepareContact(given, contact)).toMatchObject({
      kind: 'excluded',
      reason: 'required_value_missing',
      message: expect.stringContaining(target),
    });
  });

  test.each([32, 40, 64])('%i hexadecimal digits are a hash, not an address', (length) => {
    const hash = 'aB3'.repeat(30).slice(0, length);
    for (const given of [
      { ...values, email: ` ${hash} ` },
      { ...values, Alternate__c: hash },
    ]) {
      const prepared = prepareContact(given, contact);
      expect(prepared).toMatchObject({ kind: 'excluded', reason: 'value_hashed' });
      expect(JSON.stringify(prepared)).not.toContain(hash);
    }
    expect(prepareContact({ ...values, firstName: hash }, contact).kind).toBe('record');
    expect(prepareContact({ ...values, email: `${hash}@b.example` }, contact).kind).toBe('record');
    expect(prepareContact({ ...values, email: `${hash}0` }, contact).kind).toBe('record');
  });

  test('lengths and the form of an address are for Salesforce to judge', () => {
    expect(prepareContact({ email: 'no address', lastName: 'x'.repeat(500) }, contact).kind).toBe('record');
  });

  test('a value of a kind the field cannot hold stays here, since it would fail the whole call', () => {
    const prepared = prepareContact({ ...values, Score__c: 'secret' }, contact);
    expect(prepared).toMatchObject({ kind: 'excluded', reason: 'value_not_sendable' });
    expect(JSON.stringify(prepared)).not.toContain('secret');
  });

  test('a field the org hides goes along, so that the refusal stops the dataflow', () => {
    const hidden = read(described.filter(({ name }) => name !== 'MobilePhone'));
    expect(prepareContact({ ...values, number: '1', Gone__c: 'x' }, hidden)).toMatchObject({
      fields: { MobilePhone: '1', Gone__c: 'x' },
    });
  });
});
