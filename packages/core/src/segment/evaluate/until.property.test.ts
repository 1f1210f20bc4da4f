import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileSegmentRule } from '../segment-rule.ts';
import type { Clock, Subject } from '../subject.ts';

const dayMs = 86_400_000;
const halfHourMs = 1_800_000;
const oneOf = <Item>(...items: readonly Item[]) => fc.constantFrom(...items);
const join = (...parts: readonly (fc.Arbitrary<string | number> | string)[]) =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((found) => found.join(' '));

const operator = oneOf('<', '<=', '>', '>=', '=', '!=');
const unit = oneOf('second', 'minute', 'hour', 'day', 'week', 'month', 'year', 'decade');
const amount = oneOf(1, 1, 2, 3, 6, 12, 13, 30, 45, 90);
const direction = oneOf('before', 'after');
const offsetOf = (from: fc.Arbitrary<string>) =>
  join(amount, unit, direction, from).map((offset) => `(${offset})`);
const near = oneOf('now', 'now', 'now', 'today', 'u');
const offset = fc.oneof(offsetOf(near), offsetOf(near), offsetOf(offsetOf(near)));
const period = join(oneOf('this', 'last', 'next'), oneOf('day', 'week', 'month', 'year'));
const reference = fc.oneof(
  oneOf('now', 'today', 'yesterday', 'tomorrow', 'u', 'd', 'date(2024, 2, 29)'),
  period,
  offset,
  offset,
);
const time = fc.oneof(oneOf('t', 'u', 'd', 'now'), offset);
const constraint = fc.oneof(
  join(operator, amount, unit, direction, reference),
  join(direction, reference),
  join(oneOf('', 'on'), reference),
  join('between', reference, 'and', reference),
);
const condition = fc.oneof(
  { weight: 6, arbitrary: join(time, 'occurs', constraint) },
  join(time, operator, oneOf('now', 'u')),
  join(offset, operator, offset),
  join(
    time.map((at) => `${at}.getDayOfMonth()`),
    operator,
    oneOf(1, 15, 28, 31),
  ),
  time.map((at) => `${at}.getMonth() = currentMonth()`),
  time.map((at) => `${at}.getYear() = 2024`),
  offset.map((at) => `[t, u].intersects([${at}])`),
  time.map((at) => `${at} in [now, u]`),
  constraint.map((when) => `xEvent[timestamp occurs ${when}].count() > 1`),
  constraint.map(
    (when) => `CHAIN(xEvent, timestamp, [A: WHAT(true), B: WHAT(true) WHEN(${when}), C: not WHAT(true)])`,
  ),
);
const rules = fc.oneof(
  { weight: 4, arbitrary: condition },
  join(
    condition.map((one) => `not (${one})`),
    oneOf('and', 'or'),
    condition,
  ),
);

/** About ends of months, on full and half hours and next to them. */
const instants = fc
  .tuple(
    oneOf('2024-02-29', '2024-03-31', '2023-01-28', '2025-01-31', '2024-12-31', '2024-05-30', '2026-06-15'),
    fc.integer({ min: -4, max: 4 }),
    oneOf(1, 1, 1, 7, 30),
    fc.oneof(fc.integer({ min: 0, max: 47 }), fc.constant(0)),
    oneOf(0, 0, 0, 1, -1, 777_777),
  )
  .map(
    ([day, steps, length, half, more]) => Date.parse(day) + steps * length * dayMs + half * halfHourMs + more,
  );
const iso = (at: number) => new Date(at).toISOString();
const subjects = fc
  .record({ t: instants, u: instants, d: instants, events: fc.array(instants, { maxLength: 4 }) })
  .map(
    ({ t, u, d, events }): Subject => ({
      document: { t: iso(t), u: iso(u), d: iso(d).slice(0, 10) },
      events: events.map((at, index) => ({ _id: String(index), timestamp: iso(at) })),
      segments: new Set(),
    }),
  );

/** Instants from now until just before an end, where a rule of times is likeliest to change. */
function instantsBetween(now: number, end: number, far: readonly number[]): readonly number[] {
  const last = Math.min(end - 1, now + 800 * dayMs);
  const day = Math.floor(now / dayMs) * dayMs;
  const half = Math.floor(now / halfHourMs) * halfHourMs;
  const grid = Array.from({ length: 70 }, (_, index) => [
    day + (index + 1) * dayMs,
    half + (index + 1) * halfHourMs,
  ]);
  const about = [...grid.flat(), ...far.map((part) => now + Math.floor(part ** 3 * (last - now))), last];
  return about.flatMap((at) => [at - 1, at, at + 1]).filter((at) => at > now && at <= last);
}

test('promise 6: a result holds until the instant the clock is told, whatever of it moves with now', () => {
  const far = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(
      rules,
      fc.array(fc.tuple(subjects, instants, far), { minLength: 4, maxLength: 4 }),
      (text, people) => {
        const rule = compileSegmentRule(text, undefined);
        for (const [subject, now, parts] of people) {
          const clock: Clock = { now, until: Number.POSITIVE_INFINITY };
          const result = rule.evaluate(subject, clock);
          const midnight = rule.timing.byCalendar ? Math.floor(now / dayMs + 1) * dayMs : clock.until;
          for (const at of instantsBetween(now, Math.min(clock.until, midnight), parts)) {
            const then = rule.evaluate(subject, { now: at, until: Number.POSITIVE_INFINITY });
            if (then !== result)
              expect.fail(`${text}: ${result} at ${iso(now)} until ${clock.until}, ${then} at ${iso(at)}`);
          }
        }
      },
    ),
    { numRuns: 600 },
  );
}, 60_000);
