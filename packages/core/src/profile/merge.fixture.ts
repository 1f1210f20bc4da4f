import fc from 'fast-check';
import type { JsonObject } from '../xdm/field.ts';
import type { ProfileFragment } from './fragment.ts';
import { type AttributeMerge, timestampOrdered } from './merge-policy.ts';

/** A fragment of dataset `d`, linked to its own primary identity alone, for tests. */
export const fragmentOf = (
  stampMs: number,
  document: JsonObject,
  recordId = 'r',
  datasetId = 'd',
): ProfileFragment => ({
  datasetId,
  primary: { namespace: 'CRMID', value: recordId },
  recordId,
  stampMs,
  originId: 'p',
  batchId: null,
  receivedMs: stampMs,
  links: [{ namespace: 'CRMID', value: recordId, first: stampMs, last: stampMs }],
  document,
});

export const datasetIds: readonly string[] = ['d1', 'd2', 'd3'];

const documents = fc.object({
  key: fc.constantFrom('a', 'b', 'c/~', 'consents', 'constructor', 'identityMap', '__proto__'),
  maxDepth: 3,
  maxKeys: 4,
  values: [fc.string({ minLength: 1 }), fc.integer(), fc.boolean(), fc.array(fc.integer(), { maxLength: 2 })],
});

/** Fragments that collide in fields, stamps, datasets and people, each in its own place. */
export const fragmentSets: fc.Arbitrary<ProfileFragment[]> = fc
  .uniqueArray(
    fc.record({
      stampMs: fc.integer({ min: 0, max: 3 }),
      document: documents,
      recordId: fc.constantFrom('r1', 'r2', 'r3'),
      datasetId: fc.constantFrom(...datasetIds),
    }),
    { maxLength: 7, selector: ({ recordId, datasetId }) => `${recordId} ${datasetId}` },
  )
  .map((list) => list.map((f) => fragmentOf(f.stampMs, f.document as JsonObject, f.recordId, f.datasetId)));

export const merges: fc.Arbitrary<AttributeMerge> = fc.oneof(
  fc.constant(timestampOrdered),
  fc.shuffledSubarray([...datasetIds]).map((order) => ({ type: 'dataSetPrecedence' as const, order })),
);
