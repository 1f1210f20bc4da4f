import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../xdm/field.ts';
import { compileSegmentRule } from '../segment-rule.ts';

const now = Date.parse('2024-03-15T12:00:00Z');
const hour = 3_600_000;

const rules = [
  'xEvent.exists(type = "a" and timestamp occurs < 7 days before now)',
  'xEvent[timestamp occurs <= 2 days before now].sum(price) > 4',
  'xEvent[timestamp occurs yesterday].items.price.max() > 2',
  'exists E from xEvent, I from E.items where I.price > 2 and E.timestamp occurs this week',
  'exists E from xEvent where E.timestamp occurs = 2 days before now and E.price >= limit',
  'forall E from xEvent : E.price > 1 or E.timestamp occurs today',
  'xEvent.topN(price, 2).head().type = "a" and orders.exists(price > ^limit)',
  'xEvent.bottomN(timestamp, 1).head().items[price = 3]',
  'xEvent.groupBy(type).get("a").count() >= 2',
  'xEvent.groupBy(type).map((K, G) => mapEntry(K, G.sum(price))).get("b") > 3',
  'CHAIN(xEvent, timestamp, [A: WHAT(type = "a") WHEN(<= 3 days before now), B: WHAT(price > 2) WHEN(< 30 hours after A)])',
  'CHAIN(xEvent, timestamp, [A: WHAT(type = "a") COUNT(<= 1) WHEN(today), B: WHAT(price > 2)])',
  'CHAIN(xEvent, timestamp, [A: WHAT(type = "a"), B: WHAT(price > 1) COUNT(2)])',
  'let S = xEvent[timestamp >= 3 days before now] in (S.count() > 1 and S.sum(price) > limit)',
  '(select E from xEvent where E.timestamp occurs last week).price.sum() > 3',
  'orders.topN(price, 1).head().type = "a" or orders.count() = 2',
  'orders.groupBy(type).map((K, G) => G.sum(price)).max() > limit',
  'orders.map(items.price).count() > 1 and orders.items.price in [3]',
  'exists O from orders where O.type = "a" and (exists E from xEvent where E.type = O.type and E.timestamp occurs today)',
  'orders.isNotNull() and xEvent.head().price < 3 and xEvent.isNotNull()',
  'orders.distinct().head().price > 1',
  // A list that stands for a condition.
  'xEvent[items[price = 3 or ^^limit = 2]] and not orders[price > 4]',
  'select E from xEvent where E.price = 2 and E.timestamp occurs yesterday',
  'if(orders.exists(price = 1), xEvent, xEvent[timestamp occurs today]).exists(price = 4)',
];

const item = fc.record(
  {
    type: fc.constantFrom('a', 'b'),
    price: fc.integer({ min: 0, max: 5 }),
    other: fc.integer({ min: 0, max: 5 }),
    items: fc.array(fc.record({ price: fc.integer({ min: 0, max: 4 }), other: fc.constant('x') }), {
      maxLength: 2,
    }),
  },
  { requiredKeys: [] },
);
const event = fc.tuple(item, fc.integer({ min: 0, max: 20 * 24 }), fc.nat()).map(
  ([fields, hours, id]): JsonObject => ({
    ...fields,
    _id: String(id),
    timestamp: new Date(now - hours * hour).toISOString(),
  }),
);
const profile = fc.record(
  { limit: fc.integer({ min: 0, max: 4 }), orders: fc.array(item, { maxLength: 3 }), other: item },
  { requiredKeys: [] },
);

/** What of a value stands at, above or below one of the paths. */
function keep(value: JsonValue, paths: readonly (readonly string[])[]): JsonValue | undefined {
  if (paths.some((path) => path.length === 0 || path[0] === '')) return value;
  if (Array.isArray(value))
    return (value as readonly JsonValue[]).map((one) => keep(one, paths)).filter((one) => one !== undefined);
  if (typeof value !== 'object' || value === null) return undefined;
  const kept: Record<string, JsonValue> = {};
  for (const [key, inner] of Object.entries(value)) {
    const inside = paths.filter(([first]) => first === key).map((path) => path.slice(1));
    const found = inside.length === 0 ? undefined : keep(inner, inside);
    if (found !== undefined) kept[key] = found;
  }
  return kept;
}

const split = (paths: readonly string[]): readonly (readonly string[])[] =>
  paths.map((path) => path.split('.'));

test.each(rules)('%s looks at nothing outside its reads', (text) => {
  const rule = compileSegmentRule(text, undefined);
  const { paths, events: reads } = rule.reads;
  fc.assert(
    fc.property(profile, fc.array(event, { maxLength: 8 }), (whole, all) => {
      const document = whole as JsonObject;
      const evaluate = (profileDocument: JsonObject, events: readonly JsonObject[]): boolean =>
        rule.evaluate(
          { document: profileDocument, events, segments: new Set() },
          { now, until: Number.POSITIVE_INFINITY },
        );
      const oldest = now - (reads?.lookbackMs ?? Number.POSITIVE_INFINITY);
      const some =
        reads === undefined
          ? []
          : all
              .filter(({ timestamp }) => Date.parse(String(timestamp)) >= oldest)
              .map((one) => (reads.paths.length === 0 ? one : keep(one, split(reads.paths))) as JsonObject);
      expect(evaluate(keep(document, split(paths)) as JsonObject, some)).toBe(evaluate(document, all));
    }),
    { numRuns: 200 },
  );
});
