import { expect, test } from 'vitest';
import { clockAt, compileSegmentRule } from '../segment-rule.ts';

const now = new Date('2026-03-15T12:00:00Z');
const steps = Array.from({ length: 10 }, (_, index) => `S${index}: WHAT(type = "a")`).join(', ');
const events = Array.from({ length: 2_000 }, (_, index) => ({
  _id: `e${index}`,
  timestamp: new Date(now.getTime() - index * 60_000).toISOString(),
  type: 'a',
}));

test('a chain whose last step is never fulfilled is decided well within the steps a rule has', () => {
  const rule = compileSegmentRule(`CHAIN(xEvent, timestamp, [${steps}, Z: WHAT(type = "z")])`, undefined);
  const clock = clockAt(now);
  expect(rule.evaluate({ document: {}, events, segments: new Set() }, clock)).toBe(false);
  expect(clock.exceeded).toBeUndefined();
});

test('a chain that would need more steps than a rule has ends, and says so', () => {
  const rule = compileSegmentRule(
    `CHAIN(xEvent, timestamp, [A: WHAT(type = "a"), B: WHAT(type = "a") WHEN(< 9 hours after A),
      C: WHAT(type = "a") WHEN(< 9 hours after A), D: WHAT(type = "z") WHEN(< 9 hours after B)])`,
    undefined,
  );
  const clock = clockAt(now);
  expect(rule.evaluate({ document: {}, events, segments: new Set() }, clock)).toBe(false);
  expect(clock.exceeded).toBe(true);
});
