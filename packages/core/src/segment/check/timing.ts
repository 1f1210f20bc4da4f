import type { RuleTiming } from '../subject.ts';
import type { Expression, TimeConstraint } from '../syntax/ast.ts';
import { childrenOf } from './children.ts';

/** Whether a rule's result can change at instants of the profile's own, or with the calendar. */
export function timingOf(rule: Expression): RuleTiming {
  let byInstant = false;
  let byCalendar = false;
  const walk = (node: Expression): void => {
    if (node.kind === 'instant' && node.name === 'now') byInstant = true;
    else if (node.kind === 'instant' || node.kind === 'period') byCalendar = true;
    else if (node.kind === 'call' && node.target === undefined && node.name.startsWith('current'))
      byCalendar = true;
    else if (node.kind === 'call' && node.name.startsWith('get') && node.target?.kind !== 'path') {
      // The month of now changes with the calendar although it is asked of an instant.
      if (node.target !== undefined && timingOf(node.target).byInstant) byCalendar = true;
    } else if (node.kind === 'occurs' && movesByUnit(node.constraint)) byCalendar = true;
    else if (node.kind === 'chain' && node.steps.some(({ when }) => when !== undefined && movesByUnit(when)))
      byCalendar = true;
    for (const child of childrenOf(node)) walk(child);
  };
  walk(rule);
  return { byInstant, byCalendar };
}

/** `= 3 days before now`, `on (3 days before now)`: within a unit of the calendar that moves with `now`. */
function movesByUnit(constraint: TimeConstraint): boolean {
  if (constraint.kind === 'distance')
    return (
      (constraint.operator === '=' || constraint.operator === '!=') &&
      timingOf(constraint.reference).byInstant
    );
  return (
    constraint.kind === 'on' &&
    constraint.reference.kind === 'offset' &&
    timingOf(constraint.reference).byInstant
  );
}
