import { describe, expect, test } from 'vitest';
import { HeadraceError } from '../../errors/headrace-error.ts';
import { holds, sampleRules } from '../sample-schema.fixture.ts';
import { compileSegmentRule } from '../segment-rule.ts';

function failure(rule: string): HeadraceError {
  try {
    compileSegmentRule(rule, sampleRules);
  } catch (error) {
    if (error instanceof HeadraceError) return error;
    throw error;
  }
  throw new Error(`accepted: ${rule}`);
}

const value =
  'expected a value: a field, text in double quotes, a number, true, false, a date(…), a list […] or a condition in parentheses';
const rest = 'expected an operator such as =, in or and, or the end of the rule';

/** Rule, zero-based offset, message without its line and column. */
const single: readonly (readonly [string, number, string])[] = [
  // Signs and grammar
  ['', 0, `found the end of the rule; ${value}`],
  ['loyalty.points = ', 17, `found the end of the rule; ${value}`],
  ['loyalty.points = = 1', 17, `found "="; ${value}`],
  ['(true', 5, 'found the end of the rule; expected ")"'],
  ['true)', 4, `found ")"; ${rest}`],
  ['true "x"', 5, `found text; ${rest}`],
  ['loyalty. = 1', 9, 'found "="; expected the name of a field or function'],
  [
    '1 < loyalty.points < 3',
    19,
    'found "<" after a complete comparison; expected and, or or the end of the rule',
  ],
  [
    'true = not true',
    7,
    'found "not" where a value belongs; expected the condition with its not in parentheses',
  ],
  ['loyalty.points == 1', 15, 'found "=="; equality is written ='],
  ['true && false', 5, 'found "&&"; both conditions are joined with: and'],
  ['true || false', 5, 'found "||"; alternatives are joined with: or'],
  ['loyalty.points <> 1', 15, 'found "<>"; inequality is written !='],
  ["homeAddress.city = 'x", 19, 'found \'; text is written between straight double quotes: "…"'],
  [
    'homeAddress.city = "x',
    19,
    'found text without its closing quote; expected " before the end of the line (a quote inside text is written \\")',
  ],
  ['true # false', 5, 'found "#", which has no meaning in a rule'],
  [
    'homeAddress.city = "a\\wb"',
    21,
    'found the escape \\w; expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits (a backslash itself is written \\\\)',
  ],
  [
    'loyalty.points = 1234567890123456',
    17,
    'found a number too long or too large to be kept exactly; expected at most 15 significant digits',
  ],
  // Fields
  [
    'person.name.fristName = "x"',
    12,
    'the schema has no field person.name.fristName. Did you mean person.name.firstName?',
  ],
  ['firstName = "x"', 0, 'the schema has no field firstName. Did you mean person.name.firstName?'],
  ['Person.name.firstName = "x"', 0, 'the schema has no field Person. Did you mean person.name.firstName?'],
  ['qwertyuiop = "x"', 0, 'the schema has no field qwertyuiop.'],
  ['__proto__ = "x"', 0, 'the schema has no field __proto__.'],
  [
    'person.constructor.name = "x"',
    7,
    'the schema has no field person.constructor. Did you mean person.name?',
  ],
  [
    'loyalty.points.value = 1',
    15,
    'found a further step after loyalty.points, which holds a single value; expected a comparison or a call',
  ],
  ['person.get("name") = "x"', 11, 'found .get(…) on person, which is no map; expected .name'],
  // Types
  [
    '"x"',
    0,
    'found text; expected a condition, such as a comparison (= != > < in), a call (.isNotNull()) or a true/false field',
  ],
  ['loyalty.points = "3"', 17, 'found text; expected a number, since that is what stands before "="'],
  ['homeAddress.city > 3', 19, 'found a number; expected text, since that is what stands before ">"'],
  ['homeAddress = "x"', 0, 'found a group of fields; "=" compares single values'],
  ['loyalty.active > false', 0, 'found true or false, which has no order; expected = or != instead of ">"'],
  ['loyalty.points and true', 0, 'found a number; "and" takes a condition'],
  ['not homeAddress.city', 4, 'found text; "not" takes a condition'],
  ['homeAddress.city + 1 = 2', 0, 'found text; "+" takes a number'],
  [
    'loyalty.points in 3',
    18,
    'found a number; "in" takes a list, such as ["a", "b"], or a field that holds one',
  ],
  ['["a", 1].count() = 2', 6, 'found a number in a list that begins with text; expected one type of value'],
  ['loyalty.points in [1, "2"]', 22, 'found text; expected a number, as on the other side'],
  ['loyalty.points in []', 18, 'found a list without values; expected at least one'],
  ['"a" in scores', 0, 'found text; expected a number, as on the other side'],
  ['scores.includes("a")', 16, 'found text; expected a number, as on the other side'],
  [
    'loyalty.tier = "platinum"',
    15,
    'found "platinum", which the field never holds; expected one of "bronze", "silver", "gold".',
  ],
  [
    'loyalty.tier in ["gold", "Silver"]',
    25,
    'found "Silver", which the field never holds; expected one of "bronze", "silver", "gold". Did you mean "silver"?',
  ],
  [
    'loyalty.tier.equals("GOLDEN", false)',
    20,
    'found "GOLDEN", which the field never holds; expected one of "bronze", "silver", "gold". Did you mean "gold"?',
  ],
  ['if(true, 1, "a") = 1', 12, 'found text; expected a number, as in the branch before'],
  ['if(true, 1) = 1', 0, 'expected if(condition, value, otherwise), with three arguments'],
  // Dates
  [
    'person.birthDate = date(2001, 2, 29)',
    19,
    'found date(2001, 2, 29), a day no calendar has; expected date(year, month, day), such as date(2020, 3, 14)',
  ],
  [
    'person.birthDate = date(2001)',
    19,
    'expected date(year, month, day) with whole numbers, such as date(2020, 3, 14)',
  ],
  [
    'person.birthDate = "soon"',
    19,
    'found text that is no date; expected date(year, month, day), "YYYY-MM-DD" or "YYYY-MM-DDThh:mm:ssZ"',
  ],
  [
    'loyalty.joined = date(2020, 1, 1)',
    17,
    'a date and time is not equal to a whole day; write field >= date(…) and field < date(…)',
  ],
  // Functions
  ['homeAddress.city.startWith("x")', 17, 'there is no function startWith. Did you mean startsWith?'],
  [
    'contains("x")',
    0,
    'found contains without a field before it; expected field.contains(text, caseSensitive?)',
  ],
  ['loyalty.active.contains("x")', 0, 'found true or false; contains works on text'],
  ['homeAddress.city.contains()', 17, 'found 0 arguments; expected contains(text, caseSensitive?)'],
  [
    'homeAddress.city.contains(1)',
    26,
    'found a number; expected text as text of contains(text, caseSensitive?)',
  ],
  [
    'homeAddress.city.contains("x", loyalty.active)',
    31,
    'found something computed; caseSensitive of contains must be written out in the rule',
  ],
  [
    'homeAddress.city like "a\\\\b"',
    22,
    'found a backslash before an ordinary character in the pattern; expected \\\\%, \\\\_ or \\\\\\\\',
  ],
];

