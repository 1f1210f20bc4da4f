import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('the wait doubles up to five minutes and half of it is random', () => {
  expect(backoffMs(1, 0)).toBe(500);
  expect(backoffMs(1, 0.999)).toBeLessThanOrEqual(1_000);
  expect(backoffMs(4, 0)).toBe(4_000);
  expect(backoffMs(60, 0.5)).toBe(225_000);
});
