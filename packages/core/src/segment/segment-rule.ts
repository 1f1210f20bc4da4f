import type { XdmObject } from '../xdm/field.ts';
import { checkRule } from './check/check.ts';
import type { KnownSegments, RuleTypes } from './check/checking.ts';
import { readsOf } from './check/reads.ts';
import { timingOf } from './check/timing.ts';
import { describeRule } from './describe/describe.ts';
import { compileRule } from './evaluate/compile.ts';
import { beginRun, holds } from './evaluate/run.ts';
import { type TraceNode, traceRule } from './evaluate/trace.ts';
import type { Clock, RuleReads, RuleTiming, Subject } from './subject.ts';
import type { Expression } from './syntax/ast.ts';
import { parseSegmentRule } from './syntax/parse.ts';
import { defaultRulePointer, ruleError } from './syntax/rule-problem.ts';

/** A segment's rule, ready to use. `docs/pql.md` says what the language means. */
export type SegmentRule = {
  /** As written. */
  readonly text: string;
  readonly ast: Expression;
  /** What is known of each of its nodes. */
  readonly types: RuleTypes;
  readonly reads: RuleReads;
  readonly timing: RuleTiming;
  /** Whether the subject is a member. Never throws; takes about a second at most, and mostly microseconds. */
  readonly evaluate: (subject: Subject, clock: Clock) => boolean;
  /** Every part of the rule with what it yields for a subject. */
  readonly trace: (subject: Subject, clock: Clock) => TraceNode;
  /** The rule in English, with the titles of the schema's fields. */
  readonly describe: () => string;
};

/** What rules may name: the union schemas of profiles and of their events. */
export type RuleSchema = { readonly profile: XdmObject; readonly event: XdmObject };

/**
 * Parses, checks and compiles a rule in PQL text. Throws `invalid_input` with one detail per problem: `position` is the
 * zero-based offset, the message names line and column, what was found and what was expected.
 * @param schema undefined: fields are not checked; everything else is
 * @param pointer says in the details what the text belongs to
 * @param segments ids and names of the segments there are; undefined: `inSegment` is not looked up
 */
export function compileSegmentRule(
  text: string,
  schema: RuleSchema | undefined,
  pointer: string = defaultRulePointer,
  segments?: KnownSegments,
): SegmentRule {
  const ast = parseSegmentRule(text, pointer);
  const { types, titles, problems } = checkRule(text, ast, schema, segments);
  if (problems.length > 0) throw ruleError(text, problems, pointer);
  const read = compileRule(ast, types);
  return {
    text,
    ast,
    types,
    reads: readsOf(ast),
    timing: timingOf(ast),
    evaluate: (subject, clock) => holds(beginRun(subject, clock), read),
    trace: (subject, clock) => traceRule(ast, types, text, subject, clock),
    describe: () => describeRule(ast, types, titles, segments),
  };
}

/** What an evaluation at an instant starts with. */
export const clockAt = (now: Date): Clock => ({ now: now.getTime(), until: Number.POSITIVE_INFINITY });

/** A person without events and in no segment. */
export const subjectOf = (document: Subject['document']): Subject => ({
  document,
  events: [],
  segments: new Set(),
});
