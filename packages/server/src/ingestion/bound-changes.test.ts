import type { JsonObject } from '@headrace/core';
import { expect, test } from 'vitest';
import { boundChanges } from './bound-changes.ts';
import { fieldChanges } from './field-changes.ts';

test('fields are named by exact pointers, lists compared whole, members that come and go told', () => {
  const before: JsonObject = {
    same: { a: [1, { b: 2 }] },
    tags: ['a', 'b'],
    gone: { deep: 1 },
    map: { 'a/b~c': 1, other: 1 },
  };
  const after: JsonObject = {
    same: { a: [1, { b: 2 }] },
    tags: ['b', 'a'],
    come: true,
    map: { 'a/b~c': 2, other: 1 },
  };
  expect(fieldChanges(before, after)).toEqual([
    { path: '/come', after: true },
    { path: '/gone', before: { deep: 1 } },
    { path: '/map/a~1b~0c', before: 1, after: 2 },
    { path: '/tags', before: ['a', 'b'], after: ['b', 'a'] },
  ]);
});

test('a change of thousands of fields, or of large values, stays small', () => {
  const fields = (count: number, value: string | number): JsonObject =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, value]));
  const many = boundChanges(fieldChanges(fields(9_000, 1), fields(9_000, 2)));
  expect(many).toHaveLength(501);
  expect(many.at(-1)).toEqual({ path: '', cut: true });

  const large = boundChanges(fieldChanges({}, fields(3, 'x'.repeat(65_000))));
  expect(large).toEqual(['/f0', '/f1', '/f2'].map((path) => ({ path, cut: true })));
  expect(boundChanges(fieldChanges({}, { list: Array(5_000).fill(1) }))).toEqual([
    { path: '/list', cut: true },
  ]);
  expect(boundChanges(fieldChanges({ a: 1 }, {}))).toEqual([{ path: '/a', before: 1 }]);
});
