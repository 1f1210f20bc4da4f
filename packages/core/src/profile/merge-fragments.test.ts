import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../xdm/field.ts';
import type { ProfileFragment } from './fragment.ts';
import { mergeFragments } from './merge-fragments.ts';
import { timestampOrdered } from './merge-policy.ts';

const fragment = (stampMs: number, document: JsonObject, recordId = 'r'): ProfileFragment => ({
  datasetId: 'd',
  primary: { namespace: 'CRMID', value: recordId },
  recordId,
  stampMs,
  originId: 'p',
  batchId: null,
  receivedMs: stampMs,
  links: [{ namespace: 'CRMID', value: recordId, first: stampMs, last: stampMs }],
  document,
});

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

test('promise 7: the order of application does not matter', () => {
  const documents = fc.object({ maxDepth: 3, values: [fc.string(), fc.integer(), fc.boolean()] });
  const fragments = fc.array(
    fc.record({ stampMs: fc.integer({ min: 0, max: 3 }), document: documents, recordId: fc.string() }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(
      fragments.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      ([list, shuffled]) => {
        const build = (input: typeof list) =>
          mergeFragments(
            input.map((f) => fragment(f.stampMs, f.document as JsonObject, f.recordId)),
            timestampOrdered,
          );
        expect(build(shuffled)).toEqual(build(list));
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
