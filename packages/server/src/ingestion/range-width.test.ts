import { expect, test } from 'vitest';
import { nextWidth } from './range-width.ts';

test('ranges hold a few hundred profiles', () => {
  expect(nextWidth({ width: 4, profiles: 249, tookMs: 9_000 }, false)).toBe(8);
  expect(nextWidth({ width: 4, profiles: 250, tookMs: 0 }, false)).toBe(4);
  expect(nextWidth({ width: 5, profiles: 501, tookMs: 0 }, false)).toBe(3);
  expect(nextWidth({ width: 1, profiles: 9_000, tookMs: 0 }, false)).toBe(1);
});

test('ranges paced by time come to take less than half a second, from either side', () => {
  for (const [msPerBucket, fixedMs] of [
    [0.05, 3],
    [2, 50],
    [100, 0],
    [0.5, 350],
  ] as const) {
    const takes = (width: number) => fixedMs + width * msPerBucket;
    let width = 1;
    for (let range = 0; range < 6; range++)
      width = nextWidth({ width, profiles: 1, tookMs: takes(width) }, true);
    expect(takes(width)).toBeLessThanOrEqual(500);
    expect(takes(width)).toBeGreaterThanOrEqual(300);
    for (width = 4_096; takes(width) > 500; ) {
      const next = nextWidth({ width, profiles: 1, tookMs: takes(width) }, true);
      expect(next).toBeLessThan(width);
      width = next;
    }
  }
  expect(nextWidth({ width: 1, profiles: 1, tookMs: 10_000 }, true)).toBe(1);
});
