import type { Binding, ChainExpression, ChainStep, Expression, TimeConstraint } from '../syntax/ast.ts';
import { sayConstraint } from './describe-time.ts';

/** How the parts of a node are said. */
export type Saying = {
  readonly value: (node: Expression) => string;
  /** As something that is true or not. */
  readonly condition: (node: Expression) => string;
};

/** Whether a node is all events: they are said as such, not as a field. */
export const isEvents = (node: Expression): boolean =>
  node.kind === 'path' && node.root.kind === 'events' && node.steps.length === 0;

const bodyOf = (node: Expression): Expression => (node.kind === 'lambda' ? node.body : node);

/**
 * What is said of each item: `with Event type is "purchase" in the last 7 days`. A constraint on the time of an event
 * follows without naming the time.
 */
export function sayItems(lambda: Expression | undefined, saying: Saying): string {
  if (lambda === undefined) return '';
  const condition = bodyOf(lambda);
  const parts = condition.kind === 'logic' && condition.operator === 'and' ? condition.operands : [condition];
  const said: string[] = [];
  const times: string[] = [];
  for (const part of parts) {
    const constraint = constraintOnTime(part);
    if (constraint !== undefined) times.push(sayConstraint(constraint, saying.value));
    else said.push(part.kind === 'logic' ? `(${saying.condition(part)})` : saying.condition(part));
  }
  const what = said.length === 0 ? '' : ` with ${said.join(' and ')}`;
  return `${what}${times.map((time) => ` ${time}`).join(' and')}`;
}

/** Of the item's own `timestamp`. */
function constraintOnTime(node: Expression): TimeConstraint | undefined {
  if (node.kind !== 'occurs' || node.time.kind !== 'path') return undefined;
  const { root, steps } = node.time;
  const isOwn = root.kind === 'variable' || (root.kind === 'scope' && root.up === 0);
  return isOwn && steps.length === 1 && steps[0]?.key === 'timestamp' ? node.constraint : undefined;
}

/** Calls whose argument is a condition on the items; undefined for others. */
export function sayListCall(
  node: Expression & { readonly kind: 'call' },
  target: Expression,
  saying: Saying,
): string | undefined {
  // Said only where it is needed: a part said twice at each level would be said without end.
  const items = (): string => sayItems(node.arguments[0], saying);
  const isOfEvents = isEvents(target);
  switch (node.name) {
    case 'filter':
      return `${isOfEvents ? 'events' : saying.value(target)}${items()}`;
    case 'exists':
      if (isOfEvents) return `has an event${items()}`;
      if (isEventList(target)) return `has an event${items()} among ${saying.value(target)}`;
      return `${saying.value(target)} has an item${items()}`;
    case 'forall':
      return isOfEvents ? `has only events${items()}` : `${saying.value(target)} has only items${items()}`;
    case 'count':
      return `the number of ${isEventList(target) ? '' : 'items in '}${saying.value(target)}`;
    default:
      return undefined;
  }
}

/** Events, or those of them that a filter leaves. */
export const isEventList = (node: Expression): boolean =>
  isEvents(node) ||
  (node.kind === 'call' && node.name === 'filter' && node.target !== undefined && isEventList(node.target));

/** `some E of events and some I of E › Product list items`. */
export const sayBindings = (bindings: readonly Binding[], word: string, saying: Saying): string =>
  bindings.map(({ variable, source }) => `${word} ${variable} of ${saying.value(source)}`).join(' and ');

/** `has in this order: C0: an event with …; then C1: …`. */
export function sayChain(node: ChainExpression, saying: Saying): string {
  const steps = node.steps.map((step) => sayStep(step, saying));
  return `has ${isEvents(node.events) ? 'events' : saying.value(node.events)} in this order: ${steps.join('; then ')}`;
}

function sayStep({ label, what, isExcluded, count, when }: ChainStep, saying: Saying): string {
  const time = when === undefined ? '' : ` ${sayConstraint(when, saying.value)}`;
  const many = count === undefined ? 'an event' : `${countWords[count.operator]}${count.amount} events`;
  return `${label}: ${isExcluded ? 'no event' : many} with ${saying.condition(what)}${time}`;
}

const countWords = {
  '=': 'exactly ',
  '!=': 'not ',
  '>': 'more than ',
  '>=': 'at least ',
  '<': 'fewer than ',
  '<=': 'at most ',
} as const;
