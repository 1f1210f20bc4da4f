import Big from 'big.js';
import type { ArithmeticOperator } from '../syntax/ast.ts';
import { countDecimal } from './cost.ts';
import { countSteps, type Run } from './run.ts';

/** Decimal places of a quotient between a tenth and ten: 34 significant digits at least. */
const Decimal = Big();
Decimal.DP = 34;
Decimal.RM = Big.roundHalfEven;

/** Whole numbers whose results are exact as doubles. */
const isSmall = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= 94_906_265;

const toDouble = (value: Big): number | undefined => {
  const double = Number(value.toString());
  return Number.isFinite(double) ? double : undefined;
};

/**
 * Numbers are the decimals they are written as. The exact result is rounded once, to the nearest double; a quotient is
 * taken to 34 significant digits first. Division by zero, and what is beyond the range of a double, is absent. `%` has
 * the sign of its left side.
 */
export function compute(run: Run, operator: ArithmeticOperator, a: number, b: number): number | undefined {
  if (isSmall(a) && isSmall(b) && operator !== '/') {
    if (operator === '+') return a + b;
    if (operator === '-') return a - b;
    if (operator === '*') return a * b;
    return b === 0 ? undefined : (a % b) + 0;
  }
  if (!Number.isFinite(a) || !Number.isFinite(b)) return undefined;
  countDecimal(run);
  const [left, right] = [new Decimal(a), new Decimal(b)];
  switch (operator) {
    case '+':
      return toDouble(add(left, right));
    case '-':
      return toDouble(add(left, right.neg()));
    case '*':
      return toDouble(left.times(right));
    case '/':
      return b === 0 ? undefined : toDouble(divide(left, right));
    case '%':
      return b === 0 ? undefined : remainder(run, left, right);
  }
}

/** Digits beyond which the lesser of two numbers can no more than tell on which side of the greater their sum lies. */
const tellingDigits = 80;

/** The sum, or what is rounded to the same double. */
function add(a: Big, b: Big): Big {
  if (a.eq(0) || b.eq(0)) return a.plus(b);
  const [greater, lesser] = a.e >= b.e ? [a, b] : [b, a];
  if (greater.e - lesser.e > tellingDigits) lesser.e = greater.e - tellingDigits;
  return greater.plus(lesser);
}

/** Quotients have as many significant digits wherever their point is. */
function divide(a: Big, b: Big): Big {
  const exponent = a.e - b.e;
  const [left, right] = [new Decimal(a), new Decimal(b)];
  left.e = 0;
  right.e = 0;
  const quotient = left.div(right);
  if (!quotient.eq(0)) quotient.e += exponent;
  return quotient;
}

/** The remainder of doubles is exact where their decimals are; else that of the decimals. */
function remainder(run: Run, left: Big, right: Big): number | undefined {
  const [a, b] = [left.toNumber(), right.toNumber()];
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return a % b;
  // Far apart, `mod` would count up every digit between them.
  if (Math.abs(a) > Math.abs(b) * 1e60) return a % b;
  countDecimal(run, 8 * Math.max(0, left.e - right.e));
  return toDouble(left.mod(right));
}

/** The exact sum, rounded once; it does not depend on the order. Nothing is 0. */
export function sum(run: Run, values: readonly number[]): number | undefined {
  const total = exactSum(run, values);
  return typeof total === 'object' ? toDouble(total) : total;
}

/** The exact mean, rounded once; of nothing it is absent. */
export function average(run: Run, values: readonly number[]): number | undefined {
  const total = exactSum(run, values);
  if (total === undefined || values.length === 0) return undefined;
  countDecimal(run);
  return toDouble(divide(new Decimal(total), new Decimal(values.length)));
}

/** Undefined where a value is none, as of JSON with a number beyond a double. */
function exactSum(run: Run, values: readonly number[]): number | Big | undefined {
  let whole = 0;
  let index = 0;
  for (; index < values.length; index++) {
    const value = values[index] ?? 0;
    const next = whole + value;
    if (!Number.isSafeInteger(value) || !Number.isSafeInteger(next)) break;
    whole = next;
  }
  if (index === values.length) return whole;
  let total = new Decimal(whole);
  for (; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (!Number.isFinite(value)) return undefined;
    total = total.plus(value);
    countSteps(run, 6 + (total.c.length >> 4));
  }
  return total;
}
