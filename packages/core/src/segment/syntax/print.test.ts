import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadraceError } from '../../errors/headrace-error.ts';
import type { JsonObject } from '../../xdm/field.ts';
import { holds, sampleRules } from '../sample-schema.fixture.ts';
import { compileSegmentRule } from '../segment-rule.ts';
import type { Expression } from './ast.ts';
import { parseSegmentRule } from './parse.ts';
import { printSegmentRule } from './print.ts';

const span = { start: 0, end: 0 };
const withoutSpans = (node: unknown): unknown =>
  JSON.parse(
    JSON.stringify(node, (key, value: unknown) =>
      key === 'span' || key === 'nameSpan' ? undefined : Object.is(value, -0) ? '-0' : value,
    ),
  );

const key = fc.constantFrom('person', 'name', 'a', 'b_1', 'größe', 'count');
const number = fc
  .oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => Number(value.toPrecision(15))),
  )
  .filter(Number.isFinite);
const text = fc.string({ unit: 'binary', maxLength: 8 });

/** Any tree the parser can yield, sensible or not. */
const { expression } = fc.letrec<{ expression: Expression; leaf: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('leaf'),
    fc.record({
      kind: fc.constant('list' as const),
      items: fc.array(tie('expression'), { maxLength: 3 }),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('logic' as const),
      operator: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('expression'), { minLength: 2, maxLength: 4 }),
      span: fc.constant(span),
    }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('expression'), span: fc.constant(span) }),
    fc.record({
      kind: fc.constant('compare' as const),
      operator: fc.constantFrom(
        '=' as const,
        '!=' as const,
        '>' as const,
        '>=' as const,
        '<' as const,
        '<=' as const,
      ),
      left: tie('expression'),
      right: tie('expression'),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('membership' as const),
      operator: fc.constantFrom('in' as const, 'notIn' as const),
      value: tie('expression'),
      list: tie('expression'),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('arithmetic' as const),
      operator: fc.constantFrom('+' as const, '-' as const, '*' as const, '/' as const, '%' as const),
      left: tie('expression'),
      right: tie('expression'),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('negate' as const),
      operand: tie('expression').filter((node) => node.kind !== 'literal' || typeof node.value !== 'number'),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('if' as const),
      condition: tie('expression'),
      whenTrue: tie('expression'),
      whenFalse: tie('expression'),
      span: fc.constant(span),
    }),
    fc
      .record({
        name: fc.constantFrom('isNull', 'contains', 'count', 'like', 'unheardOf'),
        target: tie('expression'),
        given: fc.array(tie('expression'), { maxLength: 2 }),
      })
      .map(
        ({ name, target, given }): Expression => ({
          kind: 'call',
          name,
          nameSpan: span,
          target,
          arguments: given,
          span,
        }),
      ),
  ),
  leaf: fc.oneof(
    fc.oneof(number, text, fc.boolean()).map((value): Expression => ({ kind: 'literal', value, span })),
    fc
      .tuple(
        fc.integer({ min: -1, max: 3000 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
      )
      .map(([year, month, day]): Expression => ({ kind: 'date', year, month, day, span })),
    fc
      .tuple(
        key,
        fc.array(fc.oneof(key, fc.constantFrom('in', 'and', 'NOT', 'xEvent')), { maxLength: 2 }),
        fc.option(text, { nil: undefined }),
      )
      .map(
        ([first, more, entry]): Expression => ({
          kind: 'path',
          root: { kind: 'scope', up: 0, span },
          steps: [
            ...[first, ...more].map((name) => ({ access: 'dot' as const, key: name, span })),
            ...(entry === undefined ? [] : [{ access: 'get' as const, key: entry, span }]),
          ],
          span,
        }),
      ),
  ),
}));

