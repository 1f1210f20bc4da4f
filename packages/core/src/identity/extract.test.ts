import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../xdm/field.ts';
import type { IdentityDescriptor } from '../xdm/identity-descriptor.ts';
import { type ExtractionOptions, extractIdentities, maxIdentitiesPerRecord } from './extract.ts';

const descriptors: readonly IdentityDescriptor[] = [
  { path: 'personalEmail.address', namespace: 'Email', primary: false },
  { path: 'personID', namespace: 'CRMID', primary: true },
  { path: 'mobilePhone.number', namespace: 'Phone', primary: false },
];
const options: ExtractionOptions = {
  defaultRegion: 'US',
  customNamespaces: [{ code: 'CRMID', title: 'CRM id', idType: 'CROSS_DEVICE' }],
};
const extract = (record: JsonObject) => extractIdentities(record, descriptors, options);

test('the primary identity comes first, every identity once', () => {
  expect(
    extract({
      personID: 'C-1',
      personalEmail: { address: 'A@Example.com' },
      mobilePhone: { number: '212-555-0123' },
      identityMap: {
        Email: [{ id: 'a@example.com' }, { id: 'B@example.com' }],
        crmid: [{ id: 'C-2', primary: true }],
      },
    }),
  ).toEqual({
    identities: [
      { namespace: 'CRMID', value: 'C-1' },
      { namespace: 'Email', value: 'a@example.com' },
      { namespace: 'Phone', value: '+12125550123' },
      { namespace: 'Email', value: 'b@example.com' },
      { namespace: 'CRMID', value: 'C-2' },
    ],
    primary: { namespace: 'CRMID', value: 'C-1' },
    rejected: [],
  });
});

test('the map names the primary where no descriptor does', () => {
  const { primary } = extract({ identityMap: { Email: [{ id: 'a@example.com', primary: true }] } });
  expect(primary).toEqual({ namespace: 'Email', value: 'a@example.com' });
});

test('rejected values say where and why, and never stand in as primary', () => {
  expect(
    extract({
      personID: 'anonymous',
      personalEmail: { address: 'nobody at example.com' },
      identityMap: { Fax: [{ id: '1' }], Email: [{ id: 'ok@example.com' }] },
    }),
  ).toEqual({
    identities: [{ namespace: 'Email', value: 'ok@example.com' }],
    primary: undefined,
    rejected: [
      expect.objectContaining({ pointer: '/personID', namespace: 'CRMID', reason: 'placeholder' }),
      expect.objectContaining({ pointer: '/personalEmail/address', reason: 'invalid_email' }),
      expect.objectContaining({ pointer: '/identityMap/Fax/0/id', reason: 'unknown_namespace' }),
    ],
  });
});

test('beyond the limit the rest is rejected, the primary never', () => {
  const ids = Array.from({ length: 30 }, (_, index) => ({ id: `p${index}@example.com` }));
  const { identities, primary, rejected } = extract({ personID: 'C-1', identityMap: { Email: ids } });
  expect(identities).toHaveLength(maxIdentitiesPerRecord);
  expect(primary).toEqual({ namespace: 'CRMID', value: 'C-1' });
  expect(rejected.map(({ reason }) => reason)).toEqual(Array(11).fill('too_many'));
});

test('the order of keys and items changes nothing', () => {
  const entries = fc.uniqueArray(
    fc.tuple(fc.constantFrom('Email', 'CRMID'), fc.integer({ min: 0, max: 60 })),
    { selector: ([namespace, id]) => `${namespace}${id}`, maxLength: 40 },
  );
  const recordOf = (list: readonly (readonly [string, number])[]): JsonObject => {
    const identityMap: Record<string, { id: string }[]> = {};
    for (const [namespace, id] of list) {
      identityMap[namespace] = [...(identityMap[namespace] ?? []), { id: `u${id}@example.com` }];
    }
    return { identityMap };
  };
  fc.assert(
    fc.property(entries, (list) => {
      const reversed = extract(recordOf(list.toReversed()));
      expect(extract(recordOf(list)).identities).toEqual(reversed.identities);
    }),
  );
});
