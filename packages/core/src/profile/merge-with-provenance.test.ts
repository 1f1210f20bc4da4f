import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../xdm/field.ts';
import { isJsonObject } from '../xdm/json-inspection.ts';
import { exactPointerTo, stepsOf } from '../xdm/json-pointer.ts';
import { valueAt } from '../xdm/path.ts';
import { fragmentOf, fragmentSets, merges } from './merge.fixture.ts';
import { mergeFragments } from './merge-fragments.ts';
import { timestampOrdered } from './merge-policy.ts';
import { mergeWithProvenance } from './merge-with-provenance.ts';

function leavesOf(value: JsonValue, path: readonly string[] = []): string[] {
  if (path[0] === 'identityMap' && Array.isArray(value))
    return value.map((_, index) => exactPointerTo([...path, String(index)]));
  if (!isJsonObject(value)) return [exactPointerTo(path)];
  const members = Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, key]));
  return members.length === 0 && path.length > 0 ? [exactPointerTo(path)] : members;
}

test('every value names the record it is from', () => {
  const crm = fragmentOf(1, { person: { name: { firstName: 'Ann' } }, loyalty: { points: 1 } }, 'C-1', 'crm');
  const shop = fragmentOf(2, { loyalty: { points: 2 } }, 'S-1', 'shop');
  const { document, provenance } = mergeWithProvenance([shop, crm], timestampOrdered);
  expect(document).toMatchObject({ person: { name: { firstName: 'Ann' } }, loyalty: { points: 2 } });
  expect([...provenance]).toEqual([
    ['/person/name/firstName', crm],
    ['/loyalty/points', shop],
    ['/identityMap/CRMID/0', crm],
    ['/identityMap/CRMID/1', shop],
  ]);
});

test('an identity is from the fragment that saw it last, cut links aside', () => {
  const email = { namespace: 'Email', value: 'ann@example.com' };
  const crm = fragmentOf(1, {}, 'C-1', 'crm');
  const shop = fragmentOf(9, {}, 'S-1', 'shop');
  const web = fragmentOf(3, {}, 'W-1', 'web');
  const { provenance } = mergeWithProvenance(
    [
      { ...crm, links: [...crm.links, { ...email, first: 1, last: 5 }] },
      { ...shop, links: [...shop.links, { ...email, first: 1, last: 9, cut: 'unlinked' }] },
      { ...web, links: [...web.links, { ...email, first: 1, last: 2 }] },
    ],
    timestampOrdered,
  );
  expect(provenance.get('/identityMap/Email/0')?.datasetId).toBe('crm');
});

test('provenance covers exactly the values of the document, and its fragments hold them', () => {
  fc.assert(
    fc.property(fragmentSets, merges, (fragments, merge) => {
      const { document, provenance } = mergeWithProvenance(fragments, merge);
      expect(document).toEqual(mergeFragments(fragments, merge));
      expect([...provenance.keys()].sort()).toEqual(leavesOf(document).sort());
      for (const [pointer, source] of provenance) {
        expect(fragments).toContain(source);
        const path = stepsOf(pointer);
        if (path[0] === 'identityMap') {
          const ids = valueAt(document, path.slice(0, -1)) as unknown as readonly { id: string }[];
          expect(source.links.map(({ value }) => value)).toContain(ids[Number(path[2])]?.id);
        } else {
          const value = valueAt(document, path);
          const said = valueAt(source.document, path);
          // An object without members may hold a key that no merge takes over.
          if (isJsonObject(value)) expect(isJsonObject(said)).toBe(true);
          else expect(said).toEqual(value);
        }
      }
    }),
  );
});

test('a policy without the dataset of a value shows the next, and consents of all', () => {
  const document: JsonObject = { a: 1, consents: { marketing: { any: { val: 'n' } } } };
  const fragments = [fragmentOf(2, document, 'r', 'web'), fragmentOf(1, { a: 2 }, 'r', 'crm')];
  const { provenance } = mergeWithProvenance(fragments, { type: 'dataSetPrecedence', order: ['crm'] });
  expect(provenance.get('/a')?.datasetId).toBe('crm');
  expect(provenance.get('/consents/marketing/any/val')?.datasetId).toBe('web');
});