describe('one problem', () => {
  test.each(single)('%s', (rule, position, message) => {
    const { code, message: whole, details } = failure(rule);
    const expected = `Line 1, column ${position + 1}: ${message}`;
    expect(code).toBe('invalid_input');
    expect(details).toEqual([{ pointer: '/expression', position, message: expected }]);
    expect(whole).toBe(`The segment rule has an error. ${expected}`);
  });
});

describe('several problems', () => {
  test('are all reported, in the order of the text, with their lines', () => {
    const { message, details } = failure(
      'loyalty.tier = "tin"\n  and person.name.lastNam = "x"\n  and (loyalty.points = "1" or !loyalty.points)',
    );
    expect(details.map((detail) => detail.message)).toEqual([
      'Line 1, column 16: found "tin", which the field never holds; expected one of "bronze", "silver", "gold".',
      'Line 2, column 19: the schema has no field person.name.lastNam. Did you mean person.name.lastName?',
      'Line 3, column 25: found text; expected a number, since that is what stands before "="',
      'Line 3, column 33: found a number; "not" takes a condition',
    ]);
    expect(message).toBe(`The segment rule has 4 errors; the first: ${details[0]?.message}`);
  });

  test('inside one operand do not make its surroundings wrong', () => {
    expect(failure('if(nix, nox, 1) = "a"').details.map((detail) => detail.position)).toEqual([3, 8]);
  });

  test('are cut off at twenty', () => {
    expect(failure(Array.from({ length: 50 }, () => 'nix').join(' or ')).details).toHaveLength(20);
  });

  test('carry the pointer of what the text belongs to', () => {
    expect(() => compileSegmentRule('nix', sampleRules, '/rule')).toThrow(
      expect.objectContaining({ details: [expect.objectContaining({ pointer: '/rule' })] }),
    );
  });
});

