import { dateOfDayNumber, dayMs, dayNumber, instant } from '../calendar.ts';
import { argument, refusePicklist, requireCount, requireType, wrongType } from '../call-check.ts';
import { finite, whole } from '../decimal.ts';
import { EvaluationFault, type Run } from '../evaluation.ts';
import type { FormulaType, FormulaValue } from '../formula-type.ts';
import { isTextual } from '../formula-type.ts';
import { strict } from '../strict-function.ts';
import type { Call, FunctionRule, FunctionRules } from '../term.ts';
import { joinText } from '../text-size.ts';

/** Days are cut to whole ones before they are added to a date, and rounded to seconds for a dateTime. */
const shiftDate = (date: string, days: number): string => dateOfDayNumber(dayNumber(date) + whole(days));
const shiftInstant = (epochMs: number, days: number): number =>
  instant(epochMs + Math.round(days * 86_400) * 1000);

const numeric = (type: FormulaType, apply: (left: number, right: number) => FormulaValue): FunctionRule =>
  binary(type, (left, right) =>
    typeof left === 'number' && typeof right === 'number' ? apply(left, right) : null,
  );

/** A rule for operands whose types were chosen before; blank when one of them is. */
const binary =
  (type: FormulaType, apply: (left: FormulaValue, right: FormulaValue) => FormulaValue): FunctionRule =>
  (call) => {
    const left = argument(call, 0).run;
    const right = argument(call, 1).run;
    return {
      type,
      run: (context) => {
        const leftValue = left(context);
        const rightValue = right(context);
        return leftValue === null || rightValue === null ? null : apply(leftValue, rightValue);
      },
    };
  };

const dateAndDays = (type: FormulaType, sign: 1 | -1): FunctionRule =>
  binary(type, (left, right) =>
    typeof right !== 'number'
      ? null
      : typeof left === 'string'
        ? shiftDate(left, sign * right)
        : typeof left === 'number'
          ? shiftInstant(left, sign * right)
          : null,
  );

const daysAndDate =
  (type: FormulaType): FunctionRule =>
  (call) =>
    dateAndDays(type, 1)({ ...call, args: [argument(call, 1), argument(call, 0)] });

const additions: Readonly<Record<string, FunctionRule>> = {
  'number number': numeric('number', (left, right) => finite(left + right)),
  'date number': dateAndDays('date', 1),
  'datetime number': dateAndDays('datetime', 1),
  'number date': daysAndDate('date'),
  'number datetime': daysAndDate('datetime'),
};

const subtractions: Readonly<Record<string, FunctionRule>> = {
  'number number': numeric('number', (left, right) => finite(left - right)),
  'date number': dateAndDays('date', -1),
  'datetime number': dateAndDays('datetime', -1),
  'date date': binary('number', (left, right) =>
    typeof left === 'string' && typeof right === 'string' ? dayNumber(left) - dayNumber(right) : null,
  ),
  'datetime datetime': numeric('number', (left, right) => finite((left - right) / dayMs)),
};

/** One of the rules, by the types of both operands. */
function byTypes(call: Call, rules: Readonly<Record<string, FunctionRule>>): ReturnType<FunctionRule> {
  const left = argument(call, 0);
  const right = argument(call, 1);
  refusePicklist(left);
  refusePicklist(right);
  if (left.type === 'null' || right.type === 'null') return { type: 'null', run: () => null };
  const rule = rules[`${left.type} ${right.type}`];
  if (rule !== undefined) return rule(call);
  const leftFits = Object.keys(rules).some((types) => types.startsWith(`${left.type} `));
  throw wrongType(call, leftFits ? right : left, leftFits ? ['number'] : ['number', 'date', 'datetime']);
}

const signed = (call: Call, sign: 1 | -1): ReturnType<FunctionRule> => {
  const run = requireType(call, 0, 'number');
  return { type: 'number', run: (context) => negatedIf(run(context), sign) };
};
const negatedIf = (value: FormulaValue, sign: 1 | -1): FormulaValue =>
  typeof value === 'number' ? value * sign + 0 : null;

const add: FunctionRule = (call) => {
  requireCount(call, 1, 2);
  if (call.args.length === 1) return signed(call, 1);
  return isTextual(argument(call, 0).type) ? concatenate(call) : byTypes(call, additions);
};

const subtract: FunctionRule = (call) => {
  requireCount(call, 1, 2);
  return call.args.length === 1 ? signed(call, -1) : byTypes(call, subtractions);
};

/** Blank text adds nothing. */
const concatenate: FunctionRule = (call) => {
  requireCount(call, 2);
  const left: Run = requireType(call, 0, 'text');
  const right: Run = requireType(call, 1, 'text');
  return { type: 'text', run: (context) => joinText(left(context), right(context)) };
};

/** Whole exponents only, and results up to 10^64, as Salesforce has it. */
function power(base: number, exponent: number): number {
  const result = base ** exponent;
  if (!Number.isInteger(exponent) || !(Math.abs(result) <= 1e64))
    throw new EvaluationFault('Out of range argument to POWER() function');
  return finite(result);
}

function divide(left: number, right: number): number {
  if (right === 0) throw new EvaluationFault('Division by zero');
  return finite(left / right);
}

export const arithmeticOperators: FunctionRules = {
  '+': add,
  '-': subtract,
  '&': concatenate,
  '*': strict(['number', 'number'], 'number', (left, right) => finite(left * right)),
  '/': strict(['number', 'number'], 'number', divide),
  '^': strict(['number', 'number'], 'number', power),
};
