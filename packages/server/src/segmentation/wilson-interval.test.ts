import { expect, test } from 'vitest';
import { wilsonInterval } from './wilson-interval.ts';

test.each([
  [0, 100, 0, 0.037],
  [100, 100, 0.963, 1],
  [50, 100, 0.4038, 0.5962],
  [10, 1_000, 0.0054, 0.0183],
  [0, 0, 0, 1],
])('%d of %d', (fitting, sample, low, high) => {
  const interval = wilsonInterval(fitting, sample);
  expect(interval.low).toBeCloseTo(low, 3);
  expect(interval.high).toBeCloseTo(high, 3);
});