describe('bounds', () => {
  const tooDeep = 'the rule is nested more than 100 levels deep here';
  const nested = (open: string, inner: string, close: string, times: number): string =>
    open.repeat(times) + inner + close.repeat(times);

  test.each([
    ['parentheses', nested('(', 'true', ')', 101), 100],
    ['parentheses in their thousands', nested('(', 'true', ')', 4_000), 100],
    ['brackets', nested('[', 'true', ']', 101), 100],
    ['not', `${'not '.repeat(101)}true`, 400],
    ['!', `${'!'.repeat(9_000)}true`, 100],
    ['minus', `${'-'.repeat(9_000)}1 = 1`, 100],
    ['sums', `1${'+1'.repeat(4_000)} = 1`, 201],
    ['calls', `labels.a${'.isNull()'.repeat(101)}`, 899],
    ['sums of sums', nested('(', '1', '+1+1)', 51), 174],
  ])('%s', (_name, rule, position) => {
    const { details } = failure(rule);
    expect(details).toEqual([
      { pointer: '/expression', position, message: `Line 1, column ${position + 1}: ${tooDeep}` },
    ]);
  });

  test('a hundred levels are fine', () => {
    const rules = [
      nested('(', 'true', ')', 100),
      nested('not (', 'true', ')', 50),
      `1${'+1'.repeat(100)} = 101`,
    ];
    for (const rule of rules) expect(holds(compileSegmentRule(rule, sampleRules), {})).toBe(true);
    expect(compileSegmentRule(nested('if(true, ', 'true', ', true)', 100), sampleRules).describe()).toContain(
      'if',
    );
  });

  test('a long flat rule is fine', () => {
    const rule = Array.from({ length: 400 }, (_, index) => `loyalty.points = ${index}`).join(' or ');
    expect(holds(compileSegmentRule(rule, sampleRules), { loyalty: { points: 399 } })).toBe(true);
  });

  test('10,000 characters', () => {
    const rule = `true${' '.repeat(9_996)}`;
    expect(holds(compileSegmentRule(rule, sampleRules), {})).toBe(true);
    expect(failure(`${rule} `).details[0]).toMatchObject({
      position: 10_000,
      message: expect.stringContaining('the rule has 10001 characters; expected at most 10000'),
    });
  });

  test('256 characters of a pattern, and a match that backs up is still quick', () => {
    const like = (length: number): string => `homeAddress.city like "%${'a'.repeat(length - 2)}b"`;
    const rule = compileSegmentRule(like(256), sampleRules);
    expect(holds(rule, { homeAddress: { city: 'a'.repeat(20_000) } })).toBe(false);
    expect(failure(like(257)).details[0]?.message).toBe(
      'Line 1, column 23: found a pattern of 257 characters; expected at most 256',
    );
  });

  test('1,000 values', () => {
    const list = (length: number): string => `loyalty.points in [${Array(length).fill('1').join(',')}]`;
    expect(holds(compileSegmentRule(list(1_000), sampleRules), { loyalty: { points: 1 } })).toBe(true);
    expect(failure(list(1_001)).details[0]?.message).toBe(
      'Line 1, column 19: found a list of 1001 values; expected at most 1000',
    );
  });
});
