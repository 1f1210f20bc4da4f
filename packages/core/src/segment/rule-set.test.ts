import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../xdm/field.ts';
import { evaluateThrough, orderRules, type Transition } from './evaluate-rules.ts';
import { compileRuleSet } from './rule-set.ts';
import { sampleRules } from './sample-schema.fixture.ts';
import { clockAt, compileSegmentRule } from './segment-rule.ts';

const now = new Date('2026-03-15T12:00:00Z');
const dayMs = 86_400_000;

const texts = [
  'loyalty.points > 10',
  'loyalty.points > 10 and homeAddress.city = "Bern"',
  'homeAddress.city = "Bern" or interests.count() > 1',
  'not (homeAddress.city = "Bern")',
  'exists E from xEvent where E.eventType = "buy" and E.timestamp occurs <= 3 days before now',
  'exists E from xEvent where E.eventType = "buy" and E.timestamp occurs <= 3 days before now and loyalty.points > 10',
  'xEvent[eventType = "buy" and ^loyalty.points > 10].count() > 0',
  'xEvent[eventType = "visit" and timestamp occurs < 2 days before now].count() >= 2',
  'xEvent.count() > 2 and loyalty.points > 10',
  'CHAIN(xEvent, timestamp, [A: WHAT(eventType = "visit"), B: WHAT(eventType = "buy") WHEN(< 1 day after A)])',
];
const rules = [
  ...texts.map((text, index) => ({ segmentId: `s${index}`, rule: compileSegmentRule(text, sampleRules) })),
  { segmentId: 'x', rule: compileSegmentRule('inSegment("y") and loyalty.points > 10', undefined) },
  { segmentId: 'y', rule: compileSegmentRule('inSegment("s0") or inSegment("s4")', undefined) },
];

const profile: fc.Arbitrary<JsonObject> = fc.record(
  {
    loyalty: fc.record({ points: fc.integer({ min: 5, max: 15 }) }),
    homeAddress: fc.record({ city: fc.constantFrom('Bern', 'Basel') }),
    interests: fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const events: fc.Arbitrary<JsonObject[]> = fc
  .array(
    fc.record({
      at: fc.integer({ min: -6 * 24, max: 24 }),
      eventType: fc.constantFrom('buy', 'visit'),
    }),
    { maxLength: 6 },
  )
  .map((found) =>
    found.map(({ at, eventType }, index) => ({
      _id: `e${index}`,
      timestamp: new Date(now.getTime() + at * 3_600_000).toISOString(),
      eventType,
    })),
  );

describe('a set of rules', () => {
  test('finds what each rule finds alone, and looks at segments after their rules', () => {
    const set = compileRuleSet(rules);
    fc.assert(
      fc.property(profile, events, (document, own) => {
        const members = new Set<string>();
        const together = clockAt(now);
        const told: [string, boolean][] = [];
        set.evaluate({ document, events: own, segments: members }, together, ({ segmentId }, isMember) => {
          told.push([segmentId, isMember]);
          if (isMember) members.add(segmentId);
        });
        const alone = clockAt(now);
        const before = new Set<string>();
        const expected = orderRules(rules).map(({ segmentId, rule }): [string, boolean] => {
          const isMember = rule.evaluate({ document, events: own, segments: before }, alone);
          if (isMember) before.add(segmentId);
          return [segmentId, isMember];
        });
        expect(told).toEqual(expected);
        expect(together.until).toBe(alone.until);
      }),
    );
  });

  test('a trace yields what the evaluation yields', () => {
    fc.assert(
      fc.property(profile, events, fc.constantFrom(...rules), (document, own, { rule }) => {
        const subject = { document, events: own, segments: new Set(['y']) };
        const { value } = rule.trace(subject, clockAt(now));
        expect(value).toBe(rule.evaluate(subject, clockAt(now)));
      }),
    );
  });
});

describe('until', () => {
  test('what lies at a distance from now is waited for to the millisecond, not by the days about it', () => {
    const timestamp = '2026-03-01T12:00:00.000Z';
    const person = { document: {}, events: [{ _id: 'e', timestamp }], segments: new Set<string>() };
    const at = Date.parse(timestamp) + dayMs;
    const untilOf = (rule: string, from: number): number => {
      const clock = clockAt(new Date(from));
      compileSegmentRule(rule, undefined).evaluate(person, clock);
      return clock.until;
    };
    const rule = (operator: string) =>
      `exists E from xEvent where E.timestamp occurs ${operator} 10 days before now`;
    for (const operator of ['<', '<=', '>', '>=']) {
      expect(untilOf(rule(operator), at)).toBe(at + 9 * dayMs);
      expect(untilOf(rule(operator), at + 9 * dayMs)).toBe(at + 9 * dayMs + 1);
      expect(untilOf(rule(operator), at + 9 * dayMs + 1)).toBe(Number.POSITIVE_INFINITY);
    }
    // A whole day is meant: it begins and ends.
    expect(untilOf(rule('='), at)).toBe(Date.parse('2026-03-11T00:00:00Z'));
    expect(untilOf(rule('='), Date.parse('2026-03-11T12:00:01Z'))).toBe(Date.parse('2026-03-12T00:00:00Z'));
  });

  const timed = rules.filter(({ rule }) => rule.timing.byInstant);
  const set = compileRuleSet(timed);

  test('nothing changes by time before it, and going from one to the next misses nothing', () => {
    fc.assert(
      fc.property(profile, events, (document, own) => {
        const person = { document, events: own };
        const end = now.getTime() + 8 * dayMs;
        const transitions: Transition[] = [];
        const members = new Set<string>();
        evaluateThrough(
          set,
          person,
          members,
          {
            dueAt: now.getTime(),
            midnight: Number.POSITIVE_INFINITY,
            rulesSince: Number.POSITIVE_INFINITY,
            now: end,
          },
          transitions,
        );
        const at = (instant: number) =>
          timed.map(({ segmentId }) => {
            const last = transitions.findLast((one) => one.segmentId === segmentId && one.at <= instant);
            return last?.isMember ?? false;
          });
        // At each instant that is a whole number of hours from an event, a moment before and a moment after.
        for (let instant = now.getTime(); instant <= end; instant += 3_600_000)
          for (const near of [instant - 1, instant, instant + 1]) {
            if (near < now.getTime()) continue;
            const scratch = timed.map(({ rule }) =>
              rule.evaluate({ ...person, segments: new Set() }, clockAt(new Date(near))),
            );
            expect(at(near), new Date(near).toISOString()).toEqual(scratch);
          }
      }),
      { numRuns: 40 },
    );
  });
});
