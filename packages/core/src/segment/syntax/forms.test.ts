import { describe, expect, test } from 'vitest';
import { HeadraceError } from '../../errors/headrace-error.ts';
import { parseSegmentRule } from './parse.ts';
import { printSegmentRule } from './print.ts';

const canonical = (rule: string): string => printSegmentRule(parseSegmentRule(rule));

function failure(rule: string): readonly [number | undefined, string] {
  try {
    parseSegmentRule(rule);
  } catch (error) {
    if (!(error instanceof HeadraceError)) throw error;
    return [error.details[0]?.position, error.details[0]?.message ?? ''];
  }
  throw new Error(`accepted: ${rule}`);
}

/** As the documents write it, and its canonical text. */
const documented: readonly (readonly [string, string])[] = [
  ['select E from xEvent where E.eventType="x"', 'select E from xEvent where E.eventType = "x"'],
  ['[select E from xEvent where E.a = 1].count() > 1', '(select E from xEvent where E.a = 1).count() > 1'],
  ['sum X.a over X from xEvent where X.b = 1', 'sum X.a over X from xEvent where X.b = 1'],
  ['average (X.a * 2) over X from xEvent', 'average (X.a * 2) over X from xEvent'],
  [
    'xEvent[timestamp occurs < 7 days before now].sum(a.b) > 100',
    'xEvent[timestamp occurs < 7 day before now].sum(a.b) > 100',
  ],
  ['xEvent.filter(a = 1).count() = 0', 'xEvent[a = 1].count() = 0'],
  ['chain(xEvent, timestamp, [A: WHAT(a = 1)])', 'CHAIN(xEvent, timestamp, [A: WHAT(a = 1)])'],
  ['not(chain(xEvent, timestamp, [A: what(true)]))', 'not CHAIN(xEvent, timestamp, [A: WHAT(true)])'],
  [
    'CHAIN(xEvent, timestamp, [C0: WHAT(a) COUNT(2) WHEN(today), C1: not WHAT(b) WHEN(< 2 hours after C0)])',
    'CHAIN(xEvent, timestamp, [C0: WHAT(a) WHEN(on today) COUNT(>= 2), C1: not WHAT(b) WHEN(< 2 hour after C0)])',
  ],
  [
    'xEvent[p[SKU="x" or ^^.person.a = 1]].count() > 0',
    'xEvent[p[SKU = "x" or ^^.person.a = 1]].count() > 0',
  ],
  [
    'exists E from xEvent where E.p>50, I from E.items where I.SKU="x"',
    'exists E from xEvent, I from E.items where E.p > 50 and I.SKU = "x"',
  ],
  ['forall E from xEvent : E.p>50', 'forall E from xEvent where E.p > 50'],
  ['let S = (a + b) in (S>1 and S<9)', 'let S = (a + b) in (S > 1 and S < 9)'],
  ['let S = a in b in ([1])', 'let S = (a) in (b in [1])'],
  ['(Profile) => Profile.x = 1', '(Profile) => Profile.x = 1'],
  ['$1.x = 1', '$1.x = 1'],
  [
    'a.groupBy(k).map((K, G) => mapEntry(K, G.count()))',
    'a.groupBy(k).map((K, G) => mapEntry(K, G.count()))',
  ],
  ['orders.topN(price, 1).head().price > 3', 'orders.topN(price, 1).head().price > 3'],
  [
    't occurs last WEEK or t occurs (on) or t occurs on today',
    't occurs on last week or t occurs on on or t occurs on today',
  ],
  ['t occurs 3 days before now', 't occurs on (3 day before now)'],
  ['t occurs = 3 hours from now', 't occurs = 3 hour after now'],
  ['t occurs between today and tomorrow and b', 't occurs between today and tomorrow and b'],
  ['t > 2 centuries before date(2020,1,1)', 't > 2 century before date(2020, 1, 1)'],
];

describe('a documented form', () => {
  test.each(documented)('%s', (rule, text) => {
    expect(canonical(rule)).toBe(text);
    expect(canonical(text)).toBe(text);
  });
});

