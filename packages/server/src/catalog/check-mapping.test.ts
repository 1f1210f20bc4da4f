import { composeSchema, HeadraceError, type TargetField } from '@headrace/core';
import { expect, test } from 'vitest';
import { checkMapping } from './check-mapping.ts';

const union = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: ['xdm.demographic-details', 'xdm.personal-contact-details'],
});
const target = (name: string, required: boolean): TargetField => ({
  name,
  title: name,
  field: name,
  type: 'string',
  maxLength: 80,
  required,
  matchKey: false,
});
const targets = [target('lastName', true), target('email', true), target('city', false)];
const row = (attribute: string, name: string) => ({ source: { attribute }, target: name });

const faultsOf = (mapping: ReturnType<typeof row>[]): readonly string[] => {
  try {
    checkMapping(mapping, union, targets, ['CRMID', 'Email']);
    return [];
  } catch (error) {
    if (!(error instanceof HeadraceError)) throw error;
    return error.details.map(({ pointer, message }) => `${pointer} ${message}`);
  }
};

test('a mapping that fits both sides passes', () => {
  expect(faultsOf([row('person.name.lastName', 'lastName'), row('personalEmail.address', 'email')])).toEqual(
    [],
  );
});

test('every fault is told at once, with where it is and what was meant', () => {
  const faults = faultsOf([
    row('person.name.lastname', 'lastName'),
    row('personalEmail', 'emial'),
    row('homeAddress.city', 'lastName'),
  ]);
  expect(faults).toHaveLength(5);
  expect(faults[0]).toMatch(/^\/mapping\/0\/source\/attribute .*Did you mean "person\.name\.lastName"\?$/);
  expect(faults[1]).toMatch(/^\/mapping\/1\/source\/attribute .*of type object/);
  expect(faults[2]).toMatch(/^\/mapping\/1\/target .*Did you mean "email"\?$/);
  expect(faults[3]).toMatch(/^\/mapping\/2\/target .*mapped by row 0 already/);
  expect(faults[4]).toMatch(/^\/mapping The target "email" .*is required/);
});
