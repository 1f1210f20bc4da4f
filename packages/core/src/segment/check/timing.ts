import type { RuleTiming } from '../subject.ts';
import type { Expression, TimeConstraint } from '../syntax/ast.ts';
import { childrenOf } from '../syntax/walk.ts';

/** Whether a rule's result can change at instants of the profile's own, or with the calendar. */
export function timingOf(node: Expression): RuleTiming {
  const inside = childrenOf(node).map(timingOf);
  const byInstant = inside.some((child) => child.byInstant);
  const byCalendar = inside.some((child) => child.byCalendar);
  switch (node.kind) {
    case 'instant':
      return node.name === 'now' ? { byInstant: true, byCalendar } : { byInstant, byCalendar: true };
    case 'period':
      return { byInstant, byCalendar: true };
    case 'call':
      return {
        byInstant,
        byCalendar: byCalendar || isCurrent(node.name) || (byInstant && isPart(node.name)),
      };
    case 'occurs':
      return { byInstant, byCalendar: byCalendar || (byInstant && isByUnit(node.constraint)) };
    case 'chain': {
      const isUnit = node.steps.some(({ when }) => when !== undefined && isByUnit(when));
      return { byInstant, byCalendar: byCalendar || (byInstant && isUnit) };
    }
    default:
      return { byInstant, byCalendar };
  }
}

const isCurrent = (name: string): boolean =>
  name === 'currentMonth' || name === 'currentYear' || name === 'currentDayOfMonth';

/** The month of `now` changes with the calendar. */
const isPart = (name: string): boolean =>
  name === 'getMonth' || name === 'getYear' || name === 'getDayOfMonth';

/** `= 3 days before now`, `on (3 days before now)`: within a unit of the calendar that moves with `now`. */
const isByUnit = (constraint: TimeConstraint): boolean =>
  (constraint.kind === 'distance' && (constraint.operator === '=' || constraint.operator === '!=')) ||
  constraint.kind === 'on';
