import type { JsonObject, XdmObject } from '../xdm/field.ts';
import type { PqlNode } from './ast.ts';
import { compileExpression } from './compile-expression.ts';
import { parsePql } from './parse-pql.ts';
import { ruleError } from './rule-errors.ts';

/** A segment's rule, checked against the profile schema and ready to run. */
export type SegmentRule = {
  /** The rule as it was written. */
  readonly text: string;
  readonly ast: PqlNode;
  /** Every attribute the rule reads, as dotted paths in alphabetical order. */
  readonly paths: readonly string[];
  /** Whether a profile is in the segment. Pure, never throws; fields of another type count as absent. */
  evaluate(document: JsonObject): boolean;
  /** The rule in plain English, with the titles of the schema. */
  describe(): string;
};

/**
 * Compiles a rule in PQL (`pql/text`).
 *
 * Throws `invalid_input` whose details hold the position and a message for each independent fault: syntax,
 * unknown fields, values and functions, wrong types, and parts of PQL that are not supported yet.
 */
export function compileSegmentRule(text: string, schema: XdmObject): SegmentRule {
  const ast = parsePql(text);
  const { expression, paths, faults } = compileExpression(ast, schema);
  if (faults.length > 0) throw ruleError(text, faults);
  const { evaluate, description } = expression;
  return {
    text,
    ast,
    paths,
    evaluate: (document) => evaluate(document) === true,
    describe: () => description,
  };
}
