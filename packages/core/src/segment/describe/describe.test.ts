import { expect, test } from 'vitest';
import { checkRule } from '../check/check.ts';
import { sampleRules } from '../sample-schema.fixture.ts';
import { parseSegmentRule } from '../syntax/parse.ts';
import { describeRule } from './describe.ts';

const english = (rule: string, schema: typeof sampleRules | undefined): string => {
  const ast = parseSegmentRule(rule, '');
  const { types, titles, problems } = checkRule(rule, ast, schema);
  expect(problems).toEqual([]);
  return describeRule(ast, types, titles);
};

test.each([
  [
    'xEvent.exists(eventType = "purchase" and timestamp occurs < 7 days before now)',
    'has an event with Event type is "purchase" in the last 7 days',
  ],
  [
    'not xEvent[timestamp occurs last week].exists(channel.contains("web", false))',
    'not (has an event with Channel contains "web" (in any case) among events last week)',
  ],
  [
    'xEvent[timestamp occurs <= 1 day before now].sum(commerce.order.priceTotal) > 100',
    'the sum of Commerce › Order › Price total over events in the last day is greater than 100',
  ],
  ['xEvent[channel = "web"].count() >= 3', 'the number of events with Channel is "web" is at least 3'],
  ['xEvent[productListItems[SKU = "PS"]]', 'has events with some Product list items with SKU is "PS"'],
  [
    'exists E from xEvent, I from E.productListItems where I.SKU = "PS"',
    'for some E of events and some I of E › Product list items: I › SKU is "PS"',
  ],
  [
    'forall E from xEvent : E.commerce.order.priceTotal > 50',
    'for every E of events: E › Commerce › Order › Price total is greater than 50',
  ],
  [
    'CHAIN(xEvent, timestamp, [A: WHAT(eventType = "view") WHEN(today), B: WHAT(eventType = "buy") COUNT(2) WHEN(<= 2 hours after A)])',
    'has events in this order: A: an event with Event type is "view" today; then B: at least 2 events with Event type is "buy" within 2 hours after A',
  ],
  [
    '(select E from xEvent where E.channel = "web").count() > 1',
    'the number of items in each E of events with E › Channel is "web" is greater than 1',
  ],
  ['inSegment("buyers")', 'is in the segment "buyers"'],
  [
    'let S = loyalty.points in (S > 1 and S < 5)',
    'with S being Loyalty › Points: S is greater than 1 and S is less than 5',
  ],
  [
    'person.birthDate occurs between date(2015, 1, 8) and today',
    'Person › Birth date is between 2015-01-08 and today',
  ],
  ['loyalty.joined occurs > 3 days before now', 'Loyalty › Joined is more than 3 days ago'],
  ['loyalty.joined >= 2 centuries before now', 'Loyalty › Joined is on or after 2 centuries ago'],
  [
    'organizations.topN(name, 1).head().name = "x"',
    'Name of the first of the 1 of Organizations with the highest Name is "x"',
  ],
  ['person.count = currentMonth()', 'Person › Household size is the current month'],
])('%s', (rule, said) => expect(english(rule, sampleRules)).toBe(said));

test('without a schema paths stand for titles', () => {
  expect(english('a.b = 1 and xEvent.exists(c.d = "x")', undefined)).toBe(
    'a › b is 1 and has an event with c › d is "x"',
  );
});
