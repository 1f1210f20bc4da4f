import { compileRuleSet, type IdentifiedRule, type RuleSet } from '@headrace/core';

/** Sets kept: all rules, those of time, those of the calendar, and a few of segments that are being evaluated. */
const maxKept = 8;
const kept: { readonly given: readonly IdentifiedRule[]; readonly set: RuleSet<IdentifiedRule> }[] = [];
/** Most lists are the very ones of the time before: there may be a thousand rules in each. */
const byList = new WeakMap<readonly IdentifiedRule[], RuleSet<IdentifiedRule>>();

/** Rules compiled together; the same rules of the same segments are so only once. */
export function ruleSetOf(given: readonly IdentifiedRule[]): RuleSet<IdentifiedRule> {
  let set = byList.get(given);
  if (set === undefined) {
    set = findSet(given);
    byList.set(given, set);
  }
  return set;
}

function findSet(given: readonly IdentifiedRule[]): RuleSet<IdentifiedRule> {
  const index = kept.findIndex((entry) => areSame(entry.given, given));
  const [found] = index === -1 ? [] : kept.splice(index, 1);
  const entry = found ?? { given, set: compileRuleSet(given) };
  kept.unshift(entry);
  if (kept.length > maxKept) kept.pop();
  return entry.set;
}

const areSame = (a: readonly IdentifiedRule[], b: readonly IdentifiedRule[]): boolean =>
  a.length === b.length &&
  a.every(({ segmentId, rule }, index) => rule === b[index]?.rule && segmentId === b[index]?.segmentId);

const timedOfList = new WeakMap<readonly IdentifiedRule[], readonly IdentifiedRule[]>();

/** Those of a list that change what they say at instants; the very same ones of the very same list. */
export function timedRulesOf(rules: readonly IdentifiedRule[]): readonly IdentifiedRule[] {
  let timed = timedOfList.get(rules);
  if (timed === undefined) {
    timed = rules.filter(({ rule }) => rule.timing.byInstant);
    timedOfList.set(rules, timed);
  }
  return timed;
}
