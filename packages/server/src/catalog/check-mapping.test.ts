import { composeSchema, HeadraceError, type MappingRow, type TargetField } from '@headrace/core';
import { expect, test } from 'vitest';
import { checkMapping } from './check-mapping.ts';

const union = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: [
    'xdm.demographic-details',
    'xdm.personal-contact-details',
    'xdm.work-contact-details',
    'xdm.loyalty-details',
  ],
});
const target = (name: string, more: Partial<TargetField> = {}): TargetField => ({
  name,
  title: name,
  field: name,
  type: 'string',
  maxLength: 80,
  required: false,
  matchKey: false,
  ...more,
});
const account = { parent: { object: 'Account', linkField: 'AccountId' } };
const targets = [
  target('lastName', { required: true, field: 'LastName', aliases: ['LastName'], clearable: false }),
  target('email', { required: true, matchKey: true, field: 'Email', aliases: ['Email'] }),
  target('city'),
  target('Birthdate', { kind: 'date', type: 'date' }),
  target('Since__c', { kind: 'instant', type: 'datetime' }),
  target('Vip__c', { kind: 'boolean', type: 'boolean', clearable: false }),
  target('Points__c', { kind: 'number', type: 'double' }),
  target('Tags__c', {
    kind: 'list',
    restricted: true,
    choices: [
      { value: 'gold', label: 'Gold member' },
      { value: 'silver', label: 'Silver' },
    ],
  }),
  target('AccountId'),
  target('company', { ...account, field: 'Name', required: true, matchKey: true }),
  target('Account.Website', { ...account, field: 'Website' }),
];
const row = (attribute: string, name: string, more: Partial<MappingRow> = {}): MappingRow => ({
  source: { attribute },
  target: name,
  ...more,
});
const constant = (value: string | number | boolean, name: string): MappingRow => ({
  source: { constant: value },
  target: name,
});
const least = [row('person.name.lastName', 'lastName'), row('personalEmail.address', 'email')];

const faultsOf = (mapping: readonly MappingRow[]): readonly string[] => {
  try {
    checkMapping(mapping, union, targets, ['CRMID', 'Email']);
    return [];
  } catch (error) {
    if (!(error instanceof HeadraceError)) throw error;
    return error.details.map(({ pointer, message }) => `${pointer} ${message}`);
  }
};

test('a mapping that fits both sides passes', () => {
  expect(faultsOf(least)).toEqual([]);
  expect(
    faultsOf([
      row('person.name.lastName', 'LastName'),
      row('personalEmail.address', 'Email'),
      row('homeAddress.city', 'city', { when_empty: 'clear', overwrite: 'if_empty' }),
      { source: { identity: 'CRMID' }, target: 'company' },
      row('person.birthDate', 'Birthdate'),
      row('loyalty.joinDate', 'Since__c'),
      row('loyalty.points', 'Points__c'),
      row('personalEmail.primary', 'Vip__c'),
      row('organizations', 'Tags__c'),
    ]),
  ).toEqual([]);
});

test('promise 11: every fault is told at once, with where it is and what was meant', () => {
  const faults = faultsOf([
    row('person.name.lastname', 'lastName'),
    row('personalEmail', 'emial'),
    row('homeAddress.city', 'lastName'),
    { source: { identity: 'CRMDI' }, target: 'city' },
  ]);
  expect(faults).toHaveLength(6);
  expect(faults[0]).toMatch(/^\/mapping\/0\/source\/attribute .*Did you mean "person\.name\.lastName"\?$/);
  expect(faults[1]).toMatch(/^\/mapping\/1\/source\/attribute .*of type object/);
  expect(faults[2]).toMatch(/^\/mapping\/1\/target .*Did you mean "email"\?$/);
  expect(faults[3]).toMatch(/^\/mapping\/3\/source\/identity .*Did you mean "CRMID"\?$/);
  expect(faults[4]).toMatch(/^\/mapping\/2\/target .*mapped by row 0 already/);
  expect(faults[5]).toMatch(/^\/mapping The target "email" .*is required/);
});

test.each([
  [
    'personalEmail.primary',
    'Birthdate',
    /holds true or false, and the target "Birthdate" \(date\) takes a day/,
  ],
  ['loyalty.joinDate', 'Birthdate', /holds an instant .* takes a day/],
  ['person.birthDate', 'Since__c', /holds a day .* takes an instant/],
  ['person.birthDate', 'Points__c', /takes a number/],
  ['personalEmail.primary', 'Points__c', /takes a number/],
  ['person.birthDate', 'Vip__c', /takes true or false/],
  ['organizations', 'city', /holds a list of values, and the target "city" \(string\) takes text/],
])('%s does not fit %s', (attribute, name, message) => {
  expect(faultsOf([...least, row(attribute, name)])).toEqual([expect.stringMatching(message)]);
});

test.each([
  ['yes', 'Vip__c', /has to be true or false/],
  [true, 'Points__c', /has to be a number/],
  ['31.12.2026', 'Birthdate', /has to be a day/],
  ['2026-12-31', 'Since__c', /has to be an instant/],
  ['gold;sliver', 'Tags__c', /"sliver" is none of them\. Did you mean "silver"\?/],
  [' ', 'city', /is blank/],
  ['x'.repeat(81), 'city', /has 81 characters; the field holds 80/],
])('the constant %j is not for %s', (value, name, message) => {
  expect(faultsOf([...least, constant(value, name)])).toEqual([expect.stringMatching(message)]);
});

test.each([
  [true, 'Vip__c'],
  ['FALSE', 'Vip__c'],
  [7.5, 'Points__c'],
  ['2024-02-29', 'Birthdate'],
  ['2026-12-31T00:00:00+01:00', 'Since__c'],
  ['gold member; SILVER', 'Tags__c'],
  [7, 'city'],
])('the constant %j is for %s', (value, name) => {
  expect(faultsOf([...least, constant(value, name)])).toEqual([]);
});

test('one field under two names is refused', () => {
  expect(faultsOf([...least, row('workEmail.address', 'Email')])).toEqual([
    '/mapping/2/target The target "Email" is mapped by row 1 already as "email".',
  ]);
});

test('what cannot be empty is not cleared, and the match key is not left as it is', () => {
  const clear = { when_empty: 'clear' } as const;
  expect(
    faultsOf([
      row('person.name.lastName', 'lastName', clear),
      row('personalEmail.address', 'email', { ...clear, overwrite: 'if_empty' }),
      row('personalEmail.primary', 'Vip__c', clear),
    ]),
  ).toEqual([
    expect.stringMatching(/^\/mapping\/0\/when_empty .*cannot be empty/),
    expect.stringMatching(/^\/mapping\/1\/when_empty Records are matched by "email"/),
    expect.stringMatching(/^\/mapping\/1\/overwrite Records are matched by "email"/),
    expect.stringMatching(/^\/mapping\/2\/when_empty .*cannot be empty/),
  ]);
});

test('a parent needs its own required targets, once anything of it is mapped, and no link beside them', () => {
  expect(faultsOf([...least, row('homeAddress.city', 'Account.Website')])).toEqual([
    expect.stringMatching(/^\/mapping The target "company" .*for each Account/),
  ]);
  expect(
    faultsOf([...least, row('homeAddress.city', 'company'), row('homeAddress.state', 'AccountId')]),
  ).toEqual([
    expect.stringMatching(/^\/mapping\/3\/target .*"AccountId" names the Account.*Map one of the two/),
  ]);
  expect(faultsOf([...least, row('homeAddress.state', 'AccountId')])).toEqual([]);
});
