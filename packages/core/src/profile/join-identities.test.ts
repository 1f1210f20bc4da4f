import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Identity, identityKey } from '../identity/normalise.ts';
import { joinIdentities } from './join-identities.ts';

const id = (text: string): Identity => ({ namespace: 'N', value: text });
const counter = () => {
  let n = 0;
  return () => `new-${++n}`;
};

test('records that share an identity through others are one person', () => {
  const joined = joinIdentities([[id('a'), id('b')], [id('c')], [id('b'), id('d')]], new Map(), counter());
  expect(joined.profileIds).toEqual(['new-1', 'new-2', 'new-1']);
});

test('a record that connects two profiles merges them into the least id', () => {
  const known = new Map([
    [identityKey(id('a')), 'p2'],
    [identityKey(id('b')), 'p1'],
  ]);
  const joined = joinIdentities([[id('a'), id('b'), id('c')]], known, counter());
  expect(joined.profileIds).toEqual(['p1']);
  expect(joined.merges).toEqual([{ from: 'p2', into: 'p1' }]);
});

test('batching does not change who is who', () => {
  const record = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f').map(id), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), (records) => {
      const partition = (assigned: Map<string, string>): Set<string> => {
        const groups = new Map<string, string[]>();
        for (const [key, profileId] of assigned)
          groups.set(profileId, [...(groups.get(profileId) ?? []), key].sort());
        return new Set([...groups.values()].map((keys) => keys.join()));
      };
      const apply = (known: Map<string, string>, batch: Identity[][], newId: () => string) => {
        const { profileIds, merges } = joinIdentities(batch, known, newId);
        const moved = new Map(merges.map((merge) => [merge.from, merge.into]));
        for (const [key, profileId] of known) known.set(key, moved.get(profileId) ?? profileId);
        for (const [index, identities] of batch.entries())
          for (const identity of identities) known.set(identityKey(identity), profileIds[index] ?? '');
      };
      const atOnce = new Map<string, string>();
      apply(atOnce, records, counter());
      const oneByOne = new Map<string, string>();
      const newId = counter();
      for (const one of records) apply(oneByOne, [one], newId);
      expect(partition(oneByOne)).toEqual(partition(atOnce));
    }),
  );
});
