import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject, XdmField } from '../../xdm/field.ts';
import { clockAt, compileSegmentRule, type RuleSchema, type SegmentRule } from '../segment-rule.ts';

const title = 'f';
const text: XdmField = { type: 'string', title };
const number: XdmField = { type: 'number', title };
const truth: XdmField = { type: 'boolean', title };
const date: XdmField = { type: 'string', format: 'date', title };
const instant: XdmField = { type: 'string', format: 'date-time', title };
const listOf = (items: XdmField): XdmField => ({ type: 'array', title, items });
const item: XdmField = {
  type: 'object',
  title,
  properties: { s: text, n: number, d: date, t: instant, gift: truth, tags: listOf(text) },
};
const schema: RuleSchema = {
  profile: {
    type: 'object',
    title: 'Profile',
    properties: {
      code: text,
      n: number,
      active: truth,
      d: date,
      t: instant,
      tags: listOf(text),
      more: listOf(text),
      days: listOf(date),
      times: listOf(instant),
      l: listOf(item),
      m: { type: 'map', title, values: text },
      dm: { type: 'map', title, values: date },
    },
  },
  event: {
    type: 'object',
    title: 'Event',
    properties: { _id: text, timestamp: instant, kind: text, n: number },
  },
};

const oneOf = <Item>(...items: readonly Item[]) => fc.constantFrom(...items);
const maybe = <Item>(value: fc.Arbitrary<Item>) => fc.option(value, { nil: undefined, freq: 4 });
const texts = oneOf('', 'a', 'b', '1', 'true', '2024-01-01', '2024-01-01T00:00:00.000Z');
const numbers = oneOf(0, 1, 2.5, -1);
const days = oneOf('2024-01-01', '2024-02-29', '2026-03-15');
const instants = oneOf('2024-01-01T00:00:00.000Z', '2026-03-15T00:00:00.000Z', '2026-03-15T11:30:00.000Z');
const listWith = <Item>(items: fc.Arbitrary<Item>) => fc.array(items, { maxLength: 3 });
const items = fc.record({
  s: maybe(texts),
  n: maybe(numbers),
  d: maybe(days),
  t: maybe(instants),
  gift: maybe(fc.boolean()),
  tags: maybe(listWith(texts)),
});
const documents = fc.record({
  code: maybe(texts),
  n: maybe(numbers),
  active: maybe(fc.boolean()),
  d: maybe(days),
  t: maybe(instants),
  tags: maybe(listWith(texts)),
  more: maybe(listWith(texts)),
  days: maybe(listWith(days)),
  times: maybe(listWith(instants)),
  l: maybe(listWith(items)),
  m: maybe(fc.dictionary(oneOf('x', '2024-01-01'), texts, { maxKeys: 2 })),
  dm: maybe(fc.dictionary(oneOf('x', 'y'), days, { maxKeys: 2 })),
});
const subjects = fc
  .tuple(documents, listWith(fc.record({ timestamp: instants, kind: maybe(texts), n: maybe(numbers) })))
  .map(([document, events]) => ({
    // As records are: without what is not there.
    document: JSON.parse(JSON.stringify(document)) as JsonObject,
    events: events.map(
      (event, index): JsonObject => JSON.parse(JSON.stringify({ ...event, _id: String(index) })),
    ),
    segments: new Set<string>(),
  }));

const operator = oneOf('=', '!=', '<', '<=', '>', '>=');
const equality = oneOf('=', '!=');
const quoted = (values: fc.Arbitrary<string>) => values.map((value) => JSON.stringify(value));
const day = oneOf('date(2024, 1, 1)', 'date(2026, 3, 15)', '"2024-01-01"');
const known = oneOf('now', 'today', '(1 day before now)', '(3 months before d)', 'date(2026, 3, 15)');
const at = fc.oneof(known, oneOf('d', 't'));
const join = (...parts: readonly (fc.Arbitrary<string> | string)[]) =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((found) => found.join(''));
const literals = (values: fc.Arbitrary<string>) =>
  fc.array(values, { minLength: 1, maxLength: 3 }).map((found) => `[${found.join(', ')}]`);
const setTest = oneOf('intersects', 'subsetOf', 'supersetOf');

