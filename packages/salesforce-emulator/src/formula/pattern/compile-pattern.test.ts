import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from './compile-pattern.ts';
import { PatternProblem } from './pattern-node.ts';

const matches: readonly [pattern: string, text: string, expected: boolean][] = [
  ['abc', 'abc', true],
  ['abc', 'xabc', false],
  ['abc', 'abcd', false],
  ['', '', true],
  ['', 'a', false],
  ['a|bc|', 'bc', true],
  ['a|bc|', '', true],
  ['a|bc', 'abc', false],
  ['(a|b)*c', 'abbac', true],
  ['(a*)*b', 'aaab', true],
  ['a{2}', 'aa', true],
  ['a{2}', 'aaa', false],
  ['a{2,}', 'aaaa', true],
  ['a{2,3}', 'aaaa', false],
  ['(ab){1,2}', 'abab', true],
  ['a+?b', 'aab', true],
  ['\\d{3}-\\d{2}-\\d{4}', '123-45-6789', true],
  ['\\d{3}-\\d{2}-\\d{4}', '123-45-678x', false],
  ['[A-Z]\\d{7}', 'A1234567', true],
  ['[^0-9]+', 'abc', true],
  ['[^0-9]+', 'ab1', false],
  ['[]a]+', ']a', true],
  ['[a-]+', 'a-', true],
  ['[\\w.%+-]+@[\\w.-]+\\.[A-Za-z]{2,}', 'a.b+c@example.com', true],
  ['.', '\n', false],
  ['(?s).', '\n', true],
  ['(?i)abc', 'aBC', true],
  ['((?i)a)b', 'AB', false],
  ['((?i)a)b', 'Ab', true],
  ['(?i:a)b', 'AB', false],
  ['(?i)[a-c]+', 'ABC', true],
  ['(?<year>\\d{4})', '2026', true],
  ['^abc$', 'abc', true],
  ['a$\\n', 'a\n', true],
  ['a^b', 'ab', false],
  ['\\bword\\b', 'word', true],
  ['a\\Bb', 'ab', true],
  ['\\p{Lu}\\p{L}+', 'Ärger', true],
  ['\\p{Alpha}+', 'Ärger', false],
  ['\\P{Digit}', '1', false],
  ['\\x41\\u0042\\t', 'AB\t', true],
  ['\\.\\*\\(', '.*(', true],
  ['😀+', '😀😀', true],
  ['..', '😀', false],
];

describe('compilePattern', () => {
  it.each(matches)('%s on %j is %s', (pattern, text, expected) => {
    expect(compilePattern(pattern)(text)).toBe(expected);
  });

  it.each([
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?>a)',
    '(a)\\1',
    'a++',
    '[a&&b]',
    '[[a]]',
    '\\p{Greek}',
    '(?m)a',
    '\\Qa',
  ])('refuses %s as unsupported', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ kind: 'unsupported' }));
  });

  it.each(['(', ')', 'a)', '[a', '*a', 'a{2', '{2}', 'a{3,2}', 'a{x}', '[b-a]', '\\', 'a**', '(?'])(
    'refuses %s as invalid',
    (pattern) => {
      expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ kind: 'invalid' }));
    },
  );

  it('refuses patterns that are too large written out, without building them', () => {
    expect(() => compilePattern('(((a{1000}){1000}){1000}){1000}')).toThrow(PatternProblem);
    expect(() => compilePattern(`${'('.repeat(60)}a${')'.repeat(60)}`)).toThrow(PatternProblem);
  });

  it('takes linear time where backtracking takes exponential time', () => {
    const text = `${'a'.repeat(5000)}!`;
    const started = performance.now();
    for (const pattern of ['(a+)+', '(a|aa)*', '(a|a?)+', '(.*a){20}'])
      expect(compilePattern(pattern)(text)).not.toBe(true);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('gives up on a match of too many steps', () => {
    expect(compilePattern('(a*){500}b')('a'.repeat(50_000))).toBeUndefined();
  });

  it('agrees with the engine of JavaScript where both know the syntax', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '(a|b)', '(a|bc|)', '(ab)', '(\\b)');
    const piece = fc
      .tuple(atom, fc.constantFrom('', '', '?', '*', '+', '{2}', '{0,2}', '*?'))
      .map((parts) => parts.join(''));
    const pattern = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 8 }),
        (source, text) => {
          expect(compilePattern(source)(text)).toBe(new RegExp(`^(?:${source})$`).test(text));
        },
      ),
    );
  });

  it('answers any text as a pattern with a match or a problem', () => {
    const sign = fc.constantFrom(...'()[]{}?*+|^$\\.,-:=!<>idpQEx1a&');
    fc.assert(
      fc.property(fc.string({ unit: sign, maxLength: 20 }), fc.string({ maxLength: 10 }), (pattern, text) => {
        try {
          compilePattern(pattern)(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PatternProblem);
        }
      }),
    );
  });
});
