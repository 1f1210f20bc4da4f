import fc from 'fast-check';
import { expect, test } from 'vitest';
import { queryPath, quoteSoql, toLiteral, toQueries } from './soql.ts';

const prefix = 'SELECT Id FROM Contact WHERE Email IN';
const soqlOf = (path: string): string => new URLSearchParams(path.slice(path.indexOf('?'))).get('q') ?? '';

test('quotes and backslashes cannot end a literal', () => {
  expect(quoteSoql("o'brien\\@x.example")).toBe("'o\\'brien\\\\@x.example'");
  expect(quoteSoql("\\' OR Email LIKE '%")).toBe("'\\\\\\' OR Email LIKE \\'%'");
  expect(quoteSoql('a\nb\t"')).toBe("'a\\nb\\t\\\"'");
});

test('a number field is asked for numbers, and text cannot stand in for one', () => {
  expect(toLiteral('42', { type: 'double', length: 0 })).toBe('42');
  expect(toLiteral('1) OR (Id != null', { type: 'double', length: 0 })).toBeUndefined();
  expect(toLiteral('42', { type: 'string', length: 40 })).toBe("'42'");
  expect(toLiteral('123', { type: 'string', length: 2 })).toBeUndefined();
});

test('a path says what the query says, in plain characters', () => {
  const soql = `${prefix} ('a+b@x.example','ü&#%@x.example','@{p0.id}')`;
  const path = queryPath(soql);
  expect(soqlOf(path)).toBe(soql);
  expect(path).toMatch(/^[!-~]*$/);
  // In a Composite it would be a reference.
  expect(path).not.toContain('@{');
});

test('no keys need no call', () => {
  expect(toQueries(prefix, [])).toEqual([]);
});

test('every key is asked for once, in order, and no query is longer than allowed', () => {
  const key = fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 50 }), fc.integer({ min: 1_200, max: 4_000 }), (keys, limit) => {
      const literals = keys.map(quoteSoql);
      const queries = toQueries(prefix, literals, limit);
      expect(queries.map((soql) => soql.slice(prefix.length + 2, -1)).join(',')).toBe(literals.join(','));
      for (const soql of queries) expect(soql.length).toBeLessThanOrEqual(limit);
    }),
  );
});

test('a thousand keys go together', () => {
  const keys = Array.from({ length: 1_000 }, (_, at) => quoteSoql(`${at}${'x'.repeat(80)}`));
  expect(toQueries(prefix, keys)).toHaveLength(1);
});
