import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatQuantity } from './format.ts';

test.each([
  [0, '0.0 s'],
  [400, '0.4 s'],
  [9_949, '9.9 s'],
  [9_951, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min 00 s'],
  [185_000, '3 min 05 s'],
])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_400, '1.4 kB'],
  [2_345_678, '2.3 MB'],
  [5_000_000_000, '5.0 GB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test('counts are grouped, and one of a thing is singular', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect([formatQuantity(1, 'row'), formatQuantity(0, 'row'), formatQuantity(2, 'reply', 'replies')]).toEqual(
    ['1 row', '0 rows', '2 replies'],
  );
});
