import type {
  ChainExpression,
  ChainStep,
  Expression,
  OccursExpression,
  OffsetExpression,
  TimeConstraint,
} from '../syntax/ast.ts';
import { enterLoop, expectCondition } from './check-lambda.ts';
import { alignTime, type Checking, report } from './checking.ts';
import { isTime, isUnknown, itemOrSelf, type PqlType, typeName, unknownType } from './pql-type.ts';
import { withLevel, withVariables } from './scopes.ts';

const boolean: PqlType = { kind: 'boolean' };
const instant: PqlType = { kind: 'instant' };

/** `time occurs …`; of a list of times: any of them. */
export function checkOccurs(node: OccursExpression, checking: Checking): PqlType {
  expectTime(node.time, '"occurs"', checking);
  checkConstraint(node.constraint, checking);
  return boolean;
}

/** `3 days before now`. */
export function checkOffset(node: OffsetExpression, checking: Checking): PqlType {
  expectReference(node.reference, checking);
  return instant;
}

function expectTime(node: Expression, by: string, checking: Checking): void {
  const type = alignTime(node, itemOrSelf(checking.check(node, checking)), instant, checking);
  if (!isTime(type) && !isUnknown(type))
    report(checking, node, `found ${typeName(type)}; ${by} takes a date or a date and time`);
}

/** What a time is compared with: an instant, a day or a period. */
function expectReference(node: Expression, checking: Checking): void {
  const type = alignTime(node, checking.check(node, checking), instant, checking);
  if (!isTime(type) && type.kind !== 'period' && !isUnknown(type))
    report(
      checking,
      node,
      `found ${typeName(type)}; expected a time, such as now, today, last week, date(2020, 3, 14) or 3 days before now`,
    );
}

function checkConstraint(constraint: TimeConstraint, checking: Checking): void {
  if (constraint.kind === 'between') {
    expectReference(constraint.from, checking);
    expectReference(constraint.to, checking);
  } else expectReference(constraint.reference, checking);
}

/** `CHAIN(xEvent, timestamp, […])`. */
export function checkChain(node: ChainExpression, checking: Checking): PqlType {
  const events = checking.check(node.events, checking);
  if (!isUnknown(events) && events.kind !== 'list')
    report(checking, node.events, `found ${typeName(events)}; CHAIN takes a list, such as xEvent`);
  const event = events.kind === 'list' ? events.items : unknownType;
  const inside = enterLoop(node, checking);
  const inEvent = {
    ...inside,
    scopes: withLevel(inside.scopes, { names: event, parameters: [event] }),
  };
  expectTime(node.time, 'CHAIN', inEvent);
  let inner: Checking = inside;
  const labels = new Set<string>();
  for (const step of node.steps) {
    if (labels.has(step.label))
      report(
        checking,
        step.span,
        `found the label ${step.label} a second time; expected one of its own for each step`,
      );
    labels.add(step.label);
    checkStep(step, inEvent, inner);
    inner = { ...inner, scopes: withVariables(inner.scopes, [[step.label, instant]]) };
  }
  if (node.steps.every((step) => step.isExcluded))
    report(
      checking,
      node,
      'found a chain of excluded steps only; expected one step or more that must happen',
    );
  return boolean;
}

function checkStep(step: ChainStep, inEvent: Checking, outside: Checking): void {
  expectCondition(step.what, 'WHAT', inEvent);
  if (step.when !== undefined) checkConstraint(step.when, outside);
}
