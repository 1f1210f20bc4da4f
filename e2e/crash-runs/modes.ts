import type { MappingRow } from '@headrace/core';
import type { Mode } from './world.ts';

const values: readonly MappingRow[] = [
  { source: { attribute: 'personalEmail.address' }, target: 'email' },
  { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
];
const city: MappingRow = { source: { attribute: 'homeAddress.city' }, target: 'city' };

/** The ways of writing to Salesforce that crash runs go through. */
export const modes: readonly Mode[] = [
  { name: 'by e-mail', details: { membership: 'none' }, mapping: [...values, city], keyField: 'Email' },
  {
    name: 'as jobs',
    details: { membership: 'none' },
    mapping: [...values, city],
    keyField: 'Email',
    bulkFrom: { scarce: 1, always: 1 },
  },
];
