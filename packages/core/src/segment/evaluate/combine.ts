import type { ArithmeticOperator, CompareOperator } from '../syntax/ast.ts';
import type { PqlValue } from './functions.ts';
import type { Condition, NumberReader, TextReader, ValueReader } from './readers.ts';
import { compareCodePoints } from './text-compare.ts';

/* Closures over closures. None allocates when it runs; comparisons with an absent value are false. */

/** `and` or `or` of two conditions or more, from left to right, no further than needed. */
export function join(operator: 'and' | 'or', conditions: readonly Condition[]): Condition {
  const [first, second] = conditions;
  return conditions.length === 2 && first !== undefined && second !== undefined
    ? joinTwo(operator, first, second)
    : joinMany(operator, conditions);
}

function joinTwo(operator: 'and' | 'or', first: Condition, second: Condition): Condition {
  return operator === 'and'
    ? (document) => first(document) && second(document)
    : (document) => first(document) || second(document);
}

function joinMany(operator: 'and' | 'or', conditions: readonly Condition[]): Condition {
  const decisive = operator === 'or';
  return (document) => {
    for (const condition of conditions) if (condition(document) === decisive) return decisive;
    return !decisive;
  };
}

/** Division by zero, and anything beyond the range of a double, is absent. `%` has the sign of its left side. */
export function compute(operator: ArithmeticOperator, left: NumberReader, right: NumberReader): NumberReader {
  const compute = arithmetic[operator];
  return (document) => {
    const a = left(document);
    if (a === undefined) return undefined;
    const b = right(document);
    if (b === undefined) return undefined;
    const result = compute(a, b);
    return Number.isFinite(result) ? result : undefined;
  };
}

const arithmetic: Readonly<Record<ArithmeticOperator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const ordering: Readonly<Record<CompareOperator, (difference: number) => boolean>> = {
  '=': (difference) => difference === 0,
  '!=': (difference) => difference !== 0,
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
  '<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
};

/** `=` or `!=` of two values of one type. */
export function equal(operator: CompareOperator, left: ValueReader, right: ValueReader): Condition {
  const wanted = operator === '=';
  return (document) => {
    const a = left(document);
    if (a === undefined) return false;
    const b = right(document);
    return b !== undefined && (a === b) === wanted;
  };
}

/** The order of two numbers or times. */
export function orderedNumber(operator: CompareOperator, left: NumberReader, right: NumberReader): Condition {
  const holds = ordering[operator];
  return (document) => {
    const a = left(document);
    if (a === undefined) return false;
    const b = right(document);
    return b !== undefined && holds(a < b ? -1 : a > b ? 1 : 0);
  };
}

/** The order of two texts, by code points. */
export function orderedText(operator: CompareOperator, left: TextReader, right: TextReader): Condition {
  const holds = ordering[operator];
  return (document) => {
    const a = left(document);
    if (a === undefined) return false;
    const b = right(document);
    return b !== undefined && holds(compareCodePoints(a, b));
  };
}

/** `in` (wanted) or `notIn` a list that stands in the rule. */
export const inValues =
  (wanted: boolean, value: ValueReader, values: ReadonlySet<PqlValue>): Condition =>
  (document) => {
    const found = value(document);
    return found !== undefined && values.has(found) === wanted;
  };

/** `in` (wanted) or `notIn` a list that the document holds; false under both where either is absent. */
export const inList =
  (wanted: boolean, value: ValueReader, list: ValueReader): Condition =>
  (document) => {
    const found = value(document);
    if (found === undefined) return false;
    const items = list(document);
    return Array.isArray(items) && items.includes(found) === wanted;
  };
