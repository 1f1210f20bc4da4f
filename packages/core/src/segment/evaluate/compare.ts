import { canonicalJson } from '../../profile/fragment.ts';
import { isSameJson } from '../../profile/same-json.ts';
import type { CompareOperator } from '../syntax/ast.ts';
import { countText, countValue } from './cost.ts';
import { noteFlips } from './occurs.ts';
import { countStep, type Run } from './run.ts';
import { compareCodePoints } from './text-compare.ts';
import { asTime, isList, TimeValue, toJson, type Value } from './value.ts';

/** Whether two values stand in a relation. False where either is absent or they cannot be compared. */
export function compare(run: Run, operator: CompareOperator, a: Value, b: Value): boolean {
  if (isList(a) !== isList(b)) {
    if (isList(a)) return a.some((item) => counted(run) && compare(run, operator, item, b));
    return isList(b) && b.some((item) => counted(run) && compare(run, operator, a, item));
  }
  if (a === undefined || a === null || b === undefined || b === null) return false;
  if (operator === '=') return isEqual(run, a, b);
  if (operator === '!=') return !isEqual(run, a, b);
  const difference = orderOf(run, a, b);
  if (difference === undefined) return false;
  switch (operator) {
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
  }
}

/** Equal values; a text is equal to the time it says. */
export function isEqual(run: Run, a: Value, b: Value): boolean {
  if (typeof a !== 'object' && typeof b !== 'object') {
    if (typeof a === 'string') countText(run, a.length);
    return a === b;
  }
  if (a instanceof TimeValue || b instanceof TimeValue) return orderOf(run, a, b) === 0;
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((item, index) => counted(run) && isEqual(run, item, b[index]));
  countValue(run, a);
  countValue(run, b);
  return a !== undefined && b !== undefined && isSameJson(toJson(a), toJson(b));
}

/** Negative, zero or positive as `a` comes before, with or after `b`; undefined where values have no order. */
export function orderOf(run: Run, a: Value, b: Value): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') {
    countText(run, Math.min(a.length, b.length));
    return compareCodePoints(a, b);
  }
  if (!(a instanceof TimeValue) && !(b instanceof TimeValue)) return undefined;
  const [left, right] = [asTime(a), asTime(b)];
  if (left === undefined || right === undefined) return undefined;
  noteFlips(run, left, right, [right.begin]);
  return left.begin - right.begin;
}

/** A text under which equal plain values are equal, for sets and groups; undefined for what has none. */
export function keyOf(run: Run, value: Value): string | undefined {
  countValue(run, value);
  if (value === undefined || value === null) return undefined;
  if (value instanceof TimeValue) return `t${value.begin}`;
  if (typeof value === 'object') return `o${canonicalJson(toJson(value))}`;
  return `${(typeof value).charAt(0)}${value}`;
}

function counted(run: Run): true {
  countStep(run);
  return true;
}
