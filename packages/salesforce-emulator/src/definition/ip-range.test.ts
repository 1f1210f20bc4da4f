import { expect, test } from 'vitest';
import { isInRanges } from './ip-range.ts';

const ranges = [
  { from: '10.0.0.5', to: '10.0.1.0' },
  { from: '2001:db8::1', to: '2001:db8::ff' },
];

test.each([
  ['10.0.0.5', true],
  ['10.0.1.0', true],
  ['10.0.0.4', false],
  ['10.0.1.1', false],
  ['::ffff:10.0.0.200', true],
  ['::FFFF:9.0.0.1', false],
  ['2001:db8::42', true],
  ['2001:db8::1:0', false],
  ['', false],
  ['not an address', false],
])('%s: %s', (address, isInside) => {
  expect(isInRanges(ranges, address)).toBe(isInside);
});

test('a range that ends before it begins, or is of two families, holds nothing', () => {
  const odd = [
    { from: '10.0.0.9', to: '10.0.0.1' },
    { from: '10.0.0.1', to: '::1' },
  ];
  expect(isInRanges(odd, '10.0.0.5')).toBe(false);
});
