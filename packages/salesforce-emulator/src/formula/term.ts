import type { Run } from './evaluation.ts';
import type { FormulaType, FormulaValue } from './formula-type.ts';

/** A field of a formula, now or (`prior`) before the save. */
export interface FieldTerm {
  readonly path: string;
  /** As the formula spells it. */
  readonly written: string;
  readonly prior: boolean;
  /** The value before the save. */
  readonly runPrior: Run;
}

/** A checked part of a formula, ready to run. */
export interface Term {
  readonly type: FormulaType;
  readonly run: Run;
  readonly at: number;
  /** The value of a literal; text as written, also when it is empty and so runs to null. */
  readonly literal?: FormulaValue | undefined;
  readonly field?: FieldTerm | undefined;
}

/** A function or operator as called, its arguments checked. */
export interface Call {
  readonly name: string;
  readonly at: number;
  readonly args: readonly Term[];
  /** Says that the formula needs this field's value before the save. */
  readonly readsPrior: (path: string) => void;
}

/** What a function makes of a call. Throws a `FormulaRefusal` for arguments it does not take. */
export type FunctionRule = (call: Call) => Omit<Term, 'at'>;

/** Functions by their name in capitals. */
export type FunctionRules = Readonly<Record<string, FunctionRule>>;
