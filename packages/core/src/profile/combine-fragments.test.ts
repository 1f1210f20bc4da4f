import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combineFragments, maxLinksPerFragment } from './combine-fragments.ts';
import { canonicalJson, type ProfileFragment } from './fragment.ts';
import { combineAll, record } from './identity-graph.fixture.ts';

const inOneOrder = ({ links, ...rest }: ProfileFragment) => ({
  ...rest,
  links: links.map(canonicalJson).sort(),
});

const records = fc.array(
  fc
    .tuple(fc.array(fc.constantFrom('b', 'cookie-c', 'd'), { maxLength: 3 }), fc.integer({ min: 0, max: 4 }))
    .map(([others, stamp]) => record(['a', ...others], stamp)),
  { minLength: 1, maxLength: 8 },
);

test('promise 7: records of one primary identity combine to the same fragment in any order, and twice is once', () => {
  fc.assert(
    fc.property(
      records.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      ([list, shuffled]) => {
        const [once] = combineAll(list);
        const [other] = combineAll([...shuffled, ...shuffled]);
        expect(other && inOneOrder(other)).toEqual(once && inOneOrder(once));
      },
    ),
  );
});

test('a record that says nothing new leaves the very object', () => {
  const present = record(['a', 'b'], 5);
  expect(combineFragments(present, record(['a', 'b'], 5))).toBe(present);
});

test('a link that a person parted stays parted, whoever says it again', () => {
  const parted = { ...record(['a', 'b'], 1) };
  const links = parted.links.map((link) =>
    link.value === 'b' ? { ...link, cut: 'unlinked' as const } : link,
  );
  const combined = combineFragments({ ...parted, links }, record(['a', 'b'], 9));
  expect(combined.links.find(({ value }) => value === 'b')).toMatchObject({ cut: 'unlinked', last: 9 });
});

test('a fragment keeps the links seen last, whatever their order, and always its own', () => {
  const visits = Array.from({ length: maxLinksPerFragment + 60 }, (_, index) =>
    record(['a', `cookie-${index}`], index + 1),
  );
  const [late] = combineAll(visits);
  const [early] = combineAll(visits.toReversed());
  expect(late?.links).toHaveLength(maxLinksPerFragment + 1);
  expect(late && inOneOrder(late)).toEqual(early && inOneOrder(early));
  const kept = late?.links.map(({ value }) => value) ?? [];
  expect(kept).toContain('a');
  expect(kept).not.toContain('cookie-59');
  expect(kept).toContain('cookie-60');
});
