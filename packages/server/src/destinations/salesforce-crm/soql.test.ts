import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteSoql, toQueryPaths } from './soql.ts';

const prefix = 'SELECT Id FROM Contact WHERE Email IN';
const soqlOf = (path: string): string => new URLSearchParams(path.slice(path.indexOf('?'))).get('q') ?? '';

test('quotes and backslashes cannot end a literal', () => {
  expect(quoteSoql("o'brien\\@x.example")).toBe("'o\\'brien\\\\@x.example'");
  expect(quoteSoql("\\' OR Email LIKE '%")).toBe("'\\\\\\' OR Email LIKE \\'%'");
  expect(quoteSoql('a\nb\t"')).toBe("'a\\nb\\t\\\"'");
});

test('no keys need no call', () => {
  expect(toQueryPaths(prefix, [], 1_000)).toEqual([]);
});

test('a plain query reads as written', () => {
  const [path = ''] = toQueryPaths(prefix, ['a+b@x.example', 'ü&#%@x.example'], 1_000);
  expect(soqlOf(path)).toBe(`${prefix} ('a+b@x.example','ü&#%@x.example')`);
});

test('every key is asked for once, in order, and no path is longer than allowed', () => {
  const key = fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 50 }), fc.integer({ min: 1_200, max: 4_000 }), (keys, limit) => {
      const paths = toQueryPaths(prefix, keys, limit);
      const asked = paths.map(soqlOf).map((soql) => soql.slice(prefix.length + 2, -1));
      expect(asked.join(',')).toBe(keys.map(quoteSoql).join(','));
      for (const path of paths) {
        expect(path).toMatch(/^[!-~]*$/);
        const isSingle =
          soqlOf(path) ===
          `${prefix} (${quoteSoql(keys.find((one) => soqlOf(path).includes(quoteSoql(one))) ?? '')})`;
        if (!isSingle) expect(path.length).toBeLessThanOrEqual(limit);
      }
    }),
  );
});

test('as many keys as fit go together', () => {
  const keys = Array.from({ length: 1_000 }, (_, at) => `person${at}@shop.example.com`);
  expect(toQueryPaths(prefix, keys, 14_000)).toHaveLength(3);
});
