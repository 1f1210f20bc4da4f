import { expect, test } from 'vitest';
import { bucketCount, bucketOf } from './bucket.ts';

test('the bucket is the last twelve bits of the id', () => {
  expect(bucketOf('00000000-0000-4000-8000-000000000abc')).toBe(0xabc);
  expect(bucketOf('00000000-0000-4000-8000-000000000fff')).toBe(bucketCount - 1);
  expect(() => bucketOf('abc')).toThrow(RangeError);
});
