import { expect, test } from 'vitest';
import { applyMapping, attributesDiffer, compileMapping } from './mapping.ts';

const mapping = compileMapping([
  { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
  { source: { attribute: 'homeAddress' }, target: 'city' },
  { source: { attribute: 'loyalty.points' }, target: 'points' },
]);

test('scalars are mapped; absent values and objects are not', () => {
  expect(
    applyMapping(mapping, { person: { name: { lastName: 'Roe' } }, homeAddress: { city: 'Ulm' } }),
  ).toEqual({
    lastName: 'Roe',
  });
  expect(applyMapping(mapping, { loyalty: { points: 0 } })).toEqual({ points: 0 });
});

test('only the given attributes make a difference', () => {
  const paths = mapping.rows.map((row) => row.path);
  expect(attributesDiffer({ a: 1 }, { a: 2 }, paths)).toBe(false);
  expect(attributesDiffer({ loyalty: { points: 1 } }, { loyalty: { points: 2 } }, paths)).toBe(true);
  expect(attributesDiffer({ loyalty: { points: 1 } }, {}, paths)).toBe(true);
});
