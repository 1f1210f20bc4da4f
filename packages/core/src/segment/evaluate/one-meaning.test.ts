import { describe, expect, test } from 'vitest';
import type { JsonObject, XdmField } from '../../xdm/field.ts';
import { clockAt, compileSegmentRule, type RuleSchema } from '../segment-rule.ts';

const title = 'f';
const text: XdmField = { type: 'string', title };
const date: XdmField = { type: 'string', format: 'date', title };
const instant: XdmField = { type: 'string', format: 'date-time', title };
const truth: XdmField = { type: 'boolean', title };
const listOf = (items: XdmField): XdmField => ({ type: 'array', title, items });
const mapOf = (values: XdmField): XdmField => ({ type: 'map', title, values });
const group = (properties: Record<string, XdmField>): XdmField => ({ type: 'object', title, properties });

const schema: RuleSchema = {
  profile: {
    type: 'object',
    title: 'Profile',
    properties: {
      code: text,
      d: date,
      t: instant,
      tags: listOf(text),
      more: listOf(text),
      days: listOf(date),
      times: listOf(instant),
      g: group({ x: text }),
      l: listOf(group({ s: text, d: date, t: instant, gift: truth, tags: listOf(text) })),
      m: mapOf(text),
      dates: mapOf(date),
    },
  },
  event: {
    type: 'object',
    title: 'Event',
    properties: { _id: text, timestamp: instant, type: text },
  },
};

const events: readonly JsonObject[] = [
  { _id: '1', timestamp: '2026-03-14T00:00:00Z', type: 'a' },
  { _id: '2', timestamp: '2026-03-14T00:00:00Z', type: 'b' },
  { _id: '3', timestamp: '2026-03-15T00:00:00Z', type: 'a' },
];
const answer = (rule: string, known: RuleSchema | undefined, document: JsonObject): boolean =>
  compileSegmentRule(rule, known).evaluate(
    { document, events, segments: new Set() },
    clockAt(new Date('2026-03-15T12:00:00Z')),
  );

