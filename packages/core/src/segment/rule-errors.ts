import { type ErrorDetail, HeadraceError } from '../errors/headrace-error.ts';

export type RuleFault = { readonly position: number; readonly message: string };

/** More faults than this help nobody. */
const mostReported = 50;

/** One `invalid_input` error for all faults of a rule, in the order of the text. */
export function ruleError(text: string, faults: readonly RuleFault[]): HeadraceError {
  const details: ErrorDetail[] = faults
    .toSorted((a, b) => a.position - b.position)
    .slice(0, mostReported)
    .map(({ position, message }) => ({ position, message: `${placeOf(text, position)}: ${message}` }));
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new HeadraceError('invalid_input', `The rule cannot be used. ${details[0]?.message ?? ''}${more}`, {
    details,
  });
}

function placeOf(text: string, position: number): string {
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  return `Line ${line}, column ${position - before.lastIndexOf('\n')}`;
}
