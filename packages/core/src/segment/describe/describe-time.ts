import type { CompareOperator, Expression, TimeConstraint, TimeUnit } from '../syntax/ast.ts';

type Say = (node: Expression) => string;

const plurals: Readonly<Partial<Record<TimeUnit, string>>> = {
  century: 'centuries',
  millennium: 'millennia',
};

/** `1 day`, `7 days`. */
export const sayAmount = (amount: number, unit: TimeUnit): string =>
  `${amount} ${amount === 1 ? unit : (plurals[unit] ?? `${unit}s`)}`;

const isNow = (node: Expression): boolean => node.kind === 'instant' && node.name === 'now';

/** What a time constraint says after a time: `in the last 7 days`. */
export function sayConstraint(constraint: TimeConstraint, say: Say): string {
  switch (constraint.kind) {
    case 'between':
      return `between ${say(constraint.from)} and ${say(constraint.to)}`;
    case 'side':
      return `${constraint.direction} ${say(constraint.reference)}`;
    case 'on':
      return sayOn(constraint.reference, say);
    case 'distance':
      return sayDistance(constraint, say);
  }
}

const sayOn = (reference: Expression, say: Say): string => {
  if (reference.kind === 'period' || reference.kind === 'instant') return say(reference);
  return reference.kind === 'offset' && isNow(reference.reference) ? say(reference) : `on ${say(reference)}`;
};

function sayDistance(
  { operator, amount, unit, direction, reference }: TimeConstraint & { readonly kind: 'distance' },
  say: Say,
): string {
  const length = sayAmount(amount, unit);
  if (isNow(reference)) {
    const isPast = direction === 'before';
    if (operator === '<' || operator === '<=')
      return `in the ${isPast ? 'last' : 'next'} ${amount === 1 ? unit : length}`;
    return `${words[operator]}${length} ${isPast ? 'ago' : 'from now'}`;
  }
  if (operator === '<' || operator === '<=') return `within ${length} ${direction} ${say(reference)}`;
  return `${words[operator]}${length} ${direction} ${say(reference)}`;
}

const words: Readonly<Record<CompareOperator, string>> = {
  '=': '',
  '!=': 'not ',
  '>': 'more than ',
  '>=': 'at least ',
  '<': 'less than ',
  '<=': 'at most ',
};

/** `3 days ago`, `3 days before today`. */
export const sayOffset = (node: Expression & { readonly kind: 'offset' }, say: Say): string => {
  const length = sayAmount(node.amount, node.unit);
  if (isNow(node.reference)) return `${length} ${node.direction === 'before' ? 'ago' : 'from now'}`;
  return `${length} ${node.direction} ${say(node.reference)}`;
};
