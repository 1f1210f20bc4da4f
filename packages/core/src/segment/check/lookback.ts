import { dayMs } from '../evaluate/calendar.ts';
import type { Expression, TimeConstraint, TimeUnit } from '../syntax/ast.ts';

/** The longest each unit can be; of a week and less, its length. */
const longest: Readonly<Record<TimeUnit, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
  month: 31 * dayMs,
  year: 366 * dayMs,
  decade: 3_653 * dayMs,
  century: 36_525 * dayMs,
  millennium: 365_250 * dayMs,
};

/** Whether an expression is the time of the event in question. */
export type IsEventTime = (node: Expression) => boolean;

/**
 * How far before `now` an event can lie and still fulfil the condition, in milliseconds; undefined where that is not
 * certain to be bounded. A condition on an event further back is false.
 */
export function lookbackOf(condition: Expression, isTime: IsEventTime): number | undefined {
  if (condition.kind === 'logic') {
    const bounds = condition.operands.map((operand) => lookbackOf(operand, isTime));
    return condition.operator === 'and' ? smallest(bounds) : largest(bounds);
  }
  if (condition.kind === 'occurs')
    return isTime(condition.time) ? lookbackWithin(condition.constraint) : undefined;
  if (condition.kind !== 'compare') return undefined;
  if (isTime(condition.left) && (condition.operator === '>' || condition.operator === '>='))
    return distanceOf(condition.right);
  if (isTime(condition.right) && (condition.operator === '<' || condition.operator === '<='))
    return distanceOf(condition.left);
  return undefined;
}

/** The same of a time that fulfils a constraint. */
export function lookbackWithin(constraint: TimeConstraint): number | undefined {
  if (constraint.kind === 'between') return distanceOf(constraint.from);
  const base = distanceOf(constraint.reference);
  if (base === undefined) return undefined;
  if (constraint.kind === 'on')
    // An instant with an offset stands for the whole unit of the calendar it is in.
    return constraint.reference.kind === 'offset' ? base + longest[constraint.reference.unit] : base;
  if (constraint.kind === 'side') return constraint.direction === 'after' ? base : undefined;
  const unit = longest[constraint.unit];
  const { operator } = constraint;
  if (operator === '!=') return undefined;
  if (constraint.direction === 'after') return operator === '=' ? base + unit : base;
  if (operator === '>' || operator === '>=') return undefined;
  return base + constraint.amount * unit + (operator === '=' ? unit : 0);
}

/** How far before `now` a time can at most begin; undefined for one that stands still or belongs to a profile. */
function distanceOf(node: Expression): number | undefined {
  if (node.kind === 'instant')
    return node.name === 'yesterday' ? 2 * dayMs : node.name === 'today' ? dayMs : 0;
  if (node.kind === 'period') {
    if (node.which === 'next') return 0;
    return (node.which === 'last' ? 2 : 1) * longest[node.unit];
  }
  if (node.kind !== 'offset') return undefined;
  const base = distanceOf(node.reference);
  if (base === undefined) return undefined;
  return node.direction === 'after' ? base : base + node.amount * longest[node.unit];
}

export function smallest(bounds: readonly (number | undefined)[]): number | undefined {
  const known = bounds.filter((bound) => bound !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

export function largest(bounds: readonly (number | undefined)[]): number | undefined {
  let most: number | undefined = 0;
  for (const bound of bounds)
    most = bound === undefined || most === undefined ? undefined : Math.max(most, bound);
  return most;
}

/** The times a constraint names. */
export const referencesOf = (constraint: TimeConstraint): readonly Expression[] =>
  constraint.kind === 'between' ? [constraint.from, constraint.to] : [constraint.reference];
