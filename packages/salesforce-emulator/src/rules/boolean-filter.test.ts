import { expect, test } from 'vitest';
import { alternativesOf } from './boolean-filter.ts';

test('a filter is its alternatives; AND binds more tightly than OR', () => {
  expect(alternativesOf('1 AND (2 OR 3)', 3)).toEqual([
    [1, 2],
    [1, 3],
  ]);
  expect(alternativesOf('1 or 2 and 3', 3)).toEqual([[1], [2, 3]]);
  expect(alternativesOf('((1)) AND 1', 1)).toEqual([[1]]);
});

test('what is no filter is refused with the reason', () => {
  expect(() => alternativesOf('1 AND 4', 3)).toThrow('expected the number of a field, 1 to 3, not 4.');
  expect(() => alternativesOf('(1 AND 2', 2)).toThrow('a closing parenthesis is missing.');
  expect(() => alternativesOf('1 2', 2)).toThrow('nothing was expected after 1.');
  expect(() => alternativesOf('', 2)).toThrow('not the end');
  const wide = '(1 OR 2 OR 3 OR 4) AND (5 OR 6 OR 7)';
  expect(() => alternativesOf(wide, 7)).toThrow('more than 10 alternatives');
  expect(() => alternativesOf('('.repeat(200), 2)).toThrow('expected the number');
});
