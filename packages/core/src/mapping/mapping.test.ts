import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../xdm/field.ts';
import { applyMapping, attributesDiffer, compileMapping } from './mapping.ts';

const mapping = compileMapping([
  { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
  { source: { attribute: 'homeAddress' }, target: 'city' },
  { source: { attribute: 'loyalty.points' }, target: 'points', when_empty: 'clear', overwrite: 'if_empty' },
  { source: { identity: 'CRMID' }, target: 'key' },
  { source: { constant: 'Web' }, target: 'source' },
]);
const valuesOf = (document: JsonObject, identities = new Map<string, string>()) =>
  applyMapping(mapping, { document, identities });

test('single values, identities and constants are mapped; absent values, blank text and objects are not', () => {
  const roe = { person: { name: { lastName: 'Roe' } }, homeAddress: { city: 'Ulm' }, loyalty: { points: 0 } };
  expect(valuesOf(roe)).toEqual({ lastName: 'Roe', points: 0, source: 'Web' });
  const blank = { person: { name: { lastName: ' ' } }, loyalty: { points: 1 } };
  expect(valuesOf(blank, new Map([['CRMID', 'C-1']]))).toEqual({ points: 1, key: 'C-1', source: 'Web' });
});

test('a list of values is one text; what holds no value is nothing', () => {
  const tags = compileMapping([{ source: { attribute: 'tags' }, target: 'tags' }]);
  const of = (list: JsonValue) => applyMapping(tags, { document: { tags: list }, identities: new Map() });
  expect(of(['a', ' ', 2, true, { b: 1 }, null])).toEqual({ tags: 'a;2;true' });
  expect(of([])).toEqual({});
  expect(of([{ b: 1 }])).toEqual({});
});

test('a mapping says where the value of a target comes from', () => {
  expect([...mapping.sources]).toEqual([
    ['lastName', 'person.name.lastName'],
    ['city', 'homeAddress'],
    ['points', 'loyalty.points'],
    ['key', 'the identity CRMID'],
    ['source', 'a constant'],
  ]);
});

test('only what is to be cleared is cleared where the profile has no value', () => {
  expect(valuesOf({})).toEqual({ points: null, source: 'Web' });
});

test('a mapping says what it reads, and what it writes only into empty fields', () => {
  expect(mapping.namespaces).toEqual(new Set(['CRMID']));
  expect(mapping.ifEmpty).toEqual(new Set(['points']));
});

test('only the given attributes make a difference', () => {
  const { paths } = mapping;
  expect(attributesDiffer({ a: 1 }, { a: 2 }, paths)).toBe(false);
  expect(attributesDiffer({ loyalty: { points: 1 } }, { loyalty: { points: 2 } }, paths)).toBe(true);
  expect(attributesDiffer({ loyalty: { points: 1 } }, {}, paths)).toBe(true);
});
