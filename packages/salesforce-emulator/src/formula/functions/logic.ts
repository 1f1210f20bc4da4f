import {
  argument,
  illegalArgument,
  refusePicklist,
  requireCount,
  requireType,
  wrongType,
} from '../call-check.ts';
import { decimal } from '../decimal.ts';
import { commonType, type FormulaType, type FormulaValue, isTextual } from '../formula-type.ts';
import { strict } from '../strict-function.ts';
import type { Call, FunctionRule, FunctionRules, Term } from '../term.ts';

/** All or any of the conditions; blank counts as false, and the rest is not evaluated once the answer is known. */
const conditions =
  (decisive: boolean): FunctionRule =>
  (call) => {
    requireCount(call, 1, Number.POSITIVE_INFINITY);
    const runs = call.args.map((_, index) => requireType(call, index, 'boolean'));
    return {
      type: 'boolean',
      run: (context) => {
        for (const run of runs) if ((run(context) === true) === decisive) return decisive;
        return !decisive;
      },
    };
  };

const choose: FunctionRule = (call) => {
  requireCount(call, 3);
  const condition = requireType(call, 0, 'boolean');
  const yes = argument(call, 1);
  const no = argument(call, 2);
  refusePicklist(yes);
  return {
    type: shared(call, yes.type, no),
    run: (context) => (condition(context) === true ? yes.run(context) : no.run(context)),
  };
};

/** The type of this argument together with others of the type known so far. */
function shared(call: Call, type: FormulaType, term: Term): FormulaType {
  refusePicklist(term);
  const common = commonType(type, term.type);
  if (common === undefined) throw wrongType(call, term, [type]);
  if (common === 'picklist' || common === 'multipicklist') throw illegalArgument(call);
  return common;
}

const caseOf: FunctionRule = (call) => {
  const count = call.args.length;
  if (count < 4 || count % 2 !== 0) requireCount(call, Math.max(4, count - (count % 2)));
  const subject = argument(call, 0);
  if (subject.type === 'multipicklist') refusePicklist(subject);
  const isPicklist = subject.type === 'picklist';
  let subjectType: FormulaType = isPicklist ? 'text' : subject.type;
  let type: FormulaType = 'null';
  const branches: { readonly when: Term; readonly result: Term }[] = [];
  for (let index = 1; index < count - 1; index += 2) {
    const when = argument(call, index);
    const result = argument(call, index + 1);
    if (isPicklist && typeof when.literal !== 'string') throw wrongType(call, when, ['text']);
    subjectType = shared(call, subjectType, when);
    type = shared(call, type, result);
    branches.push({ when, result });
  }
  const otherwise = argument(call, count - 1);
  type = shared(call, type, otherwise);
  if (subjectType === 'boolean' || type === 'boolean') throw illegalArgument(call);
  const blank = isTextual(subjectType) ? '' : null;
  const fold = (value: FormulaValue): FormulaValue => {
    if (typeof value === 'number') return decimal(value);
    return isPicklist && typeof value === 'string' ? value.toLowerCase() : (value ?? blank);
  };
  return {
    type,
    run: (context) => {
      const value = fold(subject.run(context));
      for (const { when, result } of branches)
        if (value !== null && value === fold(when.run(context))) return result.run(context);
      return otherwise.run(context);
    },
  };
};

const isBlank =
  (textIsNeverBlank: boolean): FunctionRule =>
  (call) => {
    requireCount(call, 1);
    const term = argument(call, 0);
    if (term.type === 'picklist') refusePicklist(term);
    if (term.type === 'boolean') throw illegalArgument(call);
    if (textIsNeverBlank && isTextual(term.type)) return { type: 'boolean', run: () => false };
    return { type: 'boolean', run: (context) => term.run(context) === null };
  };

const substitute =
  (textIsNeverBlank: boolean): FunctionRule =>
  (call) => {
    requireCount(call, 2);
    const term = argument(call, 0);
    const instead = argument(call, 1);
    refusePicklist(term);
    if (term.type === 'boolean') throw illegalArgument(call);
    const type = shared(call, term.type, instead);
    if (textIsNeverBlank && isTextual(type)) return { type, run: term.run };
    return { type, run: (context) => term.run(context) ?? instead.run(context) };
  };

/** Conditions and the handling of blank values. ISNULL and NULLVALUE take no text for blank, not even none. */
export const logicFunctions: FunctionRules = {
  AND: conditions(false),
  OR: conditions(true),
  NOT: strict(['boolean'], 'boolean', (value) => !value),
  IF: choose,
  CASE: caseOf,
  ISBLANK: isBlank(false),
  ISNULL: isBlank(true),
  BLANKVALUE: substitute(false),
  NULLVALUE: substitute(true),
};