describe('words that mean something beside others are fields elsewhere', () => {
  const plain = [
    'select',
    'let',
    'exists',
    'forall',
    'sum',
    'count',
    'min',
    'days',
    'before',
    'this',
    'last',
  ];
  const more = [
    'next',
    'on',
    'between',
    'from',
    'where',
    'over',
    'occurs',
    'chain',
    'what',
    'when',
    'if',
    'date',
  ];
  test.each([...plain, ...more])('%s', (name) => {
    for (const rule of [`${name} = 1`, `${name}.a = 1`, `a.${name} = ${name}`, `${name} occurs on today`])
      expect(canonical(rule)).toBe(rule);
    expect(canonical(`t occurs on ${name}`)).toBe(`t occurs on ${name}`);
    expect(canonical(`exists ${name} from xEvent where ${name}.a = 1`)).toContain(`${name} from xEvent`);
  });
});

describe('nothing of a rule is left out', () => {
  test.each([
    ['t occurs today = true', 15, 'found "=" after a complete comparison'],
    ['t occurs today + 1', 15, 'found "+" after a complete comparison'],
    ['t occurs today - 5 and a = 1', 15, 'found "-" after a complete comparison'],
    ['a = 1 or (t occurs today * 2)', 25, 'found "*" after a complete comparison'],
    ['t occurs between -1 days before now and now', 17, 'found "-" after a complete comparison'],
    ['exists E xEvent', 9, 'found "xEvent"; expected from'],
    ['select E', 8, 'found the end of the rule; expected from'],
    ['t occurs between today', 22, 'found the end of the rule; expected and'],
    ['t occurs today occurs today', 15, 'found "occurs" after a complete comparison'],
    ['a = t occurs today', 6, 'found "occurs" after a complete comparison'],
  ])('%s', (rule, position, message) => {
    const [at, told] = failure(rule);
    expect(at).toBe(position);
    expect(told).toContain(message);
  });
});

describe('where a form stops being one', () => {
  test.each([
    ['t occurs < 3 foo', 13, 'found "foo"; expected a unit of time'],
    ['t occurs < 3 days', 17, 'found the end of the rule; expected before or after'],
    ['let x = 3', 9, 'expected in'],
    ['exists E from xEvent', 20, 'found exists without a condition; expected where'],
    ['forall E from a, F from b', 25, 'found forall without a condition; expected where'],
    ['CHAIN(xEvent, t, [])', 18, 'found "]"; expected at least one'],
    ['CHAIN(xEvent, t, [A: EXCLUDE(a)])', 21, 'expected WHAT(condition) or not WHAT(condition)'],
    ['t occurs < 1.5 days before now', 11, 'expected a whole number'],
    ['$0.a', 0, 'found $0; parameters are counted from $1'],
  ])('%s', (rule, position, message) => {
    const [at, told] = failure(rule);
    expect(at).toBe(position);
    expect(told).toContain(message);
  });
});

describe('a hundred levels at most', () => {
  const times = 101;
  test.each([
    ['quantifiers', `${'exists E from xEvent where '.repeat(times)}a`],
    ['quantifiers behind and', `${'a and exists E from xEvent where '.repeat(times)}a`],
    ['let', `${'let a = '.repeat(times)}a`],
    ['offsets', `t occurs on ${'1 day before '.repeat(times)}now`],
    ['filters inside', `${'a['.repeat(times)}b${']'.repeat(times)}`],
    ['filters after one another', `a${'[b]'.repeat(times)}`],
    ['filters after steps', `a${'.b[c]'.repeat(times)}`],
    ['lambdas', `${'a.map((p) => '.repeat(times)}p${')'.repeat(times)}`],
    ['scopes', `${'^'.repeat(times)}.a`],
    ['aggregates', `${'sum X over X from '.repeat(times)}a`],
  ])('%s', (_name, rule) => {
    expect(failure(rule)[1]).toContain('nested more than 100 levels deep');
  });
});
