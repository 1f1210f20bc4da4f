import { type CompareOperator, fieldAt, numberOf } from './json-value.ts';
import {
  allOf,
  type Bound,
  type Condition,
  type RowScope,
  type RuleNode,
  type RuleNodeOf,
  type Translating,
} from './rule-condition.ts';

/** Events of the profile that fulfil a condition, and what is said of each. */
type EventSet = { readonly filter: Condition; readonly row: RowScope };
/** A count or sum; null for a profile without such events. */
type EventNumber = {
  readonly column: string;
  readonly rounded: string;
  readonly isExact: boolean;
};

/** Half of the least double above zero: decimals of doubles have no digits behind the 324th, so their sums neither. */
const roundsToZero = '2.47e-324';
/** Half-way between the greatest double and the one that would follow. */
const roundsToInfinity = String(2n ** 1024n - 2n ** 970n);

const unnamed: RowScope['isRoot'] = (root) =>
  (root.kind === 'scope' && root.up === 0) || (root.kind === 'parameter' && root.number === 1);
const named =
  (name: string): RowScope['isRoot'] =>
  (root) =>
    root.kind === 'variable' && root.name === name;
const eventRow = (isRoot: RowScope['isRoot']): RowScope => ({ document: 'e.document', isRoot });

/** The events a list expression holds; undefined where it is not one of events, or SQL cannot say. */
function eventsOf(node: RuleNode, translating: Translating, bound: Bound): EventSet | undefined {
  if (translating.row.document !== 'p.document') return undefined;
  if (node.kind === 'path' && node.steps.length === 0) {
    if (node.root.kind === 'value') return eventsOf(node.root.value, translating, bound);
    return node.root.kind === 'events'
      ? { filter: { sql: 'true', isExact: true }, row: eventRow(unnamed) }
      : undefined;
  }
  if (node.kind === 'call' && node.name === 'filter' && node.target !== undefined) {
    const inner = eventsOf(node.target, translating, bound);
    return inner && narrowed(inner, node.arguments[0], translating, bound);
  }
  if (node.kind !== 'select') return undefined;
  const selected = selectedOf(node, translating, bound);
  const isWhole =
    selected !== undefined &&
    node.result.kind === 'path' &&
    node.result.steps.length === 0 &&
    selected.row.isRoot(node.result.root);
  return isWhole ? selected : undefined;
}

function narrowed(
  events: EventSet,
  test: RuleNode | undefined,
  translating: Translating,
  bound: Bound,
): EventSet | undefined {
  if (test?.kind !== 'lambda' || test.parameters.length > 1) return undefined;
  const [name] = test.parameters;
  const row = eventRow(name === undefined ? unnamed : named(name));
  return {
    filter: allOf([events.filter, translating.translate(test.body, { ...translating, row }, bound)]),
    row,
  };
}

/** The events of one binding and a condition. */
function selectedOf(
  node: RuleNodeOf<'select'> | RuleNodeOf<'quantifier'>,
  translating: Translating,
  bound: Bound,
): EventSet | undefined {
  const [binding, second] = node.bindings;
  if (binding === undefined || second !== undefined) return undefined;
  const events = eventsOf(binding.source, translating, bound);
  if (events === undefined) return undefined;
  const row = eventRow(named(binding.variable));
  if (node.condition === undefined) return { ...events, row };
  return {
    filter: allOf([events.filter, translating.translate(node.condition, { ...translating, row }, bound)]),
    row,
  };
}

