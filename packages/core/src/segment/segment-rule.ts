import type { JsonObject, XdmObject } from '../xdm/field.ts';
import type { Expression } from './ast.ts';
import { checkRule } from './check.ts';
import { compileCondition } from './compile.ts';
import { describeRule } from './describe.ts';
import { parseSegmentRule } from './parse.ts';
import { defaultRulePointer, ruleError } from './rule-problem.ts';

/** A segment's rule, ready to use. `docs/pql.md` says what the language means. */
export type SegmentRule = {
  /** As written. */
  readonly text: string;
  readonly ast: Expression;
  /**
   * Dotted paths of every attribute the rule reads, sorted, each once. The result can change only when a value
   * at, above or below one of them does. A key of a map that contains a dot is left off: the map stands there.
   */
  readonly paths: readonly string[];
  /** Whether a profile with this document is a member. Never throws; linear in the document's values read. */
  readonly evaluate: (document: JsonObject) => boolean;
  /** The rule in English, with the titles of the schema's fields. */
  readonly describe: () => string;
};

/**
 * Parses, checks and compiles a rule in PQL text against the schema of the profiles. Throws `invalid_input`
 * with one detail per problem: `position` is the zero-based offset, the message names line and column, what
 * was found and what was expected. `pointer` says in the details what the text belongs to.
 */
export function compileSegmentRule(
  text: string,
  schema: XdmObject,
  pointer: string = defaultRulePointer,
): SegmentRule {
  const ast = parseSegmentRule(text, pointer);
  const { types, paths, problems } = checkRule(ast, schema);
  if (problems.length > 0) throw ruleError(text, problems, pointer);
  return {
    text,
    ast,
    paths,
    evaluate: compileCondition(ast, types),
    describe: () => describeRule(ast, schema, types),
  };
}
