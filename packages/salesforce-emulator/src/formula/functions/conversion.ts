import { argument, illegalArgument, requireCount, requireType } from '../call-check.ts';
import { parseDecimal, plainDigits } from '../decimal.ts';
import { EvaluationFault } from '../evaluation.ts';
import type { FormulaType } from '../formula-type.ts';
import { strict } from '../strict-function.ts';
import type { FunctionRule, FunctionRules } from '../term.ts';

const isNumber: FunctionRule = (call) => {
  requireCount(call, 1);
  if (argument(call, 0).type !== 'text') throw illegalArgument(call);
  const { run } = argument(call, 0);
  return {
    type: 'boolean',
    run: (context) => {
      const value = run(context);
      return typeof value === 'string' && parseDecimal(value) !== undefined;
    },
  };
};

function parseValue(text: string): number {
  const value = parseDecimal(text);
  if (value === undefined) throw new EvaluationFault("The value 'null' is not a valid number.");
  return value;
}

const toText: FunctionRule = (call) => {
  requireCount(call, 1);
  const term = argument(call, 0);
  const run = requireType(call, 0, 'number', 'date', 'datetime', 'picklist');
  const convert = typeof term.literal === 'number' ? plainDigits : textOf(term.type);
  return {
    type: 'text',
    run: (context) => {
      const value = run(context);
      return typeof value === 'number' ? convert(value) : value;
    },
  };
};

/** Orgs leave the zero before the point away, but for a number written in the formula. */
const textOf = (type: FormulaType): ((value: number) => string) =>
  type === 'datetime'
    ? (value) => `${new Date(value).toISOString().slice(0, 19).replace('T', ' ')}Z`
    : (value) => plainDigits(value).replace(/^(-?)0\./, '$1.');

/** Between text and values of other types. */
export const conversionFunctions: FunctionRules = {
  ISNUMBER: isNumber,
  TEXT: toText,
  VALUE: strict(['text'], 'number', parseValue),
};