/** `xEvent[…].count()`, `xEvent[…].sum(e)`, `sum X.a over X from xEvent where …`. */
function numberOfEvents(
  node: RuleNode,
  translating: Translating,
  bound: Bound,
  isRising: boolean,
): EventNumber | undefined {
  if (node.kind !== 'call' || node.target === undefined) return undefined;
  if (node.name === 'count') {
    const events = eventsOf(node.target, translating, bound);
    // Only that there are many follows from events that may be too many.
    if (events === undefined || !(events.filter.isExact || isRising)) return undefined;
    const column = translating.columns.add('count(*)', events.filter.sql);
    return { column, rounded: column, isExact: events.filter.isExact };
  }
  if (node.name !== 'sum') return undefined;
  const summed = summedOf(node, translating);
  if (summed === undefined || !summed.events.filter.isExact) return undefined;
  const field = fieldAt(summed.value, { ...translating, row: summed.row });
  if (field?.type !== 'number') return undefined;
  const column = translating.columns.add(`sum(${numberOf(field.sql)})`, summed.events.filter.sql);
  // The exact sum, rounded once; beyond a double it is absent. PostgreSQL would raise an error at either end.
  const rounded = `(case when abs(${column}) < ${roundsToZero} then 0 when abs(${column}) < ${roundsToInfinity} then ${column}::float8 end)`;
  return { column, rounded, isExact: true };
}

function summedOf(node: RuleNodeOf<'call'>, translating: Translating) {
  const [value] = node.arguments;
  if (node.target === undefined) return undefined;
  if (value?.kind === 'lambda' && value.parameters.length < 2) {
    const events = eventsOf(node.target, translating, 'upper');
    const [name] = value.parameters;
    return events && { events, value: value.body, row: eventRow(name === undefined ? unnamed : named(name)) };
  }
  if (value !== undefined || node.target.kind !== 'select') return undefined;
  const events = selectedOf(node.target, translating, 'upper');
  return events && { events, value: node.target.result, row: events.row };
}

/** A count or sum over events beside a number; undefined where SQL cannot say. */
export function compareEvents(
  node: RuleNode,
  operator: CompareOperator,
  literal: RuleNode,
  translating: Translating,
  bound: Bound,
): Condition | undefined {
  if (literal.kind !== 'literal' || typeof literal.value !== 'number') return undefined;
  const number = numberOfEvents(node, translating, bound, operator === '>' || operator === '>=');
  if (number === undefined) return undefined;
  const value = translating.parameters.add(String(literal.value), 'float8');
  const { column, rounded } = number;
  const relation = operator === '!=' ? '<>' : operator;
  const isOfNone = holdsOfNone(operator, literal.value);
  const sql = isOfNone
    ? `(${column} is null or (${rounded} ${relation} ${value}) is true)`
    : `(${column} is not null and (${rounded} ${relation} ${value}) is true)`;
  return { sql, isExact: number.isExact, needsEvents: !isOfNone };
}

/** Whether 0, which the count and sum of nothing are, stands in the relation. */
function holdsOfNone(operator: CompareOperator, value: number): boolean {
  switch (operator) {
    case '=':
      return value === 0;
    case '!=':
      return value !== 0;
    case '>':
      return value < 0;
    case '>=':
      return value <= 0;
    case '<':
      return value > 0;
    case '<=':
      return value >= 0;
  }
}

/** Whether there is such an event: `xEvent[…]`, `exists E from xEvent where …`, `xEvent.exists(…)`. */
export function existsEvent(node: RuleNode, translating: Translating, bound: Bound): Condition | undefined {
  const events = testedEvents(node, translating, bound);
  if (events === undefined) return undefined;
  const column = translating.columns.add('count(*)', events.filter.sql);
  const sql = `(${column} is not null and ${column} > 0)`;
  return { sql, isExact: events.filter.isExact, needsEvents: true };
}

function testedEvents(node: RuleNode, translating: Translating, bound: Bound): EventSet | undefined {
  if (node.kind === 'quantifier')
    return node.quantifier === 'exists' ? selectedOf(node, translating, bound) : undefined;
  if (node.kind === 'call' && node.target !== undefined) {
    if (node.name === 'isNotNull') return eventsOf(node.target, translating, bound);
    if (node.name === 'exists') {
      const events = eventsOf(node.target, translating, bound);
      return events && narrowed(events, node.arguments[0], translating, bound);
    }
  }
  return eventsOf(node, translating, bound);
}
