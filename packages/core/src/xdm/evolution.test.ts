import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryObject, arbitraryValue, editObject } from './arbitrary-field.fixture.ts';
import { checkEvolution } from './evolution.ts';
import type { XdmField, XdmObject } from './field.ts';
import { array, boolean, choice, date, integer, map, number, object, text } from './field-builders.ts';
import { compileRecordValidator } from './validate.ts';

const before = object(
  'Shop',
  {
    tier: choice('Tier', ['gold', 'silver']),
    code: text('Code', { pattern: '^C', minLength: 2, maxLength: 8 }),
    note: text('Note'),
    since: date('Since'),
    visits: integer('Visits', { minimum: 0, maximum: 100, size: 'short' }),
    vip: boolean('VIP'),
    stays: array('Stays', object('Stay', { nights: integer('Nights') }, ['nights'])),
    extras: map('Extras', text('Extra', { maxLength: 5 })),
  },
  ['tier'],
);
const inUse = { hasRecords: true };
const withField = (
  changes: Readonly<Record<string, XdmField>>,
  required: readonly string[] = ['tier'],
): XdmObject => object('Shop', { ...before.properties, ...changes }, required);
const without = (name: string): XdmObject => ({
  ...before,
  properties: Object.fromEntries(Object.entries(before.properties).filter(([key]) => key !== name)),
});

describe('what may change in use', () => {
  test.each<[string, XdmObject]>([
    ['nothing', before],
    ['titles and descriptions', withField({ note: text('Remark', { description: 'Anything.' }) })],
    ['a further field', withField({ since2: date('Since') })],
    [
      'a further field deep inside',
      withField({ stays: array('S', object('S', { nights: integer('N'), room: text('R') }, ['nights'])) }),
    ],
    [
      'a further field with required members',
      withField({ home: object('Home', { city: text('City') }, ['city']) }),
    ],
    ['required becomes optional', withField({}, [])],
    ['a longer list of values', withField({ tier: choice('Tier', ['silver', 'bronze', 'gold']) })],
    ['any text instead of a list', withField({ tier: text('Tier') })],
    ['no pattern, wider lengths', withField({ code: text('Code', { maxLength: 9 }) })],
    ['wider bounds, a larger size', withField({ visits: integer('Visits', { minimum: -5, size: 'int' }) })],
  ])('%s', (_, after) => {
    expect(checkEvolution(before, after, inUse)).toEqual([]);
  });

  test('a new required field only where there are no records', () => {
    const after = withField({ store: text('Store') }, ['tier', 'store']);
    expect(checkEvolution(before, after, { hasRecords: false })).toEqual([]);
    expect(checkEvolution(before, after, inUse)).toEqual([
      {
        pointer: '/required',
        keyword: 'required',
        message:
          'store would be new and required, and there are records already, which lack it. Make it optional.',
      },
    ]);
  });
});

describe('promise 11: what is refused, and what to do instead', () => {
  test.each<[string, XdmObject, string, string]>([
    ['removing', without('vip'), '/properties/vip', 'vip would be removed'],
    [
      'renaming',
      { ...without('visits'), properties: { ...without('visits').properties, visit: integer('Visits') } },
      '/properties/visits',
      'Renaming it to visit is that',
    ],
    [
      'moving',
      { ...before, properties: { shop: before } },
      '/properties/tier',
      'Moving it to shop.tier is that',
    ],
    ['another type', withField({ vip: text('VIP') }), '/properties/vip', 'would become string'],
    [
      'a number for a whole number',
      withField({ visits: number('Visits') }),
      '/properties/visits',
      'keeps its type',
    ],
    [
      'a list of other items',
      withField({ stays: array('S', text('S')) }),
      '/properties/stays/items',
      'stays.[] is object',
    ],
    [
      'a map of other values',
      withField({ extras: map('E', integer('E')) }),
      '/properties/extras/additionalProperties',
      'extras.* is string',
    ],
    ['a format', withField({ note: date('Note') }), '/properties/note/format', 'would get date'],
    ['no format', withField({ since: text('Since') }), '/properties/since/format', 'would get none'],
    [
      'fewer values',
      withField({ tier: choice('Tier', ['gold']) }),
      '/properties/tier/enum',
      'no longer take "silver"',
    ],
    [
      'a list of values',
      withField({ note: choice('Note', ['a']) }),
      '/properties/note/enum',
      'takes any text',
    ],
    [
      'a pattern',
      withField({ note: text('Note', { pattern: '^a' }) }),
      '/properties/note/pattern',
      'match a pattern',
    ],
    [
      'another pattern',
      withField({ code: text('Code', { pattern: '^D', minLength: 2, maxLength: 8 }) }),
      '/properties/code/pattern',
      'another pattern',
    ],
    [
      'a length',
      withField({ note: text('Note', { maxLength: 5 }) }),
      '/properties/note/maxLength',
      'no such limit',
    ],
    [
      'a shorter length',
      withField({ code: text('Code', { pattern: '^C', minLength: 3, maxLength: 8 }) }),
      '/properties/code/minLength',
      'would have 3',
    ],
    [
      'a smaller size',
      withField({ visits: integer('Visits', { minimum: 0, size: 'byte', maximum: 90 }) }),
      '/properties/visits/maximum',
      'would have 90',
    ],
    [
      'a higher minimum',
      withField({ visits: integer('Visits', { minimum: 1, size: 'short' }) }),
      '/properties/visits/minimum',
      'would have 1',
    ],
    ['optional becomes required', withField({}, ['tier', 'vip']), '/required', 'vip is optional'],
    [
      'narrower values of a map',
      withField({ extras: map('E', text('E', { maxLength: 4 })) }),
      '/properties/extras/additionalProperties/maxLength',
      'extras.*',
    ],
  ])('%s', (_, after, pointer, message) => {
    for (const usage of [inUse, { hasRecords: false }]) {
      const errors = checkEvolution(before, after, usage);
      expect(errors.find((error) => error.pointer === pointer)?.message).toContain(message);
    }
  });
});

test('every value that fits before an allowed change fits after it', () => {
  let allowed = 0;
  let fitted = 0;
  fc.assert(
    fc.property(
      arbitraryObject.chain((from) =>
        fc.tuple(
          fc.constant(from),
          editObject(from),
          fc.array(arbitraryValue(from), { minLength: 5, maxLength: 5 }),
        ),
      ),
      ([from, to, values]) => {
        if (checkEvolution(from, to, inUse).length > 0) return;
        allowed += 1;
        const [fitsBefore, fitsAfter] = [compileRecordValidator(from), compileRecordValidator(to)];
        for (const value of values) {
          if (fitsBefore(value).length > 0) continue;
          fitted += 1;
          expect(fitsAfter(value)).toEqual([]);
        }
      },
    ),
    { numRuns: 600 },
  );
  // The property says something: changes were allowed, and values fitted.
  expect(allowed).toBeGreaterThan(50);
  expect(fitted).toBeGreaterThan(50);
}, 30_000);
