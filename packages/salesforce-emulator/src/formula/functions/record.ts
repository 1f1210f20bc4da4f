import { idChecksum } from '../../org/record-id.ts';
import {
  argument,
  describeCall,
  illegalArgument,
  requireCount,
  requireType,
  wrongType,
} from '../call-check.ts';
import { FormulaRefusal } from '../formula-problem.ts';
import type { FormulaValue } from '../formula-type.ts';
import { strict } from '../strict-function.ts';
import type { Call, FieldTerm, FunctionRule, FunctionRules } from '../term.ts';

/** The field a change-tracking function asks for: one of the record itself. */
function ownField(call: Call): FieldTerm {
  requireCount(call, 1);
  const { field, at } = argument(call, 0);
  if (field === undefined || field.prior) throw illegalArgument(call);
  if (field.written.includes('.'))
    throw new FormulaRefusal(`The ${call.name} function cannot reference the ${field.written} field.`, at);
  call.readsPrior(field.path);
  return field;
}

const isChanged: FunctionRule = (call) => {
  const { runPrior } = ownField(call);
  const { run } = argument(call, 0);
  return {
    type: 'boolean',
    run: (context) => !context.isNew && comparable(run(context)) !== comparable(runPrior(context)),
  };
};

/** Line ends of other systems are no change. */
const comparable = (value: FormulaValue): FormulaValue =>
  typeof value === 'string' ? value.replaceAll('\r\n', '\n') : value;

/** Of a new record the value itself. */
const priorValue: FunctionRule = (call) => {
  const field = ownField(call);
  const { type, run } = argument(call, 0);
  return {
    type,
    field: { ...field, prior: true },
    run: (context) => (context.isNew ? run : field.runPrior)(context),
  };
};

const isPickVal: FunctionRule = (call) => {
  requireCount(call, 2);
  const { type, run } = argument(call, 0);
  if (type !== 'picklist') throw wrongType(call, argument(call, 0), ['picklist']);
  const wanted = textLiteral(call, 1).toLowerCase();
  return { type: 'boolean', run: (context) => String(run(context) ?? '').toLowerCase() === wanted };
};

const includes: FunctionRule = (call) => {
  requireCount(call, 2);
  const run = multiPicklist(call);
  const wanted = textLiteral(call, 1).toLowerCase();
  if (wanted.trim() === '')
    throw new FormulaRefusal(
      `Incorrect parameter for ${describeCall(call.name)}. Text Literal must be a valid value for this multi-select picklist field.`,
      argument(call, 1).at,
    );
  return {
    type: 'boolean',
    run: (context) => selected(run(context)).some((value) => value.toLowerCase() === wanted),
  };
};

function multiPicklist(call: Call) {
  const { type, run } = argument(call, 0);
  if (type !== 'multipicklist') throw wrongType(call, argument(call, 0), ['multipicklist']);
  return run;
}

const selected = (value: FormulaValue): readonly string[] =>
  typeof value === 'string' ? value.split(';') : [];

function textLiteral(call: Call, index: number): string {
  const term = argument(call, index);
  if (typeof term.literal === 'string') return term.literal;
  throw new FormulaRefusal(
    `Incorrect parameter type for ${describeCall(call.name)}. Expected Text Literal, received Text`,
    term.at,
  );
}

const caseSafeId: FunctionRule = (call) => {
  requireCount(call, 1);
  const run = requireType(call, 0, 'text');
  return {
    type: 'text',
    run: (context) => {
      const id = run(context);
      return typeof id === 'string' && /^[0-9A-Za-z]{15}$/.test(id) ? id + idChecksum(id) : id;
    },
  };
};

/** What only a record being saved has: its changes, its picklists, its ids. No API call clones a record. */
export const recordFunctions: FunctionRules = {
  CASESAFEID: caseSafeId,
  INCLUDES: includes,
  ISCHANGED: isChanged,
  ISCLONE: strict([], 'boolean', () => false),
  ISNEW: (call) => {
    requireCount(call, 0);
    return { type: 'boolean', run: ({ isNew }) => isNew };
  },
  ISPICKVAL: isPickVal,
  PICKLISTCOUNT: (call) => {
    requireCount(call, 1);
    const run = multiPicklist(call);
    return { type: 'number', run: (context) => selected(run(context)).length };
  },
  PRIORVALUE: priorValue,
};
