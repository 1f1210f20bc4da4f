import type { IToken } from 'chevrotain';
import type { RuleProblem } from './rule-problem.ts';
import {
  Dot,
  Identifier,
  LeftBracket,
  LeftParen,
  Name,
  RightBracket,
  RightParen,
  UnsupportedSign,
} from './tokens.ts';

/** Documented words that begin or join a construct wherever they stand, unless after a dot. */
const words = ['xEvent', 'occurs', 'now', 'today'];
/** Documented words that begin a construct when a name, `(` or `[` follows. */
const openers = ['exists', 'forall', 'select', 'let'];
/** Documented calls without a target. */
const calls = [
  'CHAIN',
  'WHAT',
  'WHEN',
  'inSegment',
  'currentMonth',
  'currentYear',
  'currentDayOfMonth',
  'mapEntry',
];
/** Documented calls on a target. */
const methods = [
  'intersects',
  'intersection',
  'subsetOf',
  'supersetOf',
  'distinct',
  'groupBy',
  'filter',
  'map',
  'topN',
  'bottomN',
  'head',
  'sum',
  'average',
  'min',
  'max',
  'keys',
  'values',
  'matches',
  'regexGroup',
  'getMonth',
  'getYear',
  'getDayOfMonth',
  'exists',
  'forall',
];
/** `sum X.a over X from …`. */
const aggregates = ['sum', 'average', 'min', 'max', 'count'];

const byLowerCase = (names: readonly string[]): ReadonlyMap<string, string> =>
  new Map(names.map((name) => [name.toLowerCase(), name]));
const wordNames = byLowerCase(words);
const openerNames = byLowerCase(openers);
const callNames = byLowerCase(calls);
const methodNames = byLowerCase(methods);
const aggregateNames = byLowerCase(aggregates);

const signs: Readonly<Record<string, string>> = {
  '=>': '=> (named parameters; "at least" is written >=)',
  '^': '^ (the outer scope)',
  $: '$1 (parameters; a profile attribute is written without it)',
  ':': ': (the condition of a quantifier)',
};

const is = (token: IToken | undefined, ...types: readonly { readonly name: string }[]): boolean =>
  token !== undefined && types.some((type) => type === token.tokenType);
const isName = (token: IToken | undefined): boolean => token?.tokenType.CATEGORIES?.includes(Name) === true;

/**
 * Every documented construct of the language that this version cannot evaluate, at its position. Found before
 * parsing, by word and neighbours alone, so that no such rule can be read as something else.
 */
export function findUnsupported(tokens: readonly IToken[]): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  for (const [index, token] of tokens.entries()) {
    const construct = constructAt(token, tokens[index - 1], tokens[index + 1]);
    if (construct !== undefined)
      problems.push({ offset: token.startOffset, message: `not supported yet: ${construct}` });
  }
  return problems;
}

function constructAt(
  token: IToken,
  before: IToken | undefined,
  after: IToken | undefined,
): string | undefined {
  if (is(token, UnsupportedSign)) return signs[token.image.slice(0, token.image.startsWith('=') ? 2 : 1)];
  if (is(token, LeftBracket) && is(before, Identifier, RightParen, RightBracket)) return '[…] as a filter';
  if (!is(token, Identifier)) return undefined;
  const word = token.image.toLowerCase();
  if (is(before, Dot)) {
    const method = is(after, LeftParen) ? methodNames.get(word) : undefined;
    return method === undefined ? undefined : `${method}()`;
  }
  const called = is(after, LeftParen) ? callNames.get(word) : undefined;
  if (called !== undefined) return `${called}()`;
  if (is(after, LeftParen, LeftBracket) || isName(after)) {
    const opener = openerNames.get(word);
    if (opener !== undefined) return opener;
  }
  if (isName(after) && is(after, Identifier)) {
    const aggregate = aggregateNames.get(word);
    if (aggregate !== undefined) return `${aggregate} … over`;
  }
  return wordNames.get(word);
}
