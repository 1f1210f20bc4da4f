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
  {
    name: 'by external id',
    details: { membership: 'none', match_field: 'Key__c' },
    mapping: [...values, city, { source: { identity: 'CRMID' }, target: 'Key__c' }],
    keyField: 'Key__c',
  },
  {
    name: 'with a Campaign',
    details: { membership: 'campaign' },
    mapping: [...values, city],
    keyField: 'Email',
  },
  {
    name: 'compared',
    details: { membership: 'none' },
    mapping: [...values, { ...city, overwrite: 'if_empty' }],
    keyField: 'Email',
  },
];
