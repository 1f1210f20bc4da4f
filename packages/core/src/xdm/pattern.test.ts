import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPattern, compilePattern, maxMatchedLength } from './pattern.ts';

test.each([
  '^[A-Z]{2}$',
  '^[0-9]{1,3}$',
  '^[A-Z]{2}-[A-Z0-9]{1,3}$',
  '^[^@]+@[^@]+$',
  '^[^@\\s]+@[^@\\s]+\\.[a-z]{2,10}$',
  '^[A-Z]{1,3}-?[0-9]{2,}$',
  '^C-\\d+$',
  '^(?:red|green|blue)$',
  '^(?:[A-Z]{2}-)*[A-Z]{2}$',
  'needle',
  '[0-9]+',
  '^a\\(b\\[c\\|d$',
  '^[(*+|]+$',
  '^\\p{L}+$',
  '^(?<year>\\d{4})-\\d{2}$',
  '^$',
])('%s is taken', (pattern) => {
  expect(checkPattern(pattern)).toBeUndefined();
});

test.each([
  ['(a+)+$', 'too many ways'],
  ['^(a|a)*$', 'too many ways'],
  ['^(a?){30}$', 'too many ways'],
  ['^(?:a|ab|b)+c$', 'too many ways'],
  ['a*b*c', 'too many ways'],
  ['^a*a*a*b', 'too many ways'],
  ['^x|a*a*$', 'too many ways'],
  ['^(a{1,100}){1,100}$', 'too many ways'],
  ['^((a)(b?))+$', 'too many ways'],
  ['^a{5000}$', 'too many ways'],
  ['(a)\\1', 'refers back'],
  ['(?<x>a)\\k<x>', 'refers back'],
  ['^(?=a+)a', 'looks ahead'],
  ['(?<!a)b', 'looks ahead or behind'],
  ['(', 'no regular expression'],
  ['x'.repeat(201), 'longer than 200'],
])('%s is refused', (pattern, reason) => {
  expect(checkPattern(pattern)).toContain(reason);
});

test('longer text than is looked at matches nothing', () => {
  const pattern = compilePattern('^a+$');
  expect(pattern.test('a'.repeat(maxMatchedLength))).toBe(true);
  expect(pattern.test('a'.repeat(maxMatchedLength + 1))).toBe(false);
});

test('whatever is taken answers at once, on the text that is worst for it', () => {
  const piece = fc.constantFrom(
    'a',
    '[ab]',
    '(?:a|b)',
    '(a)',
    '(?:ab)',
    '.',
    '(?:a*)',
    '(?:a|a)',
    '(?:a|ab)',
  );
  const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2,9}', '{3}', '*?');
  const pattern = fc
    .tuple(
      fc.constantFrom('', '^'),
      fc.array(
        fc.tuple(piece, quantifier).map(([a, b]) => a + b),
        { minLength: 1, maxLength: 6 },
      ),
      fc.constantFrom('', '*', '+', '{2}'),
    )
    .map(([start, parts, outer]) => `${start}(?:${parts.join('')})${outer}c$`);
  fc.assert(
    fc.property(pattern, fc.constantFrom('a', 'ab', 'aab'), (source, text) => {
      if (checkPattern(source) !== undefined) return;
      const compiled = compilePattern(source);
      const startedAt = performance.now();
      compiled.test(text.repeat(maxMatchedLength).slice(0, maxMatchedLength));
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }),
    { numRuns: 300 },
  );
});
