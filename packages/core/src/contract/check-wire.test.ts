import { expect, test } from 'vitest';
import { compileWireCheck } from './check-wire.ts';
import { newCsvMappingWire } from './csv-mapping-wire.ts';
import { newDataflowWire } from './dataflow-wire.ts';
import { newSchemaWire } from './schema-wire.ts';
import { segmentMemberPageWire } from './segment-wire.ts';
import { wireObject, wirePageQuery } from './wire.ts';

const accountId = '0b0f6f5e-3a86-4a4e-9c0c-2f6a7f4f7a11';
const dataflow = {
  account_id: accountId,
  name: 'To the org',
  mapping: [{ source: { attribute: 'personalEmail.address' }, target: 'email' }],
};

test('what fits has no errors, and defaults are filled in', () => {
  expect(compileWireCheck(newDataflowWire)(dataflow)).toEqual([]);
  const schema = {
    name: 'People',
    class_id: 'xdm.individual-profile',
    field_group_ids: [],
    identities: [{ path: 'personID', namespace: 'CRMID' }],
  };
  expect(compileWireCheck(newSchemaWire)(schema)).toEqual([]);
  expect(schema.identities[0]).toHaveProperty('primary', false);
});

test.each([
  [{ ...dataflow, account_id: accountId.toUpperCase() }, '/account_id', 'an id'],
  [{ ...dataflow, name: ' ' }, '/name', 'not blank'],
  [{ ...dataflow, mappings: [] }, '/mappings', 'Did you mean "mapping"?'],
  [{ ...dataflow, mapping: [{ source: {}, target: 'email' }] }, '/mapping/0/source/attribute', 'missing'],
  [{ ...dataflow, mapping: [] }, '/mapping', 'a list of at least 1 item; found one of 0.'],
  [{ ...dataflow, description: 7 }, '/description', 'Expected text; found'],
  ['text', '', 'Expected an object'],
])('what does not fit is named: %#', (body, pointer, message) => {
  const [error] = compileWireCheck(newDataflowWire)(body);
  expect(error?.pointer).toBe(pointer);
  expect(error?.message).toContain(message);
});

test.each([
  [{ a: { path: 'personID', fromat: 'x' } }, '/mapping/columns/a/fromat', 'Did you mean "format"?'],
  [{ a: 7 }, '/mapping/columns/a', 'Expected text or an object or a list; found a whole number.'],
  [{ a: ['personID', 7] }, '/mapping/columns/a/1', 'Expected text or an object; found a whole number.'],
  [{ a: { path: 'x', values: { y: [] } } }, '/mapping/columns/a/values/y', 'or null; found a list.'],
])('of a value that may be of several forms one fault is told: %#', (columns, pointer, message) => {
  const details = compileWireCheck(newCsvMappingWire)({ name: 'Shop', mapping: { columns, delimiter: ',' } });
  expect(details).toMatchObject([{ pointer }]);
  expect(details[0]?.message).toContain(message);
});

test('of several words one list is told', () => {
  const mapping = { columns: { a: 'personID' }, delimiter: 'x' };
  expect(compileWireCheck(newCsvMappingWire)({ name: 'Shop', mapping })).toEqual([
    {
      pointer: '/mapping/delimiter',
      keyword: 'enum',
      message: 'Expected "," or ";" or "\\t" or "|"; found text that is not.',
    },
  ]);
});

test('text of a URL stands for numbers where numbers are expected, JSON text does not', () => {
  const query = { limit: '5' };
  expect(compileWireCheck(wireObject(wirePageQuery), 'text')(query)).toEqual([]);
  expect(query).toEqual({ limit: 5 });
  expect(compileWireCheck(wireObject(wirePageQuery))({ limit: '5' })).toHaveLength(1);
});

test('no value of the input shows in a message', () => {
  const item = { profile_id: 'Ann Example', status: 'Ann Example', last_qualification_time: 'Ann Example' };
  const errors = compileWireCheck(segmentMemberPageWire)({ items: [item], next_after: null });
  expect(errors.length).toBeGreaterThan(0);
  expect(JSON.stringify(errors)).not.toContain('Ann');
});