/** Texts of every form, each within every other. */
const { form } = fc.letrec<{ form: string; constraint: string; sources: string }>((tie) => {
  const put = (text: string, ...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((given) => given.reduce((whole, part) => whole.replace('?', () => part), text));
  const whole = tie('form');
  const inner = whole.map((text) => `(${text})`);
  return {
    form: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(
        'a.b',
        'E',
        'E.x.get("k")',
        '^x',
        '^^.x',
        '$1',
        '$2.x',
        'xEvent.a',
        'S',
        '"x"',
        '-3',
        'true',
      ),
      fc.constantFrom(
        'now',
        'tomorrow',
        'last week',
        'date(2020,1,2)',
        '2 days before now',
        'sum',
        'days.on',
      ),
      put('?.head().price', inner),
      put('?[?]', inner, whole),
      put('?.map((K, E) => ?)', inner, whole),
      put('?.filter(?).topN(?, 2)', inner, whole, whole),
      put('a.groupBy(?).get(?)', whole, whole),
      put('exists ? where ?', tie('sources'), whole),
      put('forall ? : ?', tie('sources'), whole),
      put('select ?', tie('sources')),
      put('[select ? where ?]', tie('sources'), whole),
      put('min (?) over ? where ?', whole, tie('sources'), whole),
      put('let S = ? in ?', inner, inner),
      put('? occurs ?', inner, tie('constraint')),
      put('3 weeks after ?', inner),
      put(
        'CHAIN(?, ?, [C0: WHAT(?) COUNT(2), E: not WHAT(?) WHEN(?) COUNT(= 1)])',
        inner,
        inner,
        whole,
        whole,
        tie('constraint'),
      ),
      put('? and not ?', inner, inner),
      put('? + -?', inner, inner),
      put('[?, ?]', inner, inner),
    ),
    constraint: fc.oneof(
      put('< 3 days before ?', inner),
      put('!= 1 century from ?', inner),
      put('after ?', inner),
      put('on ?', inner),
      put('?', inner),
      put('between ? and ?', inner, inner),
      fc.constant('< 2 hours after C0'),
    ),
    sources: fc.oneof(put('E from ?', inner), put('E from ?, S from ?', inner, inner)),
  };
});

describe('printing', () => {
  test('then parsing yields the same tree', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        expect(withoutSpans(parseSegmentRule(printSegmentRule(tree)))).toEqual(withoutSpans(tree));
      }),
      { numRuns: 500 },
    );
  });

  test('then parsing yields the same tree for every form within every other', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(form, (rule) => {
        const tree = parseSegmentRule(rule);
        kinds.add(tree.kind);
        const printed = printSegmentRule(tree);
        expect(withoutSpans(parseSegmentRule(printed)), printed).toEqual(withoutSpans(tree));
      }),
      { numRuns: 2_000 },
    );
    expect(kinds.size).toBe(15);
  });

  test('keeps what is needed and no more', () => {
    expect(printSegmentRule(parseSegmentRule('((a.b=1)OR(not(c)))AND(1-(2-3))*-4 like("x")'))).toBe(
      '(a.b = 1 or not c) and (1 - (2 - 3)) * -4 like "x"',
    );
  });
});

/** Conditions that are right by the sample schema. */
const { condition } = fc.letrec<{ condition: string; numeric: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      'loyalty.active',
      'homeAddress.isNull()',
      'homeAddress.city.contains("B", false)',
      'homeAddress.city != labels.get("x")',
      'homeAddress.city like "%_%"',
      'loyalty.tier in ["gold"]',
      'homeAddress.city notIn interests',
      'person.birthDate < loyalty.joined',
      'visits.count() > 1',
    ),
    fc
      .tuple(tie('numeric'), fc.constantFrom('=', '!=', '<', '>='), tie('numeric'))
      .map(([a, by, b]) => `${a} ${by} ${b}`),
    fc
      .tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition'))
      .map(([a, by, b]) => `(${a}) ${by} ${b}`),
    tie('condition').map((inner) => `not (${inner})`),
  ),
  numeric: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('loyalty.points', '3', '-0.5', 'interests.count()'),
    fc
      .tuple(tie('numeric'), fc.constantFrom('+', '-', '*', '/', '%'), tie('numeric'))
      .map(([a, by, b]) => `(${a} ${by} ${b})`),
    fc.tuple(tie('condition'), tie('numeric')).map(([a, b]) => `if(${a}, ${b}, loyalty.points)`),
  ),
}));

