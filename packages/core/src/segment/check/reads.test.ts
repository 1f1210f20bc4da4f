import { describe, expect, test } from 'vitest';
import { compileSegmentRule } from '../segment-rule.ts';
import { parseSegmentRule } from '../syntax/parse.ts';
import { readsOf } from './reads.ts';
import { timingOf } from './timing.ts';

const reads = (rule: string) => readsOf(parseSegmentRule(rule, ''));
const timing = (rule: string) => timingOf(parseSegmentRule(rule, ''));
const day = 86_400_000;

describe('paths', () => {
  test.each<[string, string[]]>([
    ['a.b = 1 and if(c, a.b, d.e) = 2', ['a.b', 'c', 'd.e']],
    ['organizations.exists(name = "x")', ['organizations', 'organizations.name']],
    ['exists O from organizations where O.name = a.b', ['a.b', 'organizations', 'organizations.name']],
    ['orders.topN(price, 1).head().store.id = 1', ['orders', 'orders.price', 'orders.store.id']],
    ['orders[price > ^limit].count() > 1', ['limit', 'orders', 'orders.price']],
    ['let A = a.b in (A.c = 1)', ['a.b.c']],
    ['labels.get("a.b") = "c"', ['labels']],
    ['(P) => P.a.b = 1', ['a.b']],
    ['orders.groupBy(store).get("a").sum(price) > 1', ['orders', 'orders.price', 'orders.store']],
    [
      'orders.groupBy(s).map((K, G) => mapEntry(K, G.sum(p))).get("x") > 1',
      ['orders', 'orders.p', 'orders.s'],
    ],
    ['orders.distinct().count() > 1', ['orders']],
    ['xEvent.exists(a = ^b.c)', ['b.c']],
  ])('%s reads %j', (rule, paths) => expect(reads(rule).paths).toEqual(paths));
});

describe('a rule made to take long', () => {
  const repeat = (times: number, open: string, inner: string, close: string): string =>
    open.repeat(times) + inner + close.repeat(times);
  const lets = (choice: (name: string) => string): string => {
    let rule = 'V40 = 1';
    for (let index = 40; index > 0; index--) rule = `let V${index} = ${choice(`V${index - 1}`)} in (${rule})`;
    return `let V0 = a in (${rule})`;
  };

  test.each([
    `${repeat(45, 'a.get(b.', 'c', ')')} = 1`,
    lets((name) => `if(c, ${name}, ${name})`),
    lets((name) => `if(c, ${name}.x, ${name}.y)`),
    `a${'.get("k")'.repeat(90)}.contains("x")`,
    `labels.values()${'.head().get("k")'.repeat(45)} = 1`,
    'a occurs on (if(a occurs on now, now, now))',
  ])('%# is done at once', (rule) => {
    const started = performance.now();
    const compiled = compileSegmentRule(rule, undefined);
    compiled.describe();
    expect(compiled.reads.paths.length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('reads everything where its places are too many to list', () => {
    expect(reads(lets((name) => `if(c, ${name}.x, ${name}.y)`)).paths).toContain('');
  });
});

describe('events', () => {
  test.each<[string, string[], number | undefined]>([
    ['xEvent.exists(a.b = 1)', ['_id', 'a.b', 'timestamp'], undefined],
    ['xEvent.count() > 1', ['_id', 'timestamp'], undefined],
    ['xEvent.head() in [1]', [], undefined],
    ['xEvent[items[SKU = "x"]]', ['_id', 'items', 'items.SKU', 'timestamp'], undefined],
    ['not xEvent[a = 1] or select E from xEvent where E.b = 1', ['_id', 'a', 'b', 'timestamp'], undefined],
    ['xEvent.groupBy(a).keys().count() > 1', ['_id', 'a', 'timestamp'], undefined],
    ['xEvent[timestamp occurs < 7 days before now].sum(a.b) > 1', ['_id', 'a.b', 'timestamp'], 7 * day],
    ['xEvent.exists(a = 1 and timestamp occurs <= 2 months before now)', ['_id', 'a', 'timestamp'], 62 * day],
    ['exists E from xEvent where E.a = 1 and E.timestamp occurs today', ['_id', 'a', 'timestamp'], day],
    ['exists E from xEvent where E.a = 1 or E.timestamp occurs today', ['_id', 'a', 'timestamp'], undefined],
    ['forall E from xEvent : E.timestamp occurs today', ['_id', 'timestamp'], undefined],
    ['not xEvent.exists(timestamp occurs last week)', ['_id', 'timestamp'], 14 * day],
    ['xEvent.exists(not timestamp occurs last week)', ['_id', 'timestamp'], undefined],
    ['xEvent.exists(timestamp occurs > 3 days before now)', ['_id', 'timestamp'], undefined],
    ['xEvent.exists(timestamp occurs = 3 days before now)', ['_id', 'timestamp'], 4 * day],
    ['xEvent.exists(timestamp occurs after date(2020, 1, 1))', ['_id', 'timestamp'], undefined],
    ['xEvent.exists(other occurs today)', ['_id', 'other', 'timestamp'], undefined],
    ['xEvent.topN(a, 3)[timestamp occurs today].count() > 0', ['_id', 'a', 'timestamp'], undefined],
    [
      'xEvent.exists(timestamp occurs today) and xEvent.exists(timestamp occurs yesterday)',
      ['_id', 'timestamp'],
      2 * day,
    ],
    [
      'exists E from xEvent where E.timestamp occurs today and xEvent.exists(a = 1)',
      ['_id', 'a', 'timestamp'],
      undefined,
    ],
    [
      'CHAIN(xEvent, timestamp, [A: WHAT(a = 1) WHEN(< 2 days before now), B: WHAT(b = 1) WHEN(< 1 hour after A)])',
      ['_id', 'a', 'b', 'timestamp'],
      2 * day,
    ],
    [
      'CHAIN(xEvent, timestamp, [A: WHAT(a = 1), B: WHAT(b = 1) WHEN(today)])',
      ['_id', 'a', 'b', 'timestamp'],
      undefined,
    ],
  ])('%s reads %j of events back to %s', (rule, paths, lookbackMs) => {
    expect(reads(rule).events).toEqual({ paths, lookbackMs });
  });

  test('are none in a rule of attributes', () => expect(reads('a.b = 1').events).toBeUndefined());

  test('segments are named once', () =>
    expect(reads('inSegment("b") or inSegment("a") and inSegment("b")').segments).toEqual(['a', 'b']));
});

describe('timing', () => {
  test.each<[string, boolean, boolean]>([
    ['a = 1', false, false],
    ['a occurs before date(2020, 1, 1)', false, false],
    ['a occurs < 3 days before now', true, false],
    ['a occurs < 3 days before today', false, true],
    ['a occurs last month', false, true],
    ['a = currentYear()', false, true],
    ['xEvent.exists(timestamp occurs = 1 hour before now)', true, false],
    ['a > now and b < tomorrow', true, true],
    ['CHAIN(xEvent, timestamp, [A: WHAT(a = 1) WHEN(< 2 days before now)])', true, false],
    ['now.getMonth() = 3', true, false],
  ])('%s: by instant %s, by calendar %s', (rule, byInstant, byCalendar) => {
    expect(timing(rule)).toEqual({ byInstant, byCalendar });
  });
});
