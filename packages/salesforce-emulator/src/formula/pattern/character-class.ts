import { type CharacterTest, PatternProblem } from './pattern-node.ts';

const between =
  (low: string, high: string): CharacterTest =>
  (code) =>
    code >= low.charCodeAt(0) && code <= high.charCodeAt(0);

export const anyOf =
  (tests: readonly CharacterTest[]): CharacterTest =>
  (code) =>
    tests.some((test) => test(code));

export const noneOf =
  (test: CharacterTest): CharacterTest =>
  (code) =>
    !test(code);

const oneOf =
  (characters: string): CharacterTest =>
  (code) =>
    code < 0x10000 && characters.includes(String.fromCharCode(code));

const digit = between('0', '9');
const lower = between('a', 'z');
const upper = between('A', 'Z');
const alpha = anyOf([lower, upper]);

/** The letters, digits and `_` of `\w`: ASCII only, as in Java. */
export const wordCharacter = anyOf([alpha, digit, oneOf('_')]);

const space = oneOf(' \t\n\u000b\f\r');
const punctuation = oneOf('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

const isLineEnd = oneOf('\n\r\u0085\u2028\u2029');
/** `.` in Java: anything but the end of a line. */
export const dot = noneOf(isLineEnd);

const letterClasses: ReadonlyMap<string, CharacterTest> = new Map([
  ['d', digit],
  ['D', noneOf(digit)],
  ['s', space],
  ['S', noneOf(space)],
  ['w', wordCharacter],
  ['W', noneOf(wordCharacter)],
]);

/** The class of an escape such as `\d`, if the letter names one. */
export const letterClass = (letter: string): CharacterTest | undefined => letterClasses.get(letter);

const unicode =
  (pattern: RegExp): CharacterTest =>
  (code) =>
    pattern.test(String.fromCodePoint(code));

const namedClasses: ReadonlyMap<string, CharacterTest> = new Map([
  ['Lower', lower],
  ['Upper', upper],
  ['ASCII', (code) => code < 128],
  ['Alpha', alpha],
  ['Digit', digit],
  ['Alnum', anyOf([alpha, digit])],
  ['Punct', punctuation],
  ['Graph', anyOf([alpha, digit, punctuation])],
  ['Print', anyOf([alpha, digit, punctuation, oneOf(' ')])],
  ['Blank', oneOf(' \t')],
  ['Cntrl', (code) => code < 32 || code === 127],
  ['XDigit', anyOf([digit, between('a', 'f'), between('A', 'F')])],
  ['Space', space],
  ['L', unicode(/^\p{L}$/u)],
  ['Lu', unicode(/^\p{Lu}$/u)],
  ['Ll', unicode(/^\p{Ll}$/u)],
  ['N', unicode(/^\p{N}$/u)],
  ['Nd', unicode(/^\p{Nd}$/u)],
  ['P', unicode(/^\p{P}$/u)],
  ['IsAlphabetic', unicode(/^\p{Alphabetic}$/u)],
]);

/** The class of `\p{name}`. */
export function namedClass(name: string): CharacterTest {
  const found = namedClasses.get(name);
  if (found === undefined)
    throw new PatternProblem('unsupported', `the character class \\p{${name.slice(0, 40)}}`);
  return found;
}

const otherCase = (code: number): number => (upper(code) ? code + 32 : lower(code) ? code - 32 : code);

/** The test, with (?i) also true for the other case of an ASCII letter, as in Java. */
export const foldCase = (test: CharacterTest, ignoreCase: boolean): CharacterTest =>
  ignoreCase ? (code) => test(code) || test(otherCase(code)) : test;
