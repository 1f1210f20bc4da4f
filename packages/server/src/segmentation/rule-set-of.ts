import { compileRuleSet, type IdentifiedRule, type RuleSet } from '@headrace/core';

/** Sets kept: all rules, those of time, those of the calendar, and a few of segments that are being evaluated. */
const maxKept = 8;
const kept: { readonly given: readonly IdentifiedRule[]; readonly set: RuleSet<IdentifiedRule> }[] = [];

/** Rules compiled together; the same rules of the same segments are so only once. */
export function ruleSetOf(given: readonly IdentifiedRule[]): RuleSet<IdentifiedRule> {
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