const rules = fc.oneof(
  join(oneOf('code', 'tags', 'l.s', 'm.x', 'l.tags', 'm.values()'), operator, quoted(texts)),
  join(oneOf('code', 'tags', 'l.s'), oneOf(' in ', ' notIn '), literals(quoted(texts))),
  join('code.', oneOf('equals', 'notEqualTo'), '(', quoted(texts), oneOf(', false', ''), ')'),
  join(oneOf('tags', 'l.s', 'l.tags', 'm.values()'), equality, oneOf('more', 'tags', 'l.s')),
  join(oneOf('tags', 'l.s'), '.', setTest, '(', fc.oneof(literals(quoted(texts)), oneOf('more', 'l.s')), ')'),
  join(
    oneOf('days', 'l.d', 'dm.values()'),
    '.',
    setTest,
    '(',
    fc.oneof(literals(day), oneOf('days', 'l.d')),
    ')',
  ),
  join(oneOf('times', 'l.t'), '.', setTest, '(', oneOf('times', 'l.t', '[t]', '[now]'), ')'),
  join(oneOf('d', 'days', 'l.d', 'dm.x', 'dm.values()'), operator, fc.oneof(day, oneOf('d'))),
  join(oneOf('t', 'times', 'l.t', 'xEvent.timestamp'), operator, oneOf('t', 'now', '(1 day before now)')),
  join(oneOf('t', 'times', 'l.t', 'xEvent.timestamp'), operator, quoted(instants)),
  join(oneOf('d', 'days', 'l.d'), oneOf(' in ', ' notIn '), fc.oneof(literals(day), oneOf('days', 'l.d'))),
  join(oneOf('days', 'l.d'), '.includes(', oneOf('d', 'date(2024, 1, 1)', '"2024-01-01"'), ')'),
  join(
    oneOf('t', 'd', 'l.t', 'xEvent.timestamp'),
    ' occurs ',
    oneOf('on ', 'before ', 'after ', '< 2 days before '),
    at,
  ),
  join(oneOf('t', 'd', 'days'), ' occurs between ', at, ' and ', at),
  join(oneOf('l', 'xEvent'), '.groupBy(', oneOf('n'), ').count() ', operator, '1'),
  join(
    'l.groupBy(',
    oneOf('s', 'd', 't', 'n', 'gift'),
    ').keys().includes(',
    quoted(fc.oneof(texts, days)),
    ')',
  ),
  join(
    'xEvent.groupBy(',
    oneOf('timestamp', 'kind'),
    ').get(',
    quoted(fc.oneof(texts, instants)),
    ').count() > 0',
  ),
  join(
    'l.map((O) => mapEntry(O.',
    oneOf('d', 's', 'n'),
    ', O.s)).get(',
    quoted(fc.oneof(texts, days)),
    ').isNotNull()',
  ),
  join(oneOf('tags', 'days', 'times', 'l.d', 'l.t', 'l.tags'), '.distinct().count() ', operator, '1'),
  join(oneOf('tags', 'l', 'm', 'dm', 'l.s', 'l.tags', 'd', 'n'), oneOf('.isNull()', '.isNotNull()')),
  join(oneOf('l', 'tags', 'days', 'm', 'l.tags', 'l.s'), '.count() ', operator, '1'),
  join(oneOf('l', 'xEvent'), oneOf('.sum(n)', '.max(n)', '.average(n)', '.map(n).min()'), operator, '1'),
  // A day beside an instant, both of fields, is text beside text without a schema.
  join(
    oneOf('days', 'l.d', 'dm.values()'),
    oneOf('.max()', '.min()', '.head()'),
    ' <= ',
    fc.oneof(oneOf('d'), known),
  ),
  join(oneOf('times', 'l.t'), oneOf('.max()', '.min()', '.head()'), ' <= ', fc.oneof(oneOf('t'), known)),
  join(
    'l.',
    oneOf('exists', 'forall'),
    '(',
    oneOf('gift', 'not gift', 'd = ^d', 't > now', 's = "a"', 'tags[$1 = "a"]'),
    ')',
  ),
  join(
    '(',
    oneOf('exists', 'forall'),
    ' O from l where O.',
    oneOf('gift', 'd = d', 'n > 1', 's in tags'),
    ')',
  ),
  join(
    'l.',
    oneOf('topN', 'bottomN'),
    '(',
    oneOf('n', 'd', 't', 's'),
    ', 1).head().',
    oneOf('n = 1', 's = "a"'),
  ),
  join(
    oneOf('d', 't', 'l.head().d'),
    '.',
    oneOf('getMonth', 'getYear', 'getDayOfMonth'),
    '() = ',
    oneOf('1', '3', '15'),
  ),
  join('if(active, d, t) ', operator, oneOf('now', 'date(2024, 1, 1)')),
  join('active ', equality, oneOf('true', 'l.head().gift')),
  join('let A = ', oneOf('d', 'l.d.max()', 'days.head()'), ' in A ', operator, day),
);

test('promise 6: a rule means the same with a schema and without', () => {
  let compared = 0;
  fc.assert(
    fc.property(rules, fc.array(subjects, { minLength: 5, maxLength: 5 }), (rule, people) => {
      const [typed, untyped] = [compiled(rule, schema), compiled(rule, undefined)];
      if (typed === undefined || untyped === undefined) return;
      for (const subject of people) {
        compared++;
        const clock = () => clockAt(new Date('2026-03-15T12:00:00Z'));
        const withSchema: boolean = typed.evaluate(subject, clock());
        const without: boolean = untyped.evaluate(subject, clock());
        if (withSchema !== without)
          expect.fail(`${rule}: ${withSchema} with a schema, ${without} without: ${JSON.stringify(subject)}`);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(compared).toBeGreaterThan(10_000);
});

/** Undefined for a rule that is refused. */
function compiled(rule: string, known: RuleSchema | undefined): SegmentRule | undefined {
  try {
    return compileSegmentRule(rule, known);
  } catch {
    return undefined;
  }
}
