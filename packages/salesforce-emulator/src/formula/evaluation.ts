import type { FormulaValue } from './formula-type.ts';

/** What a formula is evaluated against: one record as it would be saved, and as it was. */
export interface EvaluationContext {
  /** The value to be saved; the path is one that `resolveField` returned. Booleans also as 0 and 1. */
  readonly value: (path: string) => FormulaValue;
  /** The value before this save. Not called for a new record. */
  readonly prior: (path: string) => FormulaValue;
  readonly isNew: boolean;
  /** The time of the save, in epoch milliseconds. */
  readonly now: number;
}

/** Part of a compiled formula. A blank value is null; blank text is null and never the empty string. */
export type Run = (context: EvaluationContext) => FormulaValue;

/** Stops an evaluation that has no value, such as a division by zero; `evaluate` catches it. */
export class EvaluationFault extends Error {}
