import { compileRule } from './evaluate/compile.ts';
import { beginRun, countSteps, holds, type Reader } from './evaluate/run.ts';
import type { Value } from './evaluate/value.ts';
import { type IdentifiedRule, orderRules } from './evaluate-rules.ts';
import type { SegmentRule } from './segment-rule.ts';
import type { Clock, Subject } from './subject.ts';
import type { Expression } from './syntax/ast.ts';
import { printSegmentRule } from './syntax/print.ts';

/** Rules that are evaluated on one profile after the other; what several of them ask is computed once for each. */
export type RuleSet<Rule extends IdentifiedRule> = {
  /** Those that others look at by `inSegment` first. */
  readonly rules: readonly Rule[];
  /**
   * Whether a profile fulfils each rule, told in order. `subject.segments` must take in what is told of one rule before
   * the next is asked.
   */
  readonly evaluate: (subject: Subject, clock: Clock, tell: (rule: Rule, isMember: boolean) => void) => void;
};

/** What of a rule is worth remembering; the rest costs no more than looking it up. */
const isShared = (node: Expression): boolean =>
  node.kind === 'call' ||
  node.kind === 'compare' ||
  node.kind === 'membership' ||
  node.kind === 'occurs' ||
  node.kind === 'quantifier' ||
  node.kind === 'select' ||
  node.kind === 'chain' ||
  node.kind === 'logic' ||
  (node.kind === 'path' && node.steps.length > 1);

/** What was computed for the profile at hand. */
type Memory = {
  round: number;
  readonly rounds: number[];
  readonly values: Value[];
  readonly steps: number[];
};

/** Compiles rules together. The results are those of each rule alone. */
export function compileRuleSet<Rule extends IdentifiedRule>(given: readonly Rule[]): RuleSet<Rule> {
  const rules = orderRules(given);
  const uses = countUses(rules.map(({ rule }) => rule));
  const memory: Memory = { round: 0, rounds: [], values: [], steps: [] };
  const shared = new Map<string, { readonly index: number; readonly reader: Reader }>();
  const compiled = rules.map((rule) => ({
    rule,
    read: compileRule(rule.rule.ast, rule.rule.types, (node, reader, scope) => {
      if (!scope.isOfProfile || !isShared(node)) return reader;
      const text = textOf(rule.rule, node);
      if ((uses.get(text) ?? 0) < 2) return reader;
      const known = shared.get(text);
      if (known !== undefined) return known.reader;
      const remembering = remember(memory, shared.size, reader);
      shared.set(text, { index: shared.size, reader: remembering });
      return remembering;
    }),
  }));
  return {
    rules,
    evaluate: (subject, clock, tell) => {
      memory.round++;
      const run = beginRun(subject, clock);
      for (const { rule, read } of compiled) {
        run.steps = 0;
        tell(rule, holds(run, read));
      }
    },
  };
}

/** A reader that is asked once per profile. The steps it took count for every rule, so that each ends where it would alone. */
function remember(memory: Memory, index: number, reader: Reader): Reader {
  return (run) => {
    if (memory.rounds[index] === memory.round) {
      countSteps(run, memory.steps[index] ?? 0);
      return memory.values[index];
    }
    const before = run.steps;
    const value = reader(run);
    memory.rounds[index] = memory.round;
    memory.values[index] = value;
    memory.steps[index] = run.steps - before;
    return value;
  };
}

/** How often each text stands in rules where it means the profile's. */
function countUses(rules: readonly SegmentRule[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const rule of rules)
    compileRule(rule.ast, rule.types, (node, reader, scope) => {
      if (scope.isOfProfile && isShared(node)) {
        const text = textOf(rule, node);
        uses.set(text, (uses.get(text) ?? 0) + 1);
      }
      return reader;
    });
  return uses;
}

/** Equal texts mean the same: types follow from the schema, which all rules share, but for times in quotes. */
function textOf({ types }: SegmentRule, node: Expression): string {
  return `${types.get(node)?.kind ?? ''} ${printSegmentRule(node)}`;
}
