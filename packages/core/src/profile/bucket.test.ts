import { expect, test } from 'vitest';
import { bucketCount, bucketOf, bucketOfText } from './bucket.ts';

test('the bucket is the last twelve bits of the id', () => {
  expect(bucketOf('00000000-0000-4000-8000-000000000abc')).toBe(0xabc);
  expect(bucketOf('00000000-0000-4000-8000-000000000fff')).toBe(bucketCount - 1);
  expect(() => bucketOf('abc')).toThrow(RangeError);
});

test('texts spread evenly over the buckets, and each always has the same', () => {
  const sizes = new Array<number>(bucketCount).fill(0);
  for (let index = 0; index < 100_000; index += 1) {
    const bucket = bucketOfText(`Email\u0000person${index}@example.com`);
    sizes[bucket] = (sizes[bucket] ?? 0) + 1;
  }
  expect(Math.max(...sizes)).toBeLessThan(60);
  expect(Math.min(...sizes)).toBeGreaterThan(3);
  expect(bucketOfText('Email\u0000ann@example.com')).toBe(bucketOfText('Email\u0000ann@example.com'));
});
