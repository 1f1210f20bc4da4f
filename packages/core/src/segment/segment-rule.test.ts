import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../xdm/field.ts';
import { holds, sampleRules } from './sample-schema.fixture.ts';
import { compileSegmentRule } from './segment-rule.ts';

const city = (value: string): JsonObject => ({ homeAddress: { city: value } });
const points = (value: number): JsonObject => ({ loyalty: { points: value } });
const joined = (value: string): JsonObject => ({ loyalty: { joined: value } });
const born = (value: string): JsonObject => ({ person: { birthDate: value } });
const nobody: JsonObject = {};

type Case = readonly [rule: string, document: JsonObject, expected: boolean];

/** One group per section of docs/pql.md; "Decisions" holds one test or more for each decision written there. */
const cases: Readonly<Record<string, readonly Case[]>> = {
  logic: [
    ['true', nobody, true],
    ['loyalty.points = 1 and loyalty.points = 2', points(1), false],
    ['loyalty.points = 1 or loyalty.points = 2', points(2), true],
    ['loyalty.points > 0 and loyalty.points > 1 and loyalty.points > 2', points(2), false],
    ['loyalty.points = 1 or loyalty.points = 2 or loyalty.points = 3', points(3), true],
    // "and" binds tighter than "or", "not" tighter than "and" and looser than a comparison.
    ['true or false and false', nobody, true],
    ['(true or false) and false', nobody, false],
    ['not false and false', nobody, false],
    ['not loyalty.points = 1', points(2), true],
    ['!(loyalty.points = 1)', points(1), false],
    ['not not !false', nobody, true],
    ['loyalty.active', { loyalty: { active: true } }, true],
    ['loyalty.active', { loyalty: { active: false } }, false],
    ['loyalty.active = (loyalty.points > 1)', { loyalty: { active: false, points: 1 } }, true],
    ['if(loyalty.points > 10, "a", "b") = "a"', points(11), true],
    ['if(loyalty.points > 10, loyalty.points, 5) + 1 = 6', points(3), true],
    ['if(loyalty.active, loyalty.points = 1, loyalty.points = 2)', points(2), true],
  ],
  comparison: [
    ['loyalty.points = 3', points(3), true],
    ['loyalty.points != 3', points(3), false],
    ['loyalty.points > 3', points(3), false],
    ['loyalty.points >= 3', points(3), true],
    ['loyalty.points < 3', points(2.5), true],
    ['loyalty.points <= 3', points(3.5), false],
    ['3 < loyalty.points', points(4), true],
    ['homeAddress.city = "Köln"', city('Köln'), true],
    ['homeAddress.city = "köln"', city('Köln'), false],
    ['homeAddress.city < "B"', city('Aachen'), true],
    ['homeAddress.city >= "B"', city('Aachen'), false],
    ['homeAddress.city = "a\\"\\\\\\n\\u00e9"', city('a"\\\n\u00e9'), true],
    ['loyalty.active != true', { loyalty: { active: false } }, true],
  ],
  arithmetic: [
    ['loyalty.points + 1 = 3', points(2), true],
    ['2 + 3 * 4 - 1 = 13', nobody, true],
    ['(2 + 3) * 4 = 20', nobody, true],
    ['8 / 4 / 2 = 1', nobody, true],
    ['10 - 4 - 3 = 3', nobody, true],
    ['loyalty.points % 5 = 0', points(25), true],
    ['-loyalty.points = -2', points(2), true],
    ['1 - -1 = 2', nobody, true],
    ['1.5e2 = 150', nobody, true],
  ],
  membership: [
    ['loyalty.points in [3, 6]', points(6), true],
    ['loyalty.points in [3, 6]', points(4), false],
    ['loyalty.points notIn [3, -6]', points(4), true],
    ['loyalty.points notIn [3, -6]', points(-6), false],
    ['homeAddress.city in ["Rome", "Bern"]', city('Bern'), true],
    ['"red" in interests', { interests: ['red'] }, true],
    ['"red" notIn interests', { interests: ['blue'] }, true],
    ['interests.includes("red")', { interests: ['blue', 'red'] }, true],
    ['interests.includes(homeAddress.city)', { interests: ['Bern'], homeAddress: { city: 'Bern' } }, true],
    ['scores.includes(2)', { scores: [1, 2] }, true],
    ['person.birthDate in [date(2000,1,2), "2000-01-03"]', born('2000-01-03'), true],
    ['organizations.count() = 2', { organizations: [{}, {}] }, true],
  ],
  maps: [
    ['labels.get("shop.vip") = "yes"', { labels: { 'shop.vip': 'yes' } }, true],
    ['labels.vip = "yes"', { labels: { vip: 'yes' } }, true],
    ['identityMap.get("Email").count() >= 1', { identityMap: { Email: [{ id: 'x' }] } }, true],
    ['identityMap.get("Email").isNull()', { identityMap: { Phone: [{ id: 'x' }] } }, true],
    ['identityMap.isNotNull()', { identityMap: { Phone: [{ id: 'x' }] } }, true],
  ],
  'text functions': [
    ['homeAddress.city.startsWith("New")', city('New York'), true],
    ['homeAddress.city.startsWith("new")', city('New York'), false],
    ['homeAddress.city.startsWith("new", false)', city('New York'), true],
    ['homeAddress.city.startsWith("New", true)', city('New York'), true],
    ['homeAddress.city.doesNotStartWith("Old")', city('New York'), true],
    ['homeAddress.city.doesNotStartWith("NEW", false)', city('New York'), false],
    ['homeAddress.city.endsWith("York")', city('New York'), true],
    ['homeAddress.city.doesNotEndWith("York")', city('New York'), false],
    ['homeAddress.city.contains("w Y")', city('New York'), true],
    ['homeAddress.city.doesNotContain("w Y")', city('New York'), false],
    ['homeAddress.city.equals("new york", false)', city('New York'), true],
    ['homeAddress.city.notEqualTo("new york")', city('New York'), true],
    ['homeAddress.city.notEqualTo("new york", false)', city('New York'), false],
    ['homeAddress.city.equals(homeAddress.country)', { homeAddress: { city: 'x', country: 'x' } }, true],
    ['homeAddress.city like "%es%"', city('Essen'), false],
    ['homeAddress.city like "_ss%"', city('Essen'), true],
    ['homeAddress.city like "%n%"', city('Essen'), true],
  ],
  dates: [
    ['person.birthDate = date(2000, 2, 29)', born('2000-02-29'), true],
    ['person.birthDate < date(2000, 3, 1)', born('2000-02-29'), true],
    ['person.birthDate >= "2000-03-01"', born('2000-02-29'), false],
    ['loyalty.joined >= date(2020, 3, 14)', joined('2020-03-14T00:00:00Z'), true],
    ['loyalty.joined >= date(2020, 3, 14)', joined('2020-03-13T23:59:59.999Z'), false],
    ['loyalty.joined < "2020-03-14T12:00:00+02:00"', joined('2020-03-14T09:59:59Z'), true],
  ],
  'Decisions: absent values': [
    ['homeAddress.city = "Bern"', nobody, false],
    ['homeAddress.city != "Bern"', nobody, false],
    ['homeAddress.city != homeAddress.country', city('Bern'), false],
    ['homeAddress.city.notEqualTo("Bern")', nobody, false],
    ['homeAddress.city.doesNotContain("B")', nobody, false],
    ['homeAddress.city.doesNotStartWith("B")', nobody, false],
    ['homeAddress.city.doesNotEndWith("B")', nobody, false],
    ['homeAddress.city notIn ["Bern"]', nobody, false],
    ['"red" notIn interests', nobody, false],
    ['not (homeAddress.city = "Bern")', nobody, true],
    ['not homeAddress.city.contains("B")', nobody, true],
    ['loyalty.points > -1', nobody, false],
    ['loyalty.points + 1 > 0', nobody, false],
    ['loyalty.active', nobody, false],
    ['not loyalty.active', nobody, true],
    ['loyalty.active = false', nobody, false],
    ['homeAddress.city = "Bern"', { homeAddress: null }, false],
    ['homeAddress.city != "Bern"', { homeAddress: { city: null } }, false],
    ['if(loyalty.active, "a", homeAddress.city) != "b"', nobody, false],
    // A value of another type than the schema declares counts as absent.
    ['homeAddress.city != "Bern"', { homeAddress: { city: 7 } }, false],
    ['loyalty.points < 9', { loyalty: { points: '1' } }, false],
  ],
  'Decisions: empty values': [
    ['homeAddress.isNull()', nobody, true],
    ['homeAddress.isNull()', { homeAddress: null }, true],
    ['homeAddress.isNull()', { homeAddress: {} }, true],
    ['interests.isNotNull()', { interests: [] }, false],
    ['interests.isNotNull()', { interests: ['a'] }, true],
    ['homeAddress.city.isNull()', city(''), false],
    ['homeAddress.city = ""', city(''), true],
    ['interests.count() = 0', nobody, true],
    ['loyalty.points.isNull()', points(0), false],
    ['loyalty.active.isNull()', { loyalty: { active: false } }, false],
  ],
  'Decisions: numbers': [
    ['loyalty.points / 0 = 0', points(1), false],
    ['(loyalty.points / 0).isNull()', points(1), true],
    ['loyalty.points % 0 = 0', points(1), false],
    ['loyalty.points % 3 = -1', points(-7), true],
    ['loyalty.points * loyalty.points > 1', points(1e200), false],
    ['0.1 + 0.2 = 0.3', nobody, true],
  ],
  'Decisions: text': [
    // In any case: full folding, so that ß meets SS and the final sigma an ordinary one.
    ['homeAddress.city.equals("GROSS", false)', city('groß'), true],
    ['homeAddress.city.contains("ΟΔΟΣ", false)', city('οδος'), true],
    ['homeAddress.city.startsWith("οδοσ", false)', city('ΟΔΟΣ ΑΒ'), true],
    // Composed and decomposed letters differ.
    ['homeAddress.city = "\\u00e9"', city('e\u0301'), false],
    // Order by code point, not by UTF-16 unit.
    ['homeAddress.city > "\\uff5e"', city('😀'), true],
    // like: case counts, the whole text must match, a backslash makes % and _ ordinary, _ is one code point.
    ['homeAddress.city like "e%"', city('Essen'), false],
    ['homeAddress.city like "Ess"', city('Essen'), false],
    ['homeAddress.city like "100\\\\%"', city('100%'), true],
    ['homeAddress.city like "100\\\\%"', city('100x'), false],
    ['homeAddress.city like "_"', city('😀'), true],
    ['homeAddress.city like "%"', city(''), true],
    ['homeAddress.city like "%"', nobody, false],
  ],
  'Decisions: time': [
    // A day is the instant it begins in UTC; fractions finer than a millisecond are cut off.
    ['loyalty.joined > date(2020, 3, 14)', joined('2020-03-14T00:00:00.0004Z'), false],
    ['loyalty.joined = "2020-03-14T01:00:00+01:00"', joined('2020-03-14T00:00:00Z'), true],
    ['loyalty.joined > date(2020, 3, 14)', joined('next Friday'), false],
  ],
  'Decisions: words': [
    ['TRUE AND NOT False', nobody, true],
    ['homeAddress.city.STARTSWITH("B")', city('Bern'), true],
    ['loyalty.points NOTIN [1]', points(2), true],
    // Keywords and function names are ordinary field names after a dot.
    ['homeAddress.in = "x"', { homeAddress: { in: 'x' } }, true],
    ['person.count = 2', { person: { count: 2 } }, true],
  ],
  'keys of the prototype': [
    ['labels.get("__proto__").isNull()', { labels: { a: 'b' } }, true],
    ['labels.get("constructor") = "x"', { labels: {} }, false],
    ['labels.get("__proto__") = "x"', { labels: JSON.parse('{"__proto__":"x"}') }, true],
  ],
};

