import { expect, test } from 'vitest';
import { isWorthLine, startLines } from './progress.ts';

test.each([
  ['a new quarter', { fraction: 0.5, lastFraction: 0.3, sinceLastMs: 1_500 }, true],
  ['a new quarter too soon', { fraction: 0.5, lastFraction: 0.3, sinceLastMs: 200 }, false],
  ['the same quarter', { fraction: 0.49, lastFraction: 0.3, sinceLastMs: 5_000 }, false],
  ['nothing for long', { fraction: 0.3, lastFraction: 0.3, sinceLastMs: 10_000 }, true],
])('%s', (_, state, expected) => expect(isWorthLine(state)).toBe(expected));

test('without a terminal a task writes few lines and ends with its result', () => {
  const lines: string[] = [];
  let now = 0;
  const progress = startLines(
    (line) => lines.push(line),
    { label: 'Loading', total: 100 },
    () => now,
  );
  for (let done = 0; done <= 100; done += 1) {
    now += 100;
    progress.update(done, `${done} rows`);
  }
  progress.finish('  Loaded');
  expect(lines).toEqual([
    '  Loading: 25 rows',
    '  Loading: 50 rows',
    '  Loading: 75 rows',
    '  Loading: 100 rows',
    '  Loaded',
  ]);
});
