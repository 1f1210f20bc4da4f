import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
  const late = { _id: 'z', timestamp: new Date(now.getTime() + 86_400_000).toISOString(), type: 'z' };
  expect(rule.evaluate({ document: {}, events: [...events, late], segments: new Set() }, clock)).toBe(false);
  expect(clock.exceeded).toBe(true);
});

describe('10,000 events are decided within the steps a rule has', () => {
  const many = (typeOf: (index: number) => string) =>
    Array.from({ length: 10_000 }, (_, index) => ({
      _id: `e${index}`,
      timestamp: new Date(now.getTime() - (10_000 - index) * 1_000).toISOString(),
      type: typeOf(index),
    }));
  const cartLast = many((index) => (index === 9_999 ? 'cart' : 'v'));
  test.each([
    ['[A: WHAT(type = "v"), B: not WHAT(type = "v"), C: WHAT(type = "cart")]', cartLast, true],
    ['[A: WHAT(type = "v"), B: WHAT(type = "cart") WHEN(< 2 seconds after A)]', cartLast, true],
    ['[A: WHAT(type = "v"), B: WHAT(type = "cart") WHEN(< 1 second after A)]', cartLast, false],
    ['[A: WHAT(type = "v"), B: not WHAT(type = "cart") WHEN(< 2 hours after A)]', cartLast, true],
    [
      '[A: WHAT(type = "v"), B: WHAT(type = "v") WHEN(< 2 hours after A), C: WHAT(type = "z")]',
      cartLast,
      false,
    ],
    [
      '[A: WHAT(type = "a") COUNT(= 5000), B: WHAT(type = "b") WHEN(between A and 1 second after A)]',
      many((index) => (index % 2 === 0 ? 'a' : 'b')),
      true,
    ],
  ])('%s', (steps, events, expected) => {
    const clock = clockAt(now);
    const rule = compileSegmentRule(`CHAIN(xEvent, timestamp, ${steps})`, undefined);
    expect(rule.evaluate({ document: {}, events, segments: new Set() }, clock)).toBe(expected);
    expect(clock.exceeded).toBeUndefined();
  });
});

describe('events are found as by trying every one', () => {
  type Step = {
    readonly type: string;
    readonly isExcluded: boolean;
    readonly count: { readonly operator: '>=' | '=' | '<='; readonly amount: number };
    /** Hours after the step before, or after now. */
    readonly when:
      | { readonly operator: '<' | '>='; readonly hours: number; readonly isByLabel: boolean }
      | undefined;
  };
  type Event = { readonly type: string; readonly hour: number };
  const hourMs = 3_600_000;
  const step: fc.Arbitrary<Step> = fc.record({
    type: fc.constantFrom('a', 'b'),
    isExcluded: fc.nat(3).map((one) => one === 0),
    count: fc.oneof(
      fc.constant({ operator: '>=', amount: 1 } as const),
      fc.record({ operator: fc.constantFrom('>=', '=', '<='), amount: fc.nat(2) }),
    ),
    when: fc.option(
      fc.record({ operator: fc.constantFrom('<', '>='), hours: fc.nat(3), isByLabel: fc.boolean() }),
      { nil: undefined },
    ),
  });

  /** Every way of choosing one event after the other, as the words of docs/pql.md have it. */
  function holds(steps: readonly Step[], events: readonly Event[]): boolean {
    const fits = (one: Step, event: Event, label: number | undefined): boolean => {
      if (one.type !== event.type) return false;
      if (one.when === undefined) return true;
      const from = one.when.isByLabel ? label : 0;
      if (from === undefined) return false;
      const far = from + one.when.hours;
      return one.when.operator === '<' ? event.hour >= from && event.hour < far : event.hour >= far;
    };
    const follow = (
      at: number,
      chosen: readonly number[],
      label: number | undefined,
      barred: readonly { readonly step: Step; readonly label: number | undefined }[],
    ): boolean => {
      const last = events[chosen.at(-1) ?? -1]?.hour ?? Number.NEGATIVE_INFINITY;
      const rest = events
        .map((_, index) => index)
        .filter((index) => (events[index]?.hour ?? 0) >= last && !chosen.includes(index));
      const hasBarred = (before: number) =>
        barred.some((one) =>
          rest.some((index) => {
            const event = events[index];
            return event !== undefined && event.hour < before && fits(one.step, event, one.label);
          }),
        );
      const one = steps[at];
      if (one === undefined) return !hasBarred(Number.POSITIVE_INFINITY);
      if (one.isExcluded) return follow(at + 1, chosen, undefined, [...barred, { step: one, label }]);
      const matches = rest.filter((index) => {
        const event = events[index];
        return event !== undefined && fits(one, event, label);
      });
      const { operator, amount } = one.count;
      const isEnough = (found: number) =>
        operator === '=' ? found === amount : operator === '<=' ? found <= amount : found >= amount;
      if (matches.length === 0 && isEnough(0)) return follow(at + 1, chosen, undefined, barred);
      const candidates =
        operator === '>='
          ? matches.slice(Math.max(amount - 1, 0))
          : isEnough(matches.length)
            ? matches.slice(-1)
            : [];
      return candidates.some((index) => {
        const hour = events[index]?.hour ?? 0;
        return !hasBarred(hour) && follow(at + 1, [...chosen, index], hour, []);
      });
    };
    return follow(0, [], undefined, []);
  }

  test('any chain over any events', () => {
    const chains = fc
      .array(step, { minLength: 1, maxLength: 4 })
      .filter((steps) => steps.some((one) => !one.isExcluded));
    const event = fc.record({ type: fc.constantFrom('a', 'b'), hour: fc.nat(5) });
    let fulfilled = 0;
    fc.assert(
      fc.property(chains, fc.array(event, { maxLength: 7 }), (steps, given) => {
        const own = given.toSorted((a, b) => a.hour - b.hour);
        const written = steps.map(({ type, isExcluded, count, when }, index) => {
          const reference = when?.isByLabel === true && index > 0 ? `S${index - 1}` : 'date(2024, 1, 1)';
          const within =
            when === undefined ? '' : ` WHEN(${when.operator} ${when.hours} hours after ${reference})`;
          return `S${index}: ${isExcluded ? 'not ' : ''}WHAT(type = "${type}")${within}${isExcluded ? '' : ` COUNT(${count.operator} ${count.amount})`}`;
        });
        const rule = compileSegmentRule(`CHAIN(xEvent, timestamp, [${written.join(', ')}])`, undefined);
        const events = own.map(({ type, hour }, index) => ({
          _id: `e${index}`,
          timestamp: new Date(Date.UTC(2024, 0, 1) + hour * hourMs).toISOString(),
          type,
        }));
        const first = steps.map((one, index) =>
          index === 0 && one.when !== undefined ? { ...one, when: { ...one.when, isByLabel: false } } : one,
        );
        const expected = holds(first, own);
        if (expected) fulfilled++;
        expect(
          rule.evaluate({ document: {}, events, segments: new Set() }, clockAt(now)),
          written.join(', '),
        ).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
    expect(fulfilled).toBeGreaterThan(300);
  });
});
