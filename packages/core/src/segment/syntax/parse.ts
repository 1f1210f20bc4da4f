import type { Expression } from './ast.ts';
import { parseTokens } from './grammar.ts';
import { defaultRulePointer, ruleError } from './rule-problem.ts';
import { scanRule } from './scan.ts';

/**
 * Reads a rule's text into its syntax tree without looking at a schema. Throws `invalid_input` with one
 * detail per problem: all foreign signs, or the first fault of
 * grammar (what follows it cannot be judged). `pointer` says in the details what the text belongs to.
 */
export function parseSegmentRule(text: string, pointer: string = defaultRulePointer): Expression {
  const scanned = scanRule(text);
  if (scanned.problems !== undefined) throw ruleError(text, scanned.problems, pointer);
  const parsed = parseTokens(scanned.tokens, text.length);
  if (parsed.problems !== undefined) throw ruleError(text, parsed.problems, pointer);
  return parsed.expression;
}
