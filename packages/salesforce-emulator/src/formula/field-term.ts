import { decimal } from './decimal.ts';
import type { Run } from './evaluation.ts';
import { FormulaRefusal } from './formula-problem.ts';
import type { FormulaFieldType, FormulaValue } from './formula-type.ts';
import type { Term } from './term.ts';

/** A field as the formula's owner knows it: its path in its own spelling, and its type. */
export interface ResolvedField {
  readonly path: string;
  readonly type: FormulaFieldType;
}

/** Finds a field by its path, in any case (`email`, `Account.Name`, `$User.Username`); undefined for none. */
export type ResolveField = (path: string) => ResolvedField | undefined;

/** The term of a field. Throws a `FormulaRefusal` when there is none. */
export function fieldTerm(written: string, at: number, resolveField: ResolveField): Term {
  const field = resolveField(written);
  if (field === undefined)
    throw written.startsWith('$')
      ? new FormulaRefusal(`The merge field ${written} is not implemented by the emulator`, at, 'unsupported')
      : new FormulaRefusal(`Field ${written} does not exist. Check spelling.`, at);
  return {
    type: field.type === 'percent' ? 'number' : field.type,
    run: readField(field.type, ({ value }) => value(field.path)),
    at,
    field: {
      path: field.path,
      written,
      prior: false,
      runPrior: readField(field.type, ({ prior }) => prior(field.path)),
    },
  };
}

/** A stored value as formulas see it. */
function readField(type: FormulaFieldType, stored: Run): Run {
  switch (type) {
    case 'boolean':
      return (context) => isTrue(stored(context));
    case 'percent':
      return (context) => fraction(stored(context));
    case 'id':
      return (context) => shortId(stored(context));
    case 'text':
    case 'picklist':
    case 'multipicklist':
      return (context) => stored(context) || null;
    default:
      return stored;
  }
}

/** A checkbox is never blank. */
const isTrue = (value: FormulaValue): boolean => value === true || value === 1;

const fraction = (value: FormulaValue): FormulaValue =>
  typeof value === 'number' ? decimal(value / 100) : null;

/** Formulas see ids of 15 characters. */
const shortId = (value: FormulaValue): FormulaValue =>
  typeof value === 'string' && value !== '' ? value.slice(0, 15) : null;
