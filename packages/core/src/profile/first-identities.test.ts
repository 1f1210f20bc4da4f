import { expect, test } from 'vitest';
import { firstIdentities } from './first-identities.ts';

const link = (value: string, first: number, more: object = {}) => ({
  namespace: 'CRMID',
  value,
  first,
  last: 100,
  ...more,
});

test('of each namespace the identity that was linked first, ties by value, whatever the order', () => {
  const fragments = [
    { links: [link('late', 9), link('b', 3), link('cut', 1, { cut: 'graph_full' as const })] },
    { links: [link('a', 3), { ...link('x@example.com', 50), namespace: 'Email' }] },
  ];
  const expected = new Map([
    ['CRMID', 'a'],
    ['Email', 'x@example.com'],
  ]);
  expect(firstIdentities(fragments)).toEqual(expected);
  expect(firstIdentities(fragments.toReversed())).toEqual(expected);
});