/** Documents near the schema, with values of wrong types between the right ones. */
const anything = fc.oneof(
  fc.constantFrom<JsonObject[string]>(
    'Bern',
    'gold',
    '2000-01-01',
    '2000-01-01T00:00:00Z',
    null,
    true,
    -1,
    3,
    1e308,
  ),
  fc.constant([]),
  fc.constant(['Bern', 3]),
);
const group = (...names: readonly string[]): fc.Arbitrary<JsonObject[string]> =>
  fc.oneof(anything, fc.dictionary(fc.constantFrom(...names), anything));
const document: fc.Arbitrary<JsonObject> = fc.record(
  {
    person: group('birthDate'),
    homeAddress: group('city'),
    loyalty: group('tier', 'points', 'joined', 'active'),
    interests: anything,
    visits: anything,
    labels: group('x', '__proto__'),
  },
  { requiredKeys: [] },
);

describe('a right rule', () => {
  test('yields true or false on any document, the opposite under not, and an English sentence', () => {
    fc.assert(
      fc.property(condition, document, (rule, profile) => {
        const compiled = compileSegmentRule(rule, sampleRules);
        const result = holds(compiled, profile);
        expect(typeof result).toBe('boolean');
        expect(holds(compileSegmentRule(`not (${rule})`, sampleRules), profile)).toBe(!result);
        expect(holds(compileSegmentRule(printSegmentRule(compiled.ast), sampleRules), profile)).toBe(result);
        expect(compiled.describe()).not.toMatch(/undefined|\[object/);
      }),
      { numRuns: 500 },
    );
  });

  test('does not look at other attributes than its paths', () => {
    fc.assert(
      fc.property(condition, document, (rule, profile) => {
        const compiled = compileSegmentRule(rule, sampleRules);
        const roots = new Set(compiled.reads.paths.map((path) => path.split('.')[0]));
        const read = Object.fromEntries(Object.entries(profile).filter(([name]) => roots.has(name)));
        expect(holds(compiled, read)).toBe(holds(compiled, profile));
      }),
    );
  });
});

describe('garbage', () => {
  const words = fc.constantFrom(
    ...[
      '(',
      ')',
      '[',
      ']',
      ',',
      '.',
      '"',
      '\\',
      '=',
      '!',
      '-',
      '+',
      '%',
      '^',
      '$',
      '=>',
      ':',
      '1',
      '1e999',
      ' ',
    ],
    ...[
      'and',
      'or',
      'not',
      'in',
      'notIn',
      'like',
      'if(',
      'date(',
      'loyalty.points',
      'labels',
      '.get("x")',
      '"a"',
    ],
    ...[
      'xEvent',
      'occurs',
      'now',
      '.isNull()',
      '.contains("x")',
      '__proto__',
      '.constructor',
      'toString',
      '\u2028',
    ],
  );
  const soup = fc.array(words, { maxLength: 30 });
  test.each([
    ['characters', fc.string({ unit: 'binary', maxLength: 60 })],
    ['words', soup.map((parts) => parts.join(' '))],
    ['words without spaces', soup.map((parts) => parts.join(''))],
  ])('of %s is a rule or an error with a position inside the text', (_name, garbage) => {
    fc.assert(
      fc.property(garbage, (rule) => {
        try {
          compileSegmentRule(rule, sampleRules).describe();
        } catch (error) {
          if (!(error instanceof HeadraceError)) throw error;
          expect(error.code).toBe('invalid_input');
          expect(error.details.length).toBeGreaterThan(0);
          for (const { position } of error.details) {
            expect(position).toBeGreaterThanOrEqual(0);
            expect(position).toBeLessThanOrEqual(rule.length);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
