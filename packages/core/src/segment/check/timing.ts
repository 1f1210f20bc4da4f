import type { RuleTiming } from '../subject.ts';
import type { Expression } from '../syntax/ast.ts';
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
      return { byInstant, byCalendar: byCalendar || isCurrent(node.name) };
    default:
      return { byInstant, byCalendar };
  }
}

const isCurrent = (name: string): boolean =>
  name === 'currentMonth' || name === 'currentYear' || name === 'currentDayOfMonth';