for (const [group, rows] of Object.entries(cases))
  describe(group, () => {
    test.each(rows)('%s of %j is %s', (rule, document, expected) => {
      expect(holds(compileSegmentRule(rule, sampleRules), document)).toBe(expected);
    });
  });

describe('paths', () => {
  test('are every attribute read, once, sorted', () => {
    const rule =
      'loyalty.points > 1 and if(loyalty.active, homeAddress.city, "x") = "x" or loyalty.points < -1';
    expect(compileSegmentRule(rule, sampleRules).reads.paths).toEqual([
      'homeAddress.city',
      'loyalty.active',
      'loyalty.points',
    ]);
  });

  test('name the map where a key holds a dot', () => {
    expect(
      compileSegmentRule('labels.get("a.b") = "c" or labels.get("d") = "e"', sampleRules).reads.paths,
    ).toEqual(['labels', 'labels.d']);
  });
});

describe('describe', () => {
  test.each([
    [
      'homeAddress.country = "US" and (loyalty.points >= 100 or loyalty.active)',
      'Home address › Country is "US" and (Loyalty › Points is at least 100 or Loyalty › Active is true)',
    ],
    ['not homeAddress.city.contains("x", false)', 'not (Home address › City contains "x" (in any case))'],
    ['person.birthDate >= date(1990, 1, 5)', 'Person › Birth date is on or after 1990-01-05'],
    ['loyalty.tier in ["gold", "silver"]', 'Loyalty › Tier is one of "gold" or "silver"'],
    ['scores.count() % 2 != 0', '(the number of items in Scores % 2) is not 0'],
    [
      'identityMap.get("Email").isNotNull() and labels.vip.isNull()',
      'Identities › Email has a value and Labels › vip has no value',
    ],
    [
      `loyalty.points in [${Array.from({ length: 12 }, (_, index) => index).join(',')}]`,
      'Loyalty › Points is one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more',
    ],
    ['if(loyalty.active, 1, 2) = 1', '(1 if Loyalty › Active is true, otherwise 2) is 1'],
    ['"red" notIn interests', '"red" is not in Interests'],
    ['homeAddress.city like "B%"', 'Home address › City matches the pattern "B%"'],
  ])('%s', (rule, english) => {
    expect(compileSegmentRule(rule, sampleRules).describe()).toBe(english);
  });
});

test('every example of docs/pql.md compiles', () => {
  const page = readFileSync(new URL('../../../../docs/pql.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/```pql\n([\s\S]*?)```/g)].flatMap((block) =>
    (block[1] ?? '').split('\n\n'),
  );
  expect(examples.length).toBeGreaterThanOrEqual(10);
  for (const example of examples) compileSegmentRule(example, sampleRules);
});
