import { expect, test } from 'vitest';
import { identityKey } from '../identity/normalise.ts';
import { identity, idTypeOf, record } from './identity-graph.fixture.ts';
import { findConnection, markPairs, pairKey, pairsAcross } from './identity-links.ts';
import { partitionFragments } from './partition-fragments.ts';

const pair = (a: string, b: string) => [identity(a), identity(b)] as const;
const graph = [record(['a', 'b'], 1), record(['c', 'b'], 2), record(['d', 'c'], 3), record(['x'], 4)];
const people = (fragments: typeof graph) =>
  partitionFragments(fragments, idTypeOf).map((part) => part.fragments.map(({ primary }) => primary.value));

test('a pair is the same whichever comes first', () => {
  expect(pairKey(pair('a', 'b'))).toBe(pairKey(pair('b', 'a')));
  expect(pairKey(pair('a', 'b'))).not.toBe(pairKey(pair('a', 'c')));
});

test('parting a pair cuts its links and no others; taking it back restores the graph', () => {
  const pairs = new Set([pairKey(pair('b', 'c'))]);
  const parted = markPairs(graph, pairs, 'unlinked');
  expect(parted.filter((fragment, index) => fragment !== graph[index])).toHaveLength(1);
  expect(people(parted)).toEqual([['a'], ['c', 'd'], ['x']]);
  expect(markPairs(parted, pairs, 'unlinked')).toEqual(parted);
  expect(markPairs(parted, pairs, undefined)).toEqual(graph);
});

test('a set is parted from the rest by the links across its border', () => {
  const inside = new Set(['c', 'd'].map((one) => identityKey(identity(one))));
  const across = pairsAcross(graph, inside);
  expect(across.map(pairKey)).toEqual([pairKey(pair('c', 'b'))]);
  expect(people(markPairs(graph, new Set(across.map(pairKey)), 'unlinked'))).toEqual([
    ['a'],
    ['c', 'd'],
    ['x'],
  ]);
});

test('what connects two identities is told by the fewest records', () => {
  const names = (found: ReturnType<typeof findConnection>) => found?.map(({ primary }) => primary.value);
  expect(names(findConnection(graph, pair('a', 'd')))).toEqual(['a', 'c', 'd']);
  expect(names(findConnection(graph, pair('a', 'b')))).toEqual(['a']);
  expect(findConnection(graph, pair('a', 'x'))).toBeUndefined();
  expect(
    findConnection(markPairs(graph, new Set([pairKey(pair('c', 'd'))]), 'unlinked'), pair('a', 'd')),
  ).toBe(undefined);
});
