import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockAt } from '../segment-rule.ts';
import { compilePattern, findsPattern, groupOf } from './regex.ts';
import { beginRun } from './run.ts';

const run = () =>
  beginRun({ document: {}, events: [], segments: new Set() }, clockAt(new Date('2026-03-15T12:00:00Z')));

describe('regular expressions', () => {
  const { pattern } = fc.letrec<{ readonly atom: string; readonly piece: string; readonly pattern: string }>(
    (tie) => ({
      atom: fc.oneof(
        {
          weight: 6,
          arbitrary: fc.constantFrom(
            'a',
            'b',
            'c',
            '.',
            '[ab]',
            '[^a]',
            '[a-c1-]',
            '\\d',
            '\\W',
            '\\.',
            '\\b',
          ),
        },
        { weight: 1, arbitrary: tie('pattern').map((inner) => `(${inner})`) },
        { weight: 1, arbitrary: tie('pattern').map((inner) => `(?:${inner})`) },
      ),
      piece: fc
        .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '*?', '{2}', '{1,2}?', '{2,}'))
        .map(([atom, times]) => (atom === '\\b' ? atom : `${atom}${times}`)),
      pattern: fc
        .tuple(
          fc.constantFrom('', '', '^'),
          fc.array(tie('piece'), { maxLength: 4 }),
          fc.constantFrom('', '|', '|a'),
        )
        .map(([begin, pieces, end]) => `${begin}${pieces.join('')}${end}`),
    }),
  );
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.', ' ', '😀'), maxLength: 8 });

  test('find what those of JavaScript find, where both mean the same', () => {
    fc.assert(
      fc.property(pattern, fc.boolean(), text, (source, isToEnd, given) => {
        const whole = isToEnd ? `(?:${source})$` : source;
        const expected = new RegExp(whole, 'u').exec(given);
        expect(findsPattern(run(), given, whole), whole).toBe(expected !== null);
        // JavaScript alone goes on to another alternative where a repetition found nothing.
        if (!/\)[*+?{]/.test(source)) expect(groupOf(run(), given, whole, 0), whole).toBe(expected?.[0]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of any characters are used, or refused at a place within them', () => {
    const character = fc.constantFrom(...'ab()[]{}|*+?^$.\\-&:<>=!PQEpLuUxikdsmZz01,#😀 ');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 16 }), text, (source, given) => {
        const found = compilePattern(source);
        if ('fault' in found) {
          expect(found.fault.at ?? 0).toBeGreaterThanOrEqual(0);
          expect(found.fault.at ?? 0).toBeLessThanOrEqual(source.length);
          expect(found.fault.message).not.toContain('in all');
        } else {
          const isFound = findsPattern(run(), given, source);
          expect(groupOf(run(), given, source, 0) !== undefined, source).toBe(isFound);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  test('the line end before which $ stands belongs to no group', () => {
    for (const end of ['', '\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029']) {
      expect(groupOf(run(), `ab${end}`, '(a(b|$)?)$', 1), JSON.stringify(end)).toBe('ab');
      expect(groupOf(run(), `ab${end}`, 'b(,|$)', 1), JSON.stringify(end)).toBe('');
      expect(groupOf(run(), `ab${end}x`, 'b$', 0), JSON.stringify(end)).toBeUndefined();
    }
  });
});
