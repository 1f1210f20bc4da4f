import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identityKey } from '../identity/normalise.ts';
import { canonicalJson, fragmentKey, type ProfileFragment } from './fragment.ts';
import { combineAll, idTypeOf, record } from './identity-graph.fixture.ts';
import { mergeFragments } from './merge-fragments.ts';
import { timestampOrdered } from './merge-policy.ts';
import {
  type GraphComponent,
  identitiesOf,
  maxFragmentsPerIdentity,
  maxIdentitiesPerGraph,
  partitionFragments,
} from './partition-fragments.ts';

const partition = (fragments: readonly ProfileFragment[]) => partitionFragments(fragments, idTypeOf);
const members = (components: readonly GraphComponent[]): string[][] =>
  components.map(({ fragments }) => fragments.map(fragmentKey).sort()).sort();
const people = (components: readonly GraphComponent[]): string[] =>
  components.map(({ fragments }) => canonicalJson(mergeFragments(fragments, timestampOrdered))).sort();
const cutLinks = (components: readonly GraphComponent[]): string[] =>
  components
    .flatMap(({ fragments }) => fragments)
    .flatMap((one) =>
      one.links.flatMap((link) =>
        link.cut === undefined ? [] : [`${fragmentKey(one)} ${identityKey(link)} ${link.cut}`],
      ),
    )
    .sort();

const shuffled = <Item>(list: readonly Item[]) => fc.shuffledSubarray([...list], { minLength: list.length });

const names = ['a', 'b', 'c', 'd', 'e', 'cookie-f', 'device-g'];
const records = fc.array(
  fc
    .tuple(
      fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom('shop', 'crm'),
    )
    .map(([values, stamp, dataset]) => record(values, stamp, dataset)),
  { minLength: 1, maxLength: 10 },
);

test('promise 7: records in any order make the same people with the same documents', () => {
  fc.assert(
    fc.property(
      records.chain((list) => fc.tuple(fc.constant(list), shuffled(list))),
      ([list, other]) => {
        const [one, two] = [partition(combineAll(list)), partition(combineAll(other))];
        expect(members(two)).toEqual(members(one));
        expect(people(two)).toEqual(people(one));
      },
    ),
  );
});

test('every fragment is in one component, no identity in two, and parting what is parted changes nothing', () => {
  fc.assert(
    fc.property(records, (list) => {
      const fragments = combineAll(list);
      const components = partition(fragments);
      expect(
        components
          .flatMap((component) => component.fragments)
          .map(fragmentKey)
          .sort(),
      ).toEqual(fragments.map(fragmentKey).sort());
      const held = components.flatMap((component) => identitiesOf(component.fragments).map(identityKey));
      expect(new Set(held).size).toBe(held.length);
      for (const component of components) expect(partition(component.fragments)).toEqual([component]);
    }),
  );
});

/** `spokes` identities around a hub, as records of each spoke, or as records of the hub. */
const star = (hub: string, spoke: string, count: number, isHubPrimary: boolean) =>
  Array.from({ length: count }, (_, index) => {
    const one = `${spoke}-${String(index).padStart(3, '0')}`;
    return record(isHubPrimary ? [hub, one] : [one, hub], index % 7 === 0 ? 7 : index);
  });

const kinds = ['cookie', 'device', 'crm'];
const stars = kinds.flatMap((hub) =>
  kinds.flatMap((spoke) => [true, false].map((isHubPrimary) => [hub, spoke, isHubPrimary] as const)),
);
test.each(stars)(
  'promise 7: a star of 70 around a %s of %s (records of the hub: %s) overflows to the same, whatever came first',
  (hub, spoke, isHubPrimary) => {
    const list = star(`${hub}-hub`, spoke, 70, isHubPrimary);
    const whole = partition(combineAll(list));
    for (const { fragments } of whole)
      expect(identitiesOf(fragments).length).toBeLessThanOrEqual(maxIdentitiesPerGraph);
    expect(cutLinks(whole).length).toBeGreaterThan(0);
    fc.assert(
      fc.property(shuffled(list), fc.integer({ min: 1, max: 69 }), (order, at) => {
        // As it happens: a part, which is cut to size, then the rest on top of that.
        const first = partition(combineAll(order.slice(0, at))).flatMap(({ fragments }) => fragments);
        const then = partition(combineAll([...first, ...order.slice(at)]));
        expect(members(then)).toEqual(members(whole));
        expect(people(then)).toEqual(people(whole));
        expect(cutLinks(then)).toEqual(cutLinks(whole));
      }),
      { numRuns: 20 },
    );
  },
);

test('a full graph loses cookies first, then devices, the longest unseen first', () => {
  const others = Array.from({ length: 47 }, (_, index) => `crm-${index}`);
  const list = [
    ...others.map((other) => record(['crm', other], 1)),
    ...['device-1', 'device-2', 'cookie-1', 'cookie-2', 'cookie-3'].map((other, index) =>
      record(['crm', other], 100 + index),
    ),
  ];
  const [graph] = partition(combineAll(list));
  const values = identitiesOf(graph?.fragments ?? []).map(({ value }) => value);
  expect(values).toHaveLength(50);
  expect(values.filter((value) => !value.startsWith('crm'))).toEqual(['device-1', 'device-2']);
  expect(cutLinks([...(graph ? [graph] : [])])).toHaveLength(3);
});

test('a link that a full graph cut counts again when there is room', () => {
  const list = star('crm-hub', 'cookie', 70, false);
  const cut = partition(combineAll(list)).flatMap(({ fragments }) => fragments);
  const fewer = cut.filter(({ primary }) => primary.value >= 'cookie-030');
  const again = partition(fewer);
  expect(again).toHaveLength(1);
  expect(cutLinks(again)).toEqual([]);
});

test('of thousands that one identity connects those that saw it last count', () => {
  const list = star('crm-hub', 'cookie', maxFragmentsPerIdentity + 100, false);
  const components = partition(combineAll(list.toReversed()));
  expect(members(components)).toEqual(members(partition(combineAll(list))));
  const [largest] = components.toSorted((a, b) => b.fragments.length - a.fragments.length);
  expect(largest?.fragments).toHaveLength(49);
  expect(largest?.fragments.every(({ primary }) => primary.value > 'cookie-240')).toBe(true);
});
