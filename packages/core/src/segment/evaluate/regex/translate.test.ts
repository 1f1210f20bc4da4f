import { describe, expect, test } from 'vitest';
import { clockAt } from '../../segment-rule.ts';
import { compilePattern, groupOf } from '../regex.ts';
import { beginRun } from '../run.ts';

const run = beginRun(
  { document: {}, events: [], segments: new Set() },
  clockAt(new Date('2026-03-15T12:00:00Z')),
);

/** What JDK 25 finds: the match and its groups; undefined without one. */
const java: readonly (readonly [pattern: string, text: string, found: readonly string[] | undefined])[] = [
  // The end of the text.
  ['a$', 'a\r\n', ['a']],
  ['a$$\\Z', 'a\n', ['a']],
  ['\\b$', 'a\n', ['']],
  ['a$?$', 'a\n', ['a']],
  ['(a$|b)', 'a\n', ['a', 'a']],
  ['(a\\Z){1}', 'a\u2028', ['a', 'a']],
  ['(?s).*?$', 'ab\n', ['ab']],
  ['(?s).*$', 'ab\n', ['ab\n']],
  ['\\n(?d)$', 'a\n\n', ['\n']],
  ['(?d)a$', 'a\r\n', undefined],
  // White space under (?x).
  ['(?x)a\u00a0b', 'ab', undefined],
  ['(?x)a\u00a0b', 'a\u00a0b', ['a\u00a0b']],
  ['(?x)a\u2028b', 'ab', undefined],
  ['(?x)a\u000b\fb', 'ab', ['ab']],
  ['(?x)[a\u00a0]', '\u00a0', ['\u00a0']],
  ['(?x)[a b]', ' ', undefined],
  ['(?x)[ ^a]', '^', ['^']],
  ['(?x)[ ]a]', ']', [']']],
  ['(?x)[a -z]', 'q', ['q']],
  ['(?x)[a -]', '-', ['-']],
  ['(?x)[\\  -\\#]', '!', ['!']],
  ['(?x)a#c\rb', 'ab', ['ab']],
  ['(?x)a#c\u0085b', 'a\u0085b', ['a\u0085b']],
  ['(?xd)a#c\rb', 'ab', ['a']],
  ['(?xd)a#c\rb\nd', 'ad', ['ad']],
  ['(?x)a\\Q \\E + b', 'a  b', ['a  b']],
  ['(?x)\\Qa\\E + b', 'aab', ['aab']],
  // Classes.
  ['[\\d-]', '-', ['-']],
  ['[a-[b]]', '-', ['-']],
  ['\\p{Ll}', 'A', undefined],
  ['\\p{Ll}', '\u00e9', ['\u00e9']],
  ['(?iu)[ß]', 'ẞ', undefined],
  ['(?iu)ẞ', 'ß', ['ß']],
  ['(?iu)[Ý-ÿ]', 'ẞ', ['ẞ']],
  ['(?iu)[K-K]', '\u212a', undefined],
  ['(?iu)[K]', '\u212a', ['\u212a']],
  ['(?i)ß', 'ß', ['ß']],
  // Escapes.
  ['\\01 a', '\u0001 a', ['\u0001 a']],
  ['(?x)\\0101 b', 'Ab', ['Ab']],
  ['\\ud83d\\ude00', '😀', ['😀']],
  // Line breaks.
  ['a\\R\\n', 'a\r\n', ['a\r\n']],
  ['(?:a\\R)', 'a\r\n', ['a\r\n']],
  // Groups.
  ['(a*)?', 'aa', ['aa', 'aa']],
  ['(?:(a)|b)*', 'ab', ['ab', 'a']],
];

test.each(java)('%j in %j', (pattern, text, found) => {
  const known = compilePattern(pattern);
  expect('fault' in known ? known.fault : undefined).toBeUndefined();
  const groups = 'fault' in known ? 0 : known.pattern.translated.groups.length;
  const all = Array.from({ length: groups + 1 }, (_, group) => groupOf(run, text, pattern, group));
  expect(all).toEqual(found ?? Array.from({ length: groups + 1 }));
});

describe('refused, since it would mean something else than in Java', () => {
  test.each<[pattern: string, at: number, message: string]>([
    ['a$\\z', 1, 'expected it at the end'],
    ['(a$|a)\\z', 2, 'expected it at the end'],
    ['a$\\b', 1, 'expected it at the end'],
    ['$^', 0, 'expected it at the end'],
    ['a\\Z(?m)$', 1, 'expected it at the end'],
    ['a$\\Q\\E', 1, 'expected it at the end'],
    ['a$()', 1, 'expected it at the end'],
    ['\\r(?d)$(?-d)$', 12, 'both under (?d) and without it'],
    ['^(a$|\\n){2}$', 3, 'at most a ? behind it'],
    ['(b|\\Z)+', 3, 'at most a ? behind it'],
    ['(?:a$){0,2}', 4, 'at most a ? behind it'],
    ['(?x)\\Qab\\E +', 11, 'a repetition behind \\E'],
    ['(?x)\\Qab\\E #c\n{2}', 14, 'a repetition behind \\E'],
    ['(?x)[a- z]', 7, 'white space behind - in a class'],
    ['(?x)[a - z]', 8, 'white space behind - in a class'],
    ['(?x)[\\n- ]', 8, 'white space behind - in a class'],
    ['(?x)[+-#]]', 7, 'white space behind - in a class'],
    ['(?x)[a& &b]', 7, 'write \\&'],
    ['(?x)[& a]', 6, 'write \\&'],
    ['(?x)\\c A', 6, 'white space behind \\c'],
    ['(?x)\\01 01', 7, 'write three octal digits'],
    ['(?x)\\ud83d \\ude00', 4, 'half a character'],
    ['[\\x{d800}]', 1, 'half a character'],
    ['[\\v-]', 1, 'write \\-'],
    ['(?iu)stra\\x{df}e', 9, 'write [ßẞ]'],
    ['(?iu)ß', 5, 'write [ßẞ]'],
    ['(?iu)\\Qß\\E', 7, 'write [ßẞ]'],
    ['\\R{2}', 0, '\\R cannot be repeated'],
    ['(a|\\R)+', 3, '\\R cannot be repeated'],
  ])('%j', (pattern, at, message) => {
    const known = compilePattern(pattern);
    expect(known).toMatchObject({ fault: { at, message: expect.stringContaining(message) } });
  });
});

test('what can be empty and is repeated is said, since groups are open then', () => {
  const at = (pattern: string): number | undefined => {
    const known = compilePattern(pattern);
    return 'fault' in known ? -1 : known.pattern.translated.emptyRepeatedAt;
  };
  expect(['(a*)*', '()+', '(?:a|)*', '(a?b*){2}', '(?:\\n??)*', '(\\b)*', '(?:|(a))+'].map(at)).toEqual([
    4, 2, 6, 6, 8, 4, 8,
  ]);
  expect(['(a+)*', '(a*)?', '(a?b)*', '(a*){1}', '(?:a|b)*', 'a*'].map(at)).toEqual(
    Array.from({ length: 6 }),
  );
});
