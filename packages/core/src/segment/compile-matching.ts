import type { BinaryNode } from './ast.ts';
import { checkAllowed } from './check-allowed.ts';
import { likePattern } from './like-pattern.ts';
import { expectKind, foundKind, refuse, type TypeCheck, unknownAt } from './type-check.ts';
import {
  areComparable,
  bracketed,
  type Evaluate,
  isMoment,
  nameKinds,
  scalars,
  type TypedExpression,
  toDay,
  type Value,
} from './typed-expression.ts';

/** Patterns longer than this would make a test slow. */
const longestPattern = 1000;

/** `in` and `notIn`: both false when the value or the list is absent. */
export function compileMembership(
  check: TypeCheck,
  node: BinaryNode,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const isLeft = expectKind(check, left, scalars);
  const isRight = expectKind(check, right, ['list']);
  if (!isLeft || !isRight || left.kind === 'unknown' || right.kind === 'unknown')
    return unknownAt(node.position);
  const itemKind = right.itemKind ?? 'unknown';
  if (!areComparable(left.kind, itemKind)) {
    const message = `found a list whose items are each ${nameKinds([itemKind])}, expected ${nameKinds([left.kind])} as ${left.description} is`;
    return refuse(check, right.position, message);
  }
  for (const item of right.items ?? []) checkAllowed(check, left, item);
  const byDay = isMoment(left.kind) && left.kind !== itemKind;
  const isMember = membership(right, byDay);
  const wanted = node.operator === 'in';
  return {
    kind: 'boolean',
    position: left.position,
    description: `${bracketed(left)} ${wanted ? 'is one of' : 'is none of'} ${right.description}`,
    evaluate: (document) => {
      const value = byDay ? toDay(left.evaluate(document)) : left.evaluate(document);
      return value !== undefined && isMember(document, value) === wanted;
    },
  };
}

/** Whether the list holds the value; undefined when there is no list. */
function membership(
  list: TypedExpression,
  byDay: boolean,
): (document: Parameters<Evaluate>[0], value: Value) => boolean | undefined {
  if (list.items !== undefined) {
    const written = new Set<Value>(list.items.map(({ constant }) => constant));
    return (_, value) => written.has(value);
  }
  return (document, value) => {
    const items = list.evaluate(document);
    if (!Array.isArray(items)) return undefined;
    return items.some((item) => (byDay ? toDay(item) : item) === value);
  };
}

/** `like`: false when the text is absent. */
export function compileLike(
  check: TypeCheck,
  node: BinaryNode,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const isLeft = expectKind(check, left, ['text']);
  const isRight = expectKind(check, right, ['text']);
  if (!isLeft || !isRight || right.kind === 'unknown') return unknownAt(node.position);
  const pattern = right.constant;
  if (typeof pattern !== 'string')
    return refuse(check, right.position, `found ${foundKind(right)}, expected a pattern in quotes`);
  if (pattern.length > longestPattern)
    return refuse(
      check,
      right.position,
      `found a pattern of ${pattern.length} characters, expected at most ${longestPattern}`,
    );
  const matches = likePattern(pattern);
  return {
    kind: 'boolean',
    position: left.position,
    description: `${bracketed(left)} matches the pattern ${right.description}`,
    evaluate: (document) => {
      const text = left.evaluate(document);
      return typeof text === 'string' && matches(text);
    },
  };
}
