import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecordId, idChecksum, normalizeId, recordNumberOf } from './record-id.ts';

test('the checksum of ids issued by real orgs', () => {
  expect(idChecksum('0035500001H9cak')).toBe('AAB');
  expect(idChecksum('00D4S000000oz4e')).toBe('UAA');
});

test('both forms of an id are accepted, a wrong checksum and other texts are not', () => {
  expect(normalizeId('0035500001H9cak')).toBe('0035500001H9cakAAB');
  expect(normalizeId('0035500001H9cakAAB')).toBe('0035500001H9cakAAB');
  for (const text of ['0035500001H9cakAAC', '0035500001H9ca', '0035500001H9cak!', ''])
    expect(normalizeId(text), text).toBeUndefined();
});

test('a record number comes back out of its id, and larger numbers sort later', () => {
  const number = fc.integer({ min: 1, max: 2 ** 40 });
  fc.assert(
    fc.property(number, number, (left, right) => {
      const [leftId, rightId] = [createRecordId('003', left), createRecordId('003', right)];
      expect(recordNumberOf(leftId)).toBe(left);
      expect(normalizeId(leftId)).toBe(leftId);
      expect(leftId < rightId).toBe(left < right);
    }),
  );
});
