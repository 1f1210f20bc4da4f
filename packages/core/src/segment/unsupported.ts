import type { IToken } from 'chevrotain';
import type { RuleFault } from './rule-errors.ts';
import { tokens } from './tokens.ts';

/** Words of PQL that begin or join what rules cannot say yet, in lower case with the name a person knows. */
const reservedWords = new Map([
  ['xevent', 'events (xEvent)'],
  ['occurs', 'time constraints (occurs)'],
  ['chain', 'sequences of events (CHAIN)'],
  ['exists', 'exists'],
  ['forall', 'forall'],
  ['select', 'select'],
  ['let', 'let'],
  ['insegment', 'segments of segments (inSegment)'],
  ['now', 'now'],
  ['today', 'today'],
]);

/** Documented functions that are not evaluated yet, in lower case. */
const reservedFunctions = new Set(
  [
    'intersects intersection subsetOf supersetOf distinct groupBy filter map topN bottomN head sum average',
    'min max keys values matches regexGroup currentMonth currentYear currentDayOfMonth getMonth getYear',
    'getDayOfMonth mapEntry exists what when',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
);
/** Aggregates have a second form, `sum X.a over X from ...`. */
const aggregates = new Set(['sum', 'average', 'min', 'max', 'count']);

const reservedSigns = new Map([
  [tokens.Parameter, 'numbered parameters ($1)'],
  [tokens.Arrow, 'named parameters (=>)'],
  [tokens.Caret, 'outer scope (^)'],
]);

/** Every documented construct in the rule that is not supported yet, at its position. */
export function findUnsupported(rule: readonly IToken[]): readonly RuleFault[] {
  const details: RuleFault[] = [];
  for (const [index, token] of rule.entries()) {
    const construct = unsupportedAt(token, rule[index - 1], rule[index + 1]);
    if (construct !== undefined)
      details.push({ position: token.startOffset, message: `not supported yet: ${construct}` });
  }
  return details;
}

function unsupportedAt(
  token: IToken,
  before: IToken | undefined,
  after: IToken | undefined,
): string | undefined {
  const signName = reservedSigns.get(token.tokenType);
  if (signName !== undefined) return signName;
  if (token.tokenType === tokens.OpenList) return endsValue(before) ? 'filters (a[condition])' : undefined;
  if (token.tokenType !== tokens.Identifier) return undefined;
  const word = token.image.toLowerCase();
  if (after?.tokenType === tokens.Open && reservedFunctions.has(word)) return `${token.image}()`;
  if (before?.tokenType === tokens.Dot) return undefined;
  if (aggregates.has(word) && after?.tokenType === tokens.Identifier) return `${token.image} ... over`;
  return reservedWords.get(word);
}

/** Whether a value may end with this token, so that `[` behind it is a filter and no list. */
const endsValue = (token: IToken | undefined): boolean =>
  token !== undefined &&
  (token.tokenType === tokens.Identifier ||
    token.tokenType === tokens.Close ||
    token.tokenType === tokens.CloseList);