describe('a rule means the same with a schema and without', () => {
  const midnight = '2024-01-01T00:00:00Z';
  test.each<[string, JsonObject, boolean]>([
    // Two texts are texts; beside what is known to be a time a text is one.
    ['code = "2024-01-01"', { code: midnight }, false],
    ['code.equals("2024-01-01")', { code: midnight }, false],
    ['code in ["2024-01-01"]', { code: midnight }, false],
    ['code != "2024-01-01"', { code: midnight }, true],
    ['code.notEqualTo("2024-01-01")', { code: midnight }, true],
    ['code notIn ["2024-01-01"]', { code: midnight }, true],
    ['tags.includes("2024-01-01")', { tags: [midnight] }, false],
    ['tags.intersects(["2024-01-01"])', { tags: [midnight] }, false],
    ['tags.distinct().count() = 2', { tags: [midnight, '2024-01-01', '2024-01-01'] }, true],
    ['d = date(2024, 1, 1)', { d: '2024-01-01' }, true],
    ['d in [date(2024, 1, 1)]', { d: '2024-01-01' }, true],
    ['d.equals(date(2024, 1, 1))', { d: '2024-01-01' }, true],
    ['days.includes(date(2024, 1, 1))', { days: ['2024-01-01'] }, true],
    ['days.intersects([date(2024, 1, 1)])', { days: ['2024-01-01'] }, true],
    ['days.supersetOf([date(2024, 1, 1)])', { days: ['2024-01-01'] }, true],
    ['days.subsetOf([date(2024, 1, 1)])', { days: ['2024-01-01'] }, true],
    ['days.intersection([date(2024, 1, 1), date(2024, 1, 2)]).count() = 1', { days: ['2024-01-01'] }, true],
    ['days = [date(2024, 1, 1)]', { days: ['2024-01-01'] }, true],
    ['days.includes("2024-01-01")', { days: ['2024-01-01'] }, true],
    ['times.intersects([now])', { times: ['2026-03-15T12:00:00.000Z'] }, true],
    ['times.distinct().count() = 2', { times: [midnight, midnight, '2024-01-01T00:00:01Z'] }, true],
    // Keys of groups.
    ['l.groupBy(d).count() = 1', { l: [{ d: '2024-01-01' }, { d: '2024-01-01' }] }, true],
    ['l.groupBy(d).get("2024-01-01").count() = 2', { l: [{ d: '2024-01-01' }, { d: '2024-01-01' }] }, true],
    [`l.groupBy(t).keys().includes("${midnight}")`, { l: [{ t: midnight }] }, true],
    ['l.map((O) => mapEntry(O.d, O.s)).get("2024-01-01") = "x"', { l: [{ d: '2024-01-01', s: 'x' }] }, true],
    ['xEvent.groupBy(timestamp).count() = 2', {}, true],
    ['xEvent.groupBy(timestamp).get("2026-03-14T00:00:00Z").count() = 2', {}, true],
    ['xEvent.groupBy(1 day after timestamp).keys().includes("2026-03-15T00:00:00.000Z")', {}, true],
    // An empty list or group is nothing.
    ['tags = more', { tags: [], more: [] }, false],
    ['tags != more', { tags: [], more: ['a'] }, false],
    ['tags != more', { tags: ['a'], more: ['b'] }, true],
    ['tags.isNull()', { tags: [] }, true],
    // A day is the whole day, whatever writes it.
    ['t occurs on d', { t: '2026-03-15T12:00:00Z', d: '2026-03-15' }, true],
    ['t occurs on "2026-03-15"', { t: '2026-03-15T12:00:00Z' }, true],
    ['t occurs on "2026-03-15"', { t: '2026-03-16T00:00:00Z' }, false],
    ['t occurs between d and d', { t: '2026-03-15T12:00:00Z', d: '2026-03-15' }, true],
    ['t occurs after d', { t: '2026-03-15T12:00:00Z', d: '2026-03-15' }, false],
    ['t occurs before d', { t: '2026-03-15T12:00:00Z', d: '2026-03-15' }, false],
    ['t occurs on t', { t: '2026-03-15T12:00:00Z' }, true],
    ['dates.values().max() < now', { dates: { a: '2026-03-15' } }, true],
  ])('%s of %j is %s', (rule, document, expected) => {
    expect(answer(rule, schema, document)).toBe(expected);
    expect(answer(rule, undefined, document)).toBe(expected);
  });
});

describe('a value of another kind than the schema declares is absent', () => {
  test.each<[string, JsonObject, boolean]>([
    ['tags != "x"', { tags: [5] }, false],
    ['tags notIn ["x"]', { tags: [5] }, false],
    ['tags.isNull()', { tags: [5] }, true],
    ['tags.count() = 1', { tags: [5, 'a', {}] }, true],
    ['tags.head() = "a"', { tags: [5, 'a'] }, true],
    ['tags.isNull()', { tags: 'x' }, true],
    ['"x" in tags', { tags: 'x' }, false],
    ['g.isNull()', { g: 'x' }, true],
    ['g.isNull()', { g: [{ x: 'y' }] }, true],
    ['m.isNull()', { m: 'x' }, true],
    ['m.count() = 0', { m: ['x'] }, true],
    ['m.values() = ["a"]', { m: { x: 5, y: 'a' } }, true],
    ['m.filter((K, V) => V != "x").count() = 0', { m: { x: 5 } }, true],
    ['l.s != "x"', { l: [{ s: 5 }] }, false],
    ['l.s != "x"', { l: { s: 'y' } }, false],
    ['l.s.isNull()', { l: [{ s: 5 }] }, true],
    ['l.tags.count() = 1', { l: [{ tags: ['a', 5] }, {}] }, true],
    ['l.exists(s.isNull())', { l: ['x'] }, false],
    ['(exists O from l where O.s.isNull())', { l: ['x', {}] }, true],
    ['days.count() = 1', { days: ['x', '2024-01-01', 5] }, true],
    ['d occurs before now', { d: 5 }, false],
  ])('%s of %j is %s', (rule, document, expected) => {
    expect(answer(rule, schema, document)).toBe(expected);
  });
});
