import { requireCount, requireType } from './call-check.ts';
import type { Run } from './evaluation.ts';
import type { FormulaType, FormulaValue } from './formula-type.ts';
import type { FunctionRule } from './term.ts';

type ValueOf<Type extends FormulaType> = Type extends 'number' | 'datetime'
  ? number
  : Type extends 'boolean'
    ? boolean
    : string;

type ValuesOf<Types extends readonly FormulaType[]> = { [Index in keyof Types]: ValueOf<Types[Index]> };

/** A function of fixed arguments that is blank as soon as one of them is. */
export function strict<const Types extends readonly FormulaType[]>(
  types: Types,
  result: FormulaType,
  apply: (...values: ValuesOf<Types>) => FormulaValue,
): FunctionRule {
  // The types of the arguments are checked when the formula is compiled, not at each of its evaluations.
  const applyTo = apply as unknown as (...values: readonly FormulaValue[]) => FormulaValue;
  return (call) => {
    requireCount(call, types.length);
    return {
      type: result,
      run: blankIfAny(
        types.map((type, index) => requireType(call, index, type)),
        applyTo,
      ),
    };
  };
}

function blankIfAny(runs: readonly Run[], apply: (...values: readonly FormulaValue[]) => FormulaValue): Run {
  const [first, second] = runs;
  if (first === undefined) return () => apply();
  if (second === undefined)
    return (context) => {
      const value = first(context);
      return value === null ? null : apply(value);
    };
  if (runs.length === 2)
    return (context) => {
      const left = first(context);
      const right = second(context);
      return left === null || right === null ? null : apply(left, right);
    };
  return (context) => {
    const values = runs.map((run) => run(context));
    return values.includes(null) ? null : apply(...values);
  };
}
