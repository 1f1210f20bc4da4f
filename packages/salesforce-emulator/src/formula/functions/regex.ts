import { argument, describeCall, illegalArgument, requireCount } from '../call-check.ts';
import { EvaluationFault } from '../evaluation.ts';
import { FormulaRefusal } from '../formula-problem.ts';
import { isTextual } from '../formula-type.ts';
import { compilePattern, type PatternMatch } from '../pattern/compile-pattern.ts';
import { PatternProblem } from '../pattern/pattern-node.ts';
import type { Call, FunctionRule, FunctionRules, Term } from '../term.ts';

const regex: FunctionRule = (call) => {
  requireCount(call, 2);
  const text = argument(call, 0);
  const pattern = argument(call, 1);
  for (const term of [text, pattern])
    if (term.type !== 'null' && !isTextual(term.type)) throw illegalArgument(call);
  const matcher =
    typeof pattern.literal === 'string' ? constantMatcher(call, pattern, pattern.literal) : undefined;
  const matcherOf = matcher === undefined ? latestMatcher() : () => matcher;
  return {
    type: 'boolean',
    run: (context) => {
      const source = String(pattern.run(context) ?? '');
      const matched = matcherOf(source)(String(text.run(context) ?? ''));
      if (matched === undefined)
        throw new EvaluationFault(`Regular expression runtime exceeded for: ${source}`);
      return matched;
    },
  };
};

function constantMatcher(call: Call, term: Term, source: string): PatternMatch {
  try {
    return compilePattern(source);
  } catch (error) {
    if (!(error instanceof PatternProblem)) throw error;
    throw error.kind === 'invalid'
      ? new FormulaRefusal(
          `Incorrect parameter for ${describeCall(call.name)}. The pattern is not valid: ${error.message}`,
          term.at,
        )
      : new FormulaRefusal(`${error.message} in a regular expression`, term.at, 'unsupported');
  }
}

/** Compiles a pattern that comes from the record, and keeps it while it stays the same. */
function latestMatcher(): (source: string) => PatternMatch {
  let latest: { readonly source: string; readonly match: PatternMatch } | undefined;
  return (source) => {
    if (latest?.source === source) return latest.match;
    try {
      latest = { source, match: compilePattern(source) };
      return latest.match;
    } catch (error) {
      if (error instanceof PatternProblem) throw new EvaluationFault(`Regular expression: ${error.message}`);
      throw error;
    }
  };
}

/** REGEX: whether the whole text matches; blank text is matched as the empty one. */
export const regexFunctions: FunctionRules = { REGEX: regex };
