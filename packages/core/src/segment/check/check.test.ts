import { describe, expect, test } from 'vitest';
import { sampleRules } from '../sample-schema.fixture.ts';
import { parseSegmentRule } from '../syntax/parse.ts';
import { checkRule } from './check.ts';

const problemsOf = (rule: string, schema: typeof sampleRules | undefined = sampleRules): string[] =>
  checkRule(rule, parseSegmentRule(rule, '/expression'), schema).problems.map(
    ({ offset, message }) => `${offset}: ${message}`,
  );

/** Every function and form, as the documents write them or near it. */
const fine = [
  'select E from xEvent where E.eventType="x"',
  '(sum X.commerce.order.priceTotal over X from xEvent where X.eventType = "x") > 3',
  'xEvent[timestamp occurs < 7 days before now].sum(commerce.order.priceTotal) > 100',
  'CHAIN(xEvent, timestamp, [C0: WHAT(eventType.equals("a",false)) WHEN(today), C1: WHAT(channel = "b") COUNT(2) WHEN(<= 24 hours after C0)])',
  'not(chain(xEvent, timestamp, [C0: WHAT(eventType = "a")]))',
  'inSegment("id")',
  'interests.intersects(["red"]) or interests.intersection(["a", "b"]) = ["a"]',
  'interests.subsetOf(["a"]) or interests.supersetOf(["x"])',
  'interests.distinct().count() > 1',
  'xEvent.groupBy(channel).map((K, G) => mapEntry(K, G.sum(commerce.order.priceTotal))).get("web") > 10',
  'xEvent.map(commerce.order.priceTotal).max() > 3',
  'xEvent.topN(commerce.order.priceTotal, 5).head().commerce.order.purchaseID = "x"',
  'xEvent.bottomN(timestamp, 2).average(commerce.order.priceTotal) > xEvent.min(commerce.order.priceTotal)',
  'identityMap.keys().includes("Email") and identityMap.values().count() > 1',
  'person.name.firstName.matches("(a*)*")',
  'person.name.firstName.matches("(?i)^John") or homeAddress.city.regexGroup("@(\\\\w+)", 1) = "x"',
  'person.count = currentMonth() or person.count = currentYear() or person.count = currentDayOfMonth()',
  'loyalty.joined.getMonth() = 6 or loyalty.joined.getYear() in [1991] or person.birthDate.getDayOfMonth() <= 15',
  'loyalty.joined occurs last week or person.birthDate occurs between date(2015,1,8) and date(2017,7,1)',
  'loyalty.joined > now or person.birthDate < today',
  'xEvent[productListItems[SKU="PS"]]',
  'xEvent[productListItems[SKU="PS" or ^^.person.gender="female" or ^channel = "x"]]',
  'exists E from xEvent where E.commerce.order.priceTotal>50, I from E.productListItems where I.SKU="PS"',
  'exists E from xEvent, I from E.productListItems where I.SKU="PS"',
  'forall E from xEvent : E.commerce.order.priceTotal>50',
  'xEvent.exists(productListItems.SKU = "x") and xEvent.productListItems.SKU in ["a"]',
  'let S = (xEvent.sum(commerce.order.priceTotal)) in (S>100 and S<1000)',
  '(Profile) => Profile.loyalty.points > 3',
  '$1.homeAddress.city = "x"',
  'organizations.name = "x" and "x" in organizations.name',
  'scores.sum() > 3 and visits.max() > date(2020, 1, 1) and date(2020, 1, 1) in visits',
  'exists E from xEvent where (exists F from xEvent where F.timestamp occurs < 2 hours after E.timestamp)',
];

