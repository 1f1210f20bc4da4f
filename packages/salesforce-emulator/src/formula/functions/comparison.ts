import { argument, refusePicklist, requireCount, wrongType } from '../call-check.ts';
import { decimal } from '../decimal.ts';
import { commonType, type FormulaType, type FormulaValue, isTextual } from '../formula-type.ts';
import type { FunctionRule, FunctionRules } from '../term.ts';

const comparable = (value: FormulaValue): FormulaValue =>
  typeof value === 'number' ? decimal(value) : value;

/**
 * Blank text equals the empty text; with any other blank value neither `=` nor `<>` is true: both are blank, as
 * in SQL. Text is compared with regard to case.
 */
const equality =
  (whenEqual: boolean): FunctionRule =>
  (call) => {
    requireCount(call, 2);
    const left = argument(call, 0);
    const right = argument(call, 1);
    refusePicklist(left);
    refusePicklist(right);
    if (commonType(left.type, right.type) === undefined) throw wrongType(call, right, [left.type]);
    const blank = isTextual(left.type) || isTextual(right.type) ? '' : null;
    return {
      type: 'boolean',
      run: (context) => {
        const leftValue = comparable(left.run(context)) ?? blank;
        const rightValue = comparable(right.run(context)) ?? blank;
        if (leftValue === null || rightValue === null) return null;
        return (leftValue === rightValue) === whenEqual;
      },
    };
  };

const ordered: readonly FormulaType[] = ['number', 'date', 'datetime', 'text', 'id', 'null'];

const order =
  (holds: (left: string | number, right: string | number) => boolean): FunctionRule =>
  (call) => {
    requireCount(call, 2);
    const left = argument(call, 0);
    const right = argument(call, 1);
    refusePicklist(left);
    refusePicklist(right);
    if (commonType(left.type, right.type) === undefined) throw wrongType(call, right, [left.type]);
    for (const term of [left, right])
      if (!ordered.includes(term.type)) throw wrongType(call, term, ['number', 'date', 'datetime']);
    return {
      type: 'boolean',
      run: (context) => {
        const leftValue = comparable(left.run(context));
        const rightValue = comparable(right.run(context));
        return isOrdered(leftValue) && isOrdered(rightValue) ? holds(leftValue, rightValue) : null;
      },
    };
  };

const isOrdered = (value: FormulaValue): value is string | number =>
  value !== null && typeof value !== 'boolean';

export const comparisonOperators: FunctionRules = {
  '=': equality(true),
  '<>': equality(false),
  '<': order((left, right) => left < right),
  '>': order((left, right) => left > right),
  '<=': order((left, right) => left <= right),
  '>=': order((left, right) => left >= right),
};
