import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findOptOut } from '../governance/marketing-consent.ts';
import type { JsonObject } from '../xdm/field.ts';
import { compareFragments, type ProfileFragment } from './fragment.ts';
import { datasetIds, fragmentOf as fragment, fragmentSets, merges } from './merge.fixture.ts';
import { mergeFragments } from './merge-fragments.ts';
import { type AttributeMerge, timestampOrdered } from './merge-policy.ts';

const precedence = (...order: string[]): AttributeMerge => ({ type: 'dataSetPrecedence', order });
const attributesOf = (fragments: readonly ProfileFragment[], merge = timestampOrdered): JsonObject => {
  const { identityMap: _, ...attributes } = mergeFragments(fragments, merge);
  return attributes;
};

test('the newest value of each attribute wins and the others stay', () => {
  const merged = mergeFragments(
    [
      fragment(2, { person: { name: { lastName: 'New' } }, tags: ['b'] }, 'r2'),
      fragment(1, { person: { name: { lastName: 'Old', firstName: 'Ann' } }, tags: ['a', 'c'] }, 'r1'),
    ],
    timestampOrdered,
  );
  expect(merged).toEqual({
    person: { name: { firstName: 'Ann', lastName: 'New' } },
    tags: ['b'],
    identityMap: { CRMID: [{ id: 'r1' }, { id: 'r2' }] },
  });
});

describe('docs/merging.md', () => {
  test('maps merge by key, as objects do', () => {
    expect(
      attributesOf([
        fragment(1, { consents: { idSpecific: { Email: { a: { share: { val: 'n' } } } } } }, 'r1'),
        fragment(2, { consents: { idSpecific: { Email: { b: { share: { val: 'y' } } } } } }, 'r2'),
      ]),
    ).toEqual({
      consents: { idSpecific: { Email: { a: { share: { val: 'n' } }, b: { share: { val: 'y' } } } } },
    });
  });

  test('a value that a record no longer carries shows from the next fragment', () => {
    const crm = fragment(2, { person: { gender: 'female' } }, 'r1', 'crm');
    const shop = fragment(1, { person: { gender: 'male', birthYear: 1990 } }, 'r1', 'shop');
    expect(attributesOf([crm, shop])).toEqual({ person: { gender: 'female', birthYear: 1990 } });
    expect(attributesOf([{ ...crm, stampMs: 3, document: {} }, shop])).toEqual({
      person: { gender: 'male', birthYear: 1990 },
    });
  });

  test('a dataset that stands first wins whatever its age; one that is not listed is left out', () => {
    const fragments = [
      fragment(1, { a: 'crm', b: 'crm' }, 'r1', 'crm'),
      fragment(2, { a: 'old shop', c: 'old shop' }, 'r1', 'shop'),
      fragment(3, { a: 'new shop', b: 'shop', c: 'new shop' }, 'r2', 'shop'),
      fragment(4, { a: 'web', d: 'web' }, 'r1', 'web'),
    ];
    expect(attributesOf(fragments, precedence('crm', 'shop'))).toEqual({ a: 'crm', b: 'crm', c: 'new shop' });
  });

  test('identities come from every dataset, listed or not', () => {
    const fragments = [fragment(1, {}, 'r1', 'crm'), fragment(1, {}, 'r2', 'web')];
    expect(mergeFragments(fragments, precedence('crm'))).toEqual({
      identityMap: { CRMID: [{ id: 'r1' }, { id: 'r2' }] },
    });
  });

  test('what a record says in identityMap is not taken as it stands', () => {
    const hostile = { identityMap: { CRMID: [{ id: 'someone else', primary: true }] } };
    expect(mergeFragments([fragment(1, hostile, 'r1')], timestampOrdered)).toEqual({
      identityMap: { CRMID: [{ id: 'r1' }] },
    });
  });
});

describe('promise 8: no merge loses an opt-out', () => {
  const optOut = { consents: { marketing: { email: { val: 'n' } } } };

  test('to a newer fragment that does not mention it', () => {
    const silent = { consents: { marketing: { sms: { val: 'y' }, preferred: 'sms' } } };
    const merged = mergeFragments([fragment(1, optOut, 'r1'), fragment(2, silent, 'r2')], timestampOrdered);
    expect(findOptOut(merged, 'email')).toBe('consents.marketing.email.val');
  });

  test('to a newer yes to any channel, nor a no to any channel to a newer yes to one', () => {
    const anyYes = { consents: { marketing: { any: { val: 'y' } } } };
    const anyNo = { consents: { marketing: { any: { val: 'n' } } } };
    const yes = { consents: { marketing: { email: { val: 'y' } } } };
    const merge = (older: JsonObject, newer: JsonObject) =>
      mergeFragments([fragment(1, older, 'r1', 'a'), fragment(2, newer, 'r2', 'b')], timestampOrdered);
    expect(findOptOut(merge(optOut, anyYes), 'email')).toBe('consents.marketing.email.val');
    expect(findOptOut(merge(anyNo, yes), 'email')).toBe('consents.marketing.any.val');
    expect(findOptOut(merge(optOut, yes), 'email')).toBeUndefined();
  });

  test.each([
    ['a dataset that stands first', precedence('crm', 'web')],
    ['a policy that leaves its dataset out', precedence('crm')],
  ])('to %s', (_, merge) => {
    const fragments = [
      fragment(1, { consents: { marketing: { email: { val: 'y' } } }, a: 'crm' }, 'r1', 'crm'),
      fragment(2, { ...optOut, a: 'web', b: 'web' }, 'r2', 'web'),
    ];
    const merged = mergeFragments(fragments, merge);
    expect(findOptOut(merged, 'email')).toBe('consents.marketing.email.val');
    expect(merged.a).toBe('crm');
  });
});

test('promise 7: the order of application does not matter', () => {
  fc.assert(
    fc.property(
      fragmentSets.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      merges,
      ([list, shuffled], merge) => {
        expect(mergeFragments(shuffled, merge)).toEqual(mergeFragments(list, merge));
      },
    ),
  );
});

test('merging is idempotent: the same fragments twice, and a profile merged with itself', () => {
  fc.assert(
    fc.property(fragmentSets, merges, (list, merge) => {
      const merged = attributesOf(list, merge);
      expect(attributesOf([...list, ...list], merge)).toEqual(merged);
      expect(attributesOf([fragment(9, merged), fragment(8, merged, 'r2')])).toEqual(merged);
    }),
  );
});

test('an order of all datasets ranks by dataset, then by time', () => {
  fc.assert(
    fc.property(
      fragmentSets,
      fc.shuffledSubarray([...datasetIds], { minLength: datasetIds.length }),
      (list, order) => {
        const ranked = list
          .toSorted(compareFragments)
          .toSorted((a, b) => order.indexOf(b.datasetId) - order.indexOf(a.datasetId))
          .map((one, index) => ({ ...one, stampMs: index }));
        const { consents: _, ...merged } = attributesOf(list, precedence(...order));
        const { consents: __, ...expected } = attributesOf(ranked);
        expect(merged).toEqual(expected);
      },
    ),
  );
});

test('a document cannot reach the prototype', () => {
  const hostile = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"x":1}}') as JsonObject;
  const merged = mergeFragments([fragment(1, hostile)], timestampOrdered);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(Object.hasOwn(merged, '__proto__')).toBe(false);
});
