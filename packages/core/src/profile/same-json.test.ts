import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from '../xdm/field.ts';
import { canonicalJson } from './fragment.ts';
import { isSameJson } from './same-json.ts';

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;

test('equal exactly where the texts in one order of keys are', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(isSameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      expect(isSameJson(a, JSON.parse(canonicalJson(a)))).toBe(true);
    }),
  );
});

test('a key is not taken from the prototype, nor a list for an object', () => {
  expect(isSameJson(JSON.parse('{"toString":1}'), { b: 1 })).toBe(false);
  expect(isSameJson([], {})).toBe(false);
  expect(isSameJson(['a'], { 0: 'a' })).toBe(false);
  expect(isSameJson({ a: 1, b: [{ c: 'x', d: true }] }, { b: [{ d: true, c: 'x' }], a: 1 })).toBe(true);
});