/** Rule, then what is wrong with it. */
const wrong: readonly (readonly [string, ...string[]])[] = [
  ['xEvent.exists(evntType = "x")', '14: "Event" has no field evntType. Did you mean eventType?'],
  [
    'xEvent[productListItems[channel = "x"]]',
    '24: "Product" has no field channel. It stands further out: write ^channel.',
  ],
  ['xEvent[loyalty.points > 3]', '7: "Event" has no field loyalty. It stands further out: write ^loyalty.'],
  [
    'exists E from xEvent where E.productListItems.sku = "x"',
    '46: "Event" has no field productListItems.sku. Did you mean productListItems.SKU?',
  ],
  [
    'exists E from xEvent where eventType = "x"',
    '27: the schema has no field eventType. It is a field of E: write E.eventType.',
  ],
  ['__proto__.count > 3', '0: the schema has no field __proto__. Did you mean person.count?'],
  ['__proto__.id > 3', '0: the schema has no field __proto__.'],
  [
    'loyalty.points = null',
    '17: found null, which is no value; whether there is one is asked with .isNull() or .isNotNull()',
  ],
  ['^loyalty.points > 3', '0: found 1 "^", but no scope around this place; ^ leads out of a filter […]'],
  ['xEvent.count() = "3"', '17: found text; expected a number, since that is what stands before "="'],
  ['xEvent.sum(eventType) > 3', '11: found text; sum takes a number'],
  ['interests.sum() > 3', '10: found a list of texts; expected sum(number), evaluated for each item'],
  ['homeAddress.city occurs last week', '0: found text; "occurs" takes a date or a date and time'],
  [
    'loyalty.joined occurs before loyalty.points',
    '29: found a number; expected a time, such as now, today, last week, date(2020, 3, 14) or 3 days before now',
  ],
  ['homeAddress.city.getMonth() = 3', '0: found text; getMonth works on a date or a date and time'],
  [
    'exists E from loyalty where E.points > 3',
    '14: found a group of fields; expected a list, such as xEvent',
  ],
  ['xEvent.head() = "x"', '0: found a group of fields; "=" compares single values'],
  ['scores.intersects(["a"])', '19: found text; expected a number, as on the other side'],
  [
    'organizations.includes("x")',
    '23: includes takes single values; the list holds groups of fields; expected .exists(condition)',
  ],
  ['homeAddress.city.regexGroup("a(b)", 2) = "x"', '36: found group 2; the pattern has 1'],
  [
    'homeAddress.city.regexGroup("x(a*)*", 1) = "x"',
    '34: found a repetition of what can be empty, so that it is open what a group holds; expected something in it that is always there, such as (a+)* for (a*)*',
  ],
  [
    'inSegment(homeAddress.city)',
    '10: found something computed; id of inSegment must be written out in the rule',
  ],
  ['curentMonth() = 3', '0: there is no function curentMonth. Did you mean currentMonth?'],
  ['xEvent.exsts(channel = "x")', '7: there is no function exsts. Did you mean exists?'],
  ['CHAIN(xEvent, channel, [C0: WHAT(true)])', '14: found text; CHAIN takes a date or a date and time'],
  [
    'loyalty.tier in ["gold", "tin"] and loyalty.tier = "ton"',
    '25: found "tin", which the field never holds; expected one of "bronze", "silver", "gold".',
    '51: found "ton", which the field never holds; expected one of "bronze", "silver", "gold".',
  ],
];

describe('with a schema', () => {
  test.each(fine)('%s is accepted', (rule) => expect(problemsOf(rule)).toEqual([]));

  test.each(wrong)('%s is refused', (rule, ...messages) => {
    expect(problemsOf(rule)).toEqual(messages);
  });

  test('loops inside one another are at most three', () => {
    const nested = (levels: number): string => `${'xEvent.exists('.repeat(levels)}true${')'.repeat(levels)}`;
    expect(problemsOf(nested(3))).toEqual([]);
    expect(problemsOf(nested(5))).toEqual([
      '56: found a loop over a list inside 3 others; expected at most 3 inside one another',
    ]);
  });

  test('the regular expression says where it cannot be used', () => {
    expect(problemsOf('homeAddress.city.matches("\\\\w\\u0041b(?=c)")')).toEqual([
      '36: found a regular expression that cannot be used: (?= (look-around) is not known: it cannot be matched in linear time',
    ]);
    expect(problemsOf(`homeAddress.city.matches("${'a'.repeat(1_001)}")`)).toEqual([
      '25: found a regular expression of 1001 characters; expected at most 1000',
    ]);
  });

  test('segments are looked up where they are known', () => {
    const check = (rule: string): string[] =>
      checkRule(rule, parseSegmentRule(rule, ''), undefined, new Map([['seg-1', 'Buyers']])).problems.map(
        ({ message }) => message,
      );
    expect(check('inSegment("seg-1")')).toEqual([]);
    expect(check('inSegment("seg-2")')).toEqual([
      'there is no segment with the id "seg-2". Did you mean "seg-1" (Buyers)?',
    ]);
    expect(check('inSegment("Buyers")')).toEqual([
      'there is no segment with the id "Buyers". Did you mean "seg-1", the id of the segment of that name?',
    ]);
  });
});

describe('without a schema', () => {
  const any = (rule: string): string[] =>
    checkRule(rule, parseSegmentRule(rule, ''), undefined).problems.map(({ message }) => message);

  test.each([...fine, 'a.b.c = 1 and a.b.get("x") = "y"', 'xEvent[a.b = 1].head().c.d.contains("x")'])(
    '%s is accepted',
    (rule) => expect(any(rule)).toEqual([]),
  );

  test.each([
    ['5.5 + "a" = 1', 'found text; "+" takes a number'],
    ['(1 + 2).contains("x")', 'found a number; contains works on text'],
    ['xEvent.exists(timestamp.contains("x"))', 'found a date and time; contains works on text'],
    ['a.startWith("x")', 'there is no function startWith. Did you mean startsWith?'],
    ['a.contains(1)', 'found a number; expected text as text of contains(text, caseSensitive?)'],
    [
      '"x"',
      'found text; expected a condition, such as a comparison (= != > < in), a call (.isNotNull()) or a true/false field',
    ],
  ])('%s is refused', (rule, message) => expect(any(rule)).toEqual([message]));
});
