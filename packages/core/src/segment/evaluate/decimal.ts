import Big from 'big.js';
import type { ArithmeticOperator } from '../syntax/ast.ts';

/** Significant digits of a quotient before it is rounded to the nearest double. */
const Decimal = Big();
Decimal.DP = 40;
Decimal.RM = Big.roundHalfEven;
Decimal.PE = 400;
Decimal.NE = -400;

/** Whole numbers whose results are exact as doubles. */
const isSmall = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= 94_906_265;

const toDouble = (value: Big): number | undefined => {
  const double = Number(value.toString());
  return Number.isFinite(double) ? double : undefined;
};

/**
 * Numbers are the decimals they are written as. The exact result is rounded once, to the nearest double; a quotient is
 * taken to 40 decimal places first. Division by zero, and what is beyond the range of a double, is absent. `%` has the
 * sign of its left side.
 */
export function compute(operator: ArithmeticOperator, a: number, b: number): number | undefined {
  if (isSmall(a) && isSmall(b) && operator !== '/') {
    if (operator === '+') return a + b;
    if (operator === '-') return a - b;
    if (operator === '*') return a * b;
    return b === 0 ? undefined : (a % b) + 0;
  }
  const [left, right] = [new Decimal(a), new Decimal(b)];
  switch (operator) {
    case '+':
      return toDouble(left.plus(right));
    case '-':
      return toDouble(left.minus(right));
    case '*':
      return toDouble(left.times(right));
    case '/':
      return b === 0 ? undefined : toDouble(left.div(right));
    case '%':
      return b === 0 ? undefined : remainder(a, b);
  }
}

/** The remainder of doubles is exact where their decimals are; else that of the decimals. */
function remainder(a: number, b: number): number | undefined {
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return a % b;
  // Far apart, `mod` would count up every digit between them.
  if (Math.abs(a) > Math.abs(b) * 1e60) return a % b;
  return toDouble(new Decimal(a).mod(new Decimal(b)));
}

/** The exact sum, rounded once; it does not depend on the order. Nothing is 0. */
export function sum(values: readonly number[]): number | undefined {
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
  for (; index < values.length; index++) total = total.plus(values[index] ?? 0);
  return toDouble(total);
}

/** The exact mean, rounded once; of nothing it is absent. */
export function average(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const total = values.reduce((so, value) => so.plus(value), new Decimal(0));
  return toDouble(total.div(values.length));
}
