import type { IToken } from 'chevrotain';
import type { ChainStep, CompareOperator, Expression, TimeConstraint, TimeUnit } from './ast.ts';
import type { RuleProblem } from './rule-problem.ts';
import { across, isCompareOperator, spanOf } from './tree.ts';

/* What the grammar's actions build of times, and of events in order. */

/** The most units a distance in time may have: more leads out of the calendar. */
const maxAmount = 1_000_000_000;

export const instant = (token: IToken): Expression => ({
  kind: 'instant',
  name: instantNames[token.image.toLowerCase()] ?? 'now',
  span: spanOf(token),
});
const instantNames: Readonly<Record<string, 'now' | 'today' | 'yesterday' | 'tomorrow'>> = {
  now: 'now',
  today: 'today',
  yesterday: 'yesterday',
  tomorrow: 'tomorrow',
};

const irregular: Readonly<Record<string, TimeUnit>> = {
  century: 'century',
  centuries: 'century',
  millennium: 'millennium',
  millenniums: 'millennium',
  millennia: 'millennium',
};
const regular: readonly TimeUnit[] = [
  'millisecond',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'year',
  'decade',
];
function unitOf(token: IToken): TimeUnit {
  const word = token.image.toLowerCase();
  return irregular[word] ?? regular.find((unit) => word === unit || word === `${unit}s`) ?? 'day';
}

export function period(which: IToken, unit: IToken): Expression {
  const word = which.image.toLowerCase();
  return {
    kind: 'period',
    which: word === 'last' ? 'last' : word === 'next' ? 'next' : 'this',
    unit: unitOf(unit),
    span: across(spanOf(which), spanOf(unit)),
  };
}

const directionOf = (token: IToken): 'before' | 'after' =>
  token.image.toLowerCase() === 'before' ? 'before' : 'after';

/** How much of a unit: a whole number. */
function amountOf(token: IToken, problems: RuleProblem[]): number {
  const amount = Number(token.image);
  if (!Number.isInteger(amount) || amount > maxAmount)
    problems.push({
      offset: token.startOffset,
      message: `found ${token.image.slice(0, 40)}; expected a whole number of at most ${maxAmount}`,
    });
  return amount;
}

const operatorOf = (token: IToken): CompareOperator => (isCompareOperator(token.image) ? token.image : '=');

export const offset = (
  amount: IToken,
  unit: IToken,
  direction: IToken,
  reference: Expression,
  problems: RuleProblem[],
): Expression => ({
  kind: 'offset',
  amount: amountOf(amount, problems),
  unit: unitOf(unit),
  direction: directionOf(direction),
  reference,
  span: across(spanOf(amount), reference.span),
});

export const distance = (
  operator: IToken,
  amount: IToken,
  unit: IToken,
  direction: IToken,
  reference: Expression,
  problems: RuleProblem[],
): TimeConstraint => ({
  kind: 'distance',
  operator: operatorOf(operator),
  amount: amountOf(amount, problems),
  unit: unitOf(unit),
  direction: directionOf(direction),
  reference,
  span: across(spanOf(operator), reference.span),
});

export const side = (direction: IToken, reference: Expression): TimeConstraint => ({
  kind: 'side',
  direction: directionOf(direction),
  reference,
  span: across(spanOf(direction), reference.span),
});

export const between = (word: IToken, from: Expression, to: Expression): TimeConstraint => ({
  kind: 'between',
  from,
  to,
  span: across(spanOf(word), to.span),
});

export const on = (reference: Expression, word?: IToken): TimeConstraint => ({
  kind: 'on',
  reference,
  span: word === undefined ? reference.span : across(spanOf(word), reference.span),
});

export type StepCount = NonNullable<ChainStep['count']>;

export function stepCount(
  word: IToken,
  operator: IToken | undefined,
  amount: IToken,
  problems: RuleProblem[],
): StepCount {
  if (word.image.toLowerCase() !== 'count')
    problems.push({
      offset: word.startOffset,
      message: `found "${word.image}"; expected COUNT(…), WHEN(…), a comma or "]"`,
    });
  return {
    operator: operator === undefined ? '>=' : operatorOf(operator),
    amount: amountOf(amount, problems),
  };
}

export const chainStep = (
  label: IToken,
  excluded: IToken | undefined,
  what: Expression,
  when: TimeConstraint | undefined,
  count: StepCount | undefined,
  end: IToken,
): ChainStep => ({
  label: label.image,
  what,
  isExcluded: excluded !== undefined,
  count,
  when,
  span: across(spanOf(label), spanOf(end)),
});

export const chain = (
  word: IToken,
  events: Expression,
  time: Expression,
  steps: readonly ChainStep[],
  close: IToken,
): Expression => ({ kind: 'chain', events, time, steps, span: across(spanOf(word), spanOf(close)) });
