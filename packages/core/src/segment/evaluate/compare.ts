import { isSameJson } from '../../profile/same-json.ts';
import type { CompareOperator } from '../syntax/ast.ts';
import { countText, countValue, isNothing } from './cost.ts';
import { noteFlips } from './occurs.ts';
import { countStep, type Run } from './run.ts';
import { compareCodePoints } from './text-compare.ts';
import { asTime, isList, TimeValue, toJson, type Value } from './value.ts';

/** Whether two values stand in a relation. False where either is absent or they cannot be compared. */
export function compare(run: Run, operator: CompareOperator, a: Value, b: Value): boolean {
  if (typeof a !== 'object' && typeof b !== 'object') {
    if (a === undefined || b === undefined) return false;
  } else if (isList(a) !== isList(b)) {
    if (isList(a)) return a.some((item) => counted(run) && compare(run, operator, item, b));
    return isList(b) && b.some((item) => counted(run) && compare(run, operator, a, item));
  } else if (isNothing(run, a) || isNothing(run, b)) return false;
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

/**
 * The one equality: of two values that are there. Values of two kinds differ, but a text beside a time is the time it
 * says; two texts are texts.
 */
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

/** `in` (wanted) or `notIn`, of a list any of its items; false under both where either side is absent. */
export function isMember(run: Run, value: Value, list: Value, wanted: boolean): boolean {
  if (isNothing(run, value) || !isList(list) || list.length === 0) return false;
  if (isList(value)) return value.some((item) => counted(run) && isMember(run, item, list, wanted));
  return has(run, list, value) === wanted;
}

/** Whether a list has a value. */
export const has = (run: Run, list: readonly Value[], value: Value): boolean =>
  !isNothing(run, value) && list.some((item) => counted(run) && isEqual(run, value, item));

function counted(run: Run): true {
  countStep(run);
  return true;
}
