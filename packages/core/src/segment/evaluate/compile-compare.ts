import type { Expression } from '../syntax/ast.ts';
import { compare, isEqual } from './compare.ts';
import type { Compiling } from './compiling.ts';
import { countText } from './cost.ts';
import { countStep, countSteps, type Reader, type Run } from './run.ts';
import { timeKind } from './time-value.ts';
import { asTime, isList, type Value } from './value.ts';

/** `a = b`, `a < b` and so on. */
export function compileCompare(
  node: Expression & { readonly kind: 'compare' },
  compiling: Compiling,
): Reader {
  const [left, right] = [compiling.compile(node.left, compiling), compiling.compile(node.right, compiling)];
  const { operator } = node;
  const literal = [
    [node.left, node.right],
    [node.right, node.left],
  ].find(([side, beside]) => isText(side) && beside !== undefined && isUntyped(beside, compiling))?.[0];
  const time =
    literal?.kind === 'literal' && typeof literal.value === 'string' && timeKind(literal.value) !== undefined
      ? asTime(literal.value)
      : undefined;
  if (time !== undefined) {
    // Nothing says whether the field holds times: its values do.
    const [other, isLeft] = literal === node.left ? [right, true] : [left, false];
    const text = literal === node.left ? left : right;
    return (run) => {
      const value = other(run);
      if (isList(value)) countSteps(run, value.length);
      const beside = !isList(value) && asTime(value) === undefined ? text(run) : time;
      const known = isList(value) ? value.map((item) => asTime(item) ?? item) : (asTime(value) ?? value);
      return isLeft ? compare(run, operator, beside, known) : compare(run, operator, known, beside);
    };
  }
  if (operator === '=' || operator === '!=') {
    const wanted = operator === '=';
    return (run) => {
      const a = left(run);
      const b = right(run);
      if (typeof a === 'object' || typeof b === 'object') return compare(run, operator, a, b);
      if (typeof a === 'string') countText(run, a.length);
      return a !== undefined && b !== undefined && (a === b) === wanted;
    };
  }
  return (run) => compare(run, operator, left(run), right(run));
}

const isText = (node: Expression | undefined): boolean =>
  node?.kind === 'literal' && typeof node.value === 'string';

/** Whether nobody knows what an expression holds: there is no schema. */
const isUntyped = (node: Expression, { types }: Compiling): boolean =>
  (types.get(node)?.kind ?? 'unknown') === 'unknown';

/** `in` (wanted) or `notIn`; false under both where either side is absent. */
export function isMember(run: Run, value: Value, list: Value, wanted: boolean): boolean {
  if (value === undefined || value === null || !isList(list) || list.length === 0) return false;
  if (isList(value))
    return value.some((item) => {
      countStep(run);
      return isMember(run, item, list, wanted);
    });
  const isIn = list.some((item) => {
    countStep(run);
    return item !== undefined && item !== null && isEqual(run, value, item);
  });
  return isIn === wanted;
}
