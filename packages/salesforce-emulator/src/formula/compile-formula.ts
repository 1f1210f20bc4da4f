import { refusePicklist } from './call-check.ts';
import { type EvaluationContext, EvaluationFault } from './evaluation.ts';
import { fieldTerm, type ResolveField } from './field-term.ts';
import { type FormulaProblem, FormulaRefusal } from './formula-problem.ts';
import { type FormulaType, type FormulaValue, typeLabel } from './formula-type.ts';
import { functionRule } from './function-table.ts';
import { parseFormula } from './grammar.ts';
import type { SyntaxNode } from './syntax-tree.ts';
import type { Term } from './term.ts';

/**
 * What stopped an evaluation, such as `Division by zero`. Salesforce then refuses the record with
 * `FIELD_CUSTOM_VALIDATION_EXCEPTION` and the message `Validation Formula "<rule>" Invalid (<fault>)`.
 */
export interface FormulaFault {
  readonly fault: string;
}

/** A condition ready to be evaluated for any number of records. */
export interface CompiledFormula {
  readonly kind: 'compiled';
  /** Paths of the fields it may read. */
  readonly reads: readonly string[];
  /** Those of them whose value before the save it may read, by ISCHANGED and PRIORVALUE. */
  readonly priorReads: readonly string[];
  /** Whether the condition holds; a blank result counts as false. */
  readonly evaluate: (context: EvaluationContext) => boolean | FormulaFault;
}

/**
 * Compiles the formula of a validation rule: Salesforce's formula language with a Boolean result.
 *
 * Blank values stay blank, as in Salesforce's validation rules, which have no "treat blank fields as zeroes": a
 * blank number makes a calculation or comparison with it blank (neither `Amount__c = 0` nor `Amount__c <> 0`
 * holds), and a blank condition counts as false for AND, OR, IF and the rule itself, while NOT of it is blank.
 * Blank text is the empty text to `=` and `<>`, and a checkbox is never blank. Sources: Salesforce Help on ISNULL
 * ("when using a validation rule to ensure that a number field contains a specific value, use the ISNULL function
 * to include fields that do not contain any value"), on CONTAINS (blank fields are valid), on PRIORVALUE and
 * ISCHANGED; Salesforce's open engine (github.com/salesforce/formula-engine) for the rest, 2026.
 *
 * Never throws, whatever the text.
 */
export function compileFormula(text: string, resolveField: ResolveField): CompiledFormula | FormulaProblem {
  const reads = new Set<string>();
  const priorReads = new Set<string>();

  const compile = (node: SyntaxNode): Term => {
    switch (node.kind) {
      case 'literal':
        return literalTerm(node.value, node.at);
      case 'field': {
        const term = fieldTerm(node.path, node.at, resolveField);
        if (term.field !== undefined) reads.add(term.field.path);
        return term;
      }
      case 'call': {
        const { name, at } = node;
        const rule = functionRule(name, at);
        const args = node.args.map(compile);
        return { ...rule({ name, at, args, readsPrior: (path) => priorReads.add(path) }), at };
      }
    }
  };

  try {
    const term = compile(parseFormula(text));
    refusePicklist(term);
    if (term.type !== 'boolean' && term.type !== 'null')
      throw new FormulaRefusal(
        `Formula result is data type (${typeLabel(term.type)}), incompatible with expected data type (true or false).`,
        0,
      );
    return {
      kind: 'compiled',
      reads: [...reads],
      priorReads: [...priorReads],
      evaluate: (context) => {
        try {
          return term.run(context) === true;
        } catch (error) {
          if (error instanceof EvaluationFault) return { fault: error.message };
          throw error;
        }
      },
    };
  } catch (error) {
    if (error instanceof FormulaRefusal) return error.problem;
    throw error;
  }
}

function literalTerm(value: FormulaValue, at: number): Term {
  const result = value === '' ? null : value;
  return { type: literalType(value), run: () => result, at, literal: value };
}

function literalType(value: FormulaValue): FormulaType {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'number' : 'boolean';
}
