import { EvaluationFault } from './evaluation.ts';
import type { FormulaValue } from './formula-type.ts';

/** More than the longest text field holds (131,072), little enough for thousands of evaluations a second. */
const maxTextLength = 262_144;

/** Refuses to make a text of this many characters. */
export function checkTextLength(length: number): void {
  if (length > maxTextLength) throw new EvaluationFault('The text is too long');
}

/** Two texts, or the one that is not blank. */
export function joinText(left: FormulaValue, right: FormulaValue): FormulaValue {
  if (typeof left !== 'string') return right;
  if (typeof right !== 'string') return left;
  checkTextLength(left.length + right.length);
  return left + right;
}
