import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignProfileIds } from './assign-profile-ids.ts';
import { fragmentKey, type ProfileFragment } from './fragment.ts';
import { identity, idTypeOf, record } from './identity-graph.fixture.ts';
import { partitionFragments } from './partition-fragments.ts';

const of = (profileId: string, values: string[], stamp = 1): ProfileFragment => ({
  ...record(values, stamp),
  originId: profileId,
});
const standing = (profiles: ReadonlyMap<string, readonly ProfileFragment[]>) => {
  const holders = new Map(
    [...profiles].flatMap(([id, fragments]) => fragments.map((one) => [fragmentKey(one), id] as const)),
  );
  return (fragment: ProfileFragment) => holders.get(fragmentKey(fragment));
};
const assign = (
  profiles: ReadonlyMap<string, readonly ProfileFragment[]>,
  fragments = [...profiles.values()].flat(),
) =>
  new Map(
    assignProfileIds(
      partitionFragments(fragments, idTypeOf),
      standing(profiles),
      () => false,
      () => 'new',
    ).map(({ profileId, fragments: held }) => [profileId, held] as const),
  );

const part = (fragments: readonly ProfileFragment[], a: string, b: string): ProfileFragment[] =>
  fragments.map((fragment) => ({
    ...fragment,
    links: fragment.links.map((link) =>
      (fragment.primary.value === a && link.value === b) || (fragment.primary.value === b && link.value === a)
        ? { ...link, cut: 'unlinked' as const }
        : link,
    ),
  }));

test('a split after a merge gives both profiles their ids back, whichever went on', () => {
  const ids = fc.shuffledSubarray(['p1', 'p2'], { minLength: 2 });
  const extra = fc.array(fc.constantFrom('a1', 'a2', 'b1', 'b2'), { maxLength: 4 });
  fc.assert(
    fc.property(ids, extra, ([one = '', two = ''], more) => {
      const before = new Map([
        [one, [of(one, ['a']), ...new Set(more.filter((m) => m.startsWith('a')))].map(withHub(one, 'a'))],
        [two, [of(two, ['b']), ...new Set(more.filter((m) => m.startsWith('b')))].map(withHub(two, 'b'))],
      ]);
      const linked = [...before.values()]
        .flat()
        .map((fragment) =>
          fragment.primary.value === 'a'
            ? { ...fragment, links: [...fragment.links, { ...identity('b'), first: 2, last: 2 }] }
            : fragment,
        );
      const merged = assign(before, linked);
      expect([...merged.keys()]).toEqual(['p1']);
      const parted = assign(merged, part([...merged.values()].flat(), 'a', 'b'));
      const valuesOf = (id: string, of: ReadonlyMap<string, readonly ProfileFragment[]>) =>
        of
          .get(id)
          ?.map(({ primary }) => primary.value)
          .sort();
      for (const id of [one, two]) expect(valuesOf(id, parted)).toEqual(valuesOf(id, before));
    }),
  );
});

const withHub =
  (id: string, hub: string) =>
  (fragment: ProfileFragment | string): ProfileFragment =>
    typeof fragment === 'string' ? of(id, [fragment, hub]) : fragment;

test('what was never a profile of its own gets a new id, and begins there', () => {
  const whole = new Map([
    [
      'p1',
      ['a', 'e', 'f'].map((one) => of('p1', [one, 'b'])).concat([of('p1', ['c', 'b']), of('p1', ['d', 'c'])]),
    ],
  ]);
  const parted = assign(whole, part([...whole.values()].flat(), 'c', 'b'));
  expect(parted.get('new')?.map(({ originId }) => originId)).toEqual(['new', 'new']);
  expect(parted.get('p1')?.map(({ originId }) => originId)).toEqual(['p1', 'p1', 'p1']);
});

test('an id that another profile has is not given back', () => {
  const fragments = [of('p1', ['a']), of('gone', ['b'])];
  const ids = assignProfileIds(
    partitionFragments(fragments, idTypeOf),
    () => 'p1',
    (id) => id === 'gone',
    () => 'new',
  );
  expect(ids.map(({ profileId }) => profileId)).toEqual(['p1', 'new']);
});

test('a fragment that stands nowhere yet does not take the id from those that stand', () => {
  const stored = of('p1', ['z']);
  const arriving = of('p1', ['a']);
  const ids = assignProfileIds(
    partitionFragments([stored, arriving], idTypeOf),
    standing(new Map([['p1', [stored]]])),
    () => false,
    () => 'new',
  );
  expect(ids.find(({ profileId }) => profileId === 'p1')?.fragments).toEqual([stored]);
});
