import type { Run } from './evaluation.ts';
import { FormulaRefusal } from './formula-problem.ts';
import { type FormulaType, isTextual, typeLabel } from './formula-type.ts';
import type { Call, Term } from './term.ts';

/** A function or operator as Salesforce's messages name it. */
export const describeCall = (name: string): string =>
  /^[A-Z]/.test(name) ? `function '${name}()'` : `operator '${name}'`;

/** Refuses a call with too few or too many arguments. */
export function requireCount(call: Call, least: number, most = least): void {
  const count = call.args.length;
  if (count >= least && count <= most) return;
  const expected = count < least ? least : most;
  throw new FormulaRefusal(
    `Incorrect number of parameters for ${describeCall(call.name)}. Expected ${expected}, received ${count}`,
    call.at,
  );
}

/** Refuses a picklist where its value is not to be had. */
export function refusePicklist(term: Term): void {
  if (term.type !== 'picklist' && term.type !== 'multipicklist') return;
  const kind = term.type === 'picklist' ? 'picklist' : 'multi-select picklist';
  const plural = term.type === 'picklist' ? 'Picklist' : 'Multi-select picklist';
  throw new FormulaRefusal(
    `Field ${term.field?.written ?? ''} is a ${kind} field. ${plural} fields are only supported in certain functions.`,
    term.at,
  );
}

/** The refusal of an argument of the wrong type. */
export const wrongType = (call: Call, term: Term, expected: readonly FormulaType[]): FormulaRefusal =>
  new FormulaRefusal(
    `Incorrect parameter type for ${describeCall(call.name)}. Expected ${expected.map(typeLabel).join(', ')}, received ${typeLabel(term.type)}`,
    term.at,
  );

/** The refusal of arguments a function cannot work with at all. */
export const illegalArgument = (call: Call): FormulaRefusal =>
  new FormulaRefusal(`Incorrect argument type for ${describeCall(call.name)}.`, call.at);

const fits = (type: FormulaType, expected: FormulaType): boolean =>
  type === 'null' || type === expected || (expected === 'text' && isTextual(type));

/** The argument at this place. */
export function argument(call: Call, index: number): Term {
  const term = call.args[index];
  if (term === undefined) throw new TypeError(`${call.name} has no argument ${index}.`);
  return term;
}

/** Runs the argument at this place, which must have one of the types. */
export function requireType(call: Call, index: number, ...expected: readonly FormulaType[]): Run {
  const term = argument(call, index);
  if (expected.some((type) => fits(term.type, type))) return term.run;
  refusePicklist(term);
  throw wrongType(call, term, expected);
}
