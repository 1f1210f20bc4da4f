import {
  compileRuleSet,
  type IdentifiedRule,
  type RuleSet,
  type SegmentRule,
  withDependents,
} from '@headrace/core';

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
  a.every(
    ({ segmentId, rule, inForceSince }, index) =>
      rule === b[index]?.rule && segmentId === b[index]?.segmentId && inForceSince === b[index]?.inForceSince,
  );

const sinceOfList = new WeakMap<readonly IdentifiedRule[], number>();

/** When the last of some rules came into force, in milliseconds since 1970; Infinity when nobody says. */
export function rulesSince(rules: readonly IdentifiedRule[]): number {
  let since = sinceOfList.get(rules);
  if (since === undefined) {
    const known = rules.flatMap(({ inForceSince }) => inForceSince ?? []);
    since = known.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...known);
    sinceOfList.set(rules, since);
  }
  return since;
}

/** Part of a list of rules: the very same part of the very same list. */
function partOf(
  choose: (rules: readonly IdentifiedRule[]) => readonly IdentifiedRule[],
): (rules: readonly IdentifiedRule[]) => readonly IdentifiedRule[] {
  const parts = new WeakMap<readonly IdentifiedRule[], readonly IdentifiedRule[]>();
  return (rules) => {
    let part = parts.get(rules);
    if (part === undefined) {
      part = choose(rules);
      parts.set(rules, part);
    }
    return part;
  };
}

function withReaders(
  rules: readonly IdentifiedRule[],
  isWanted: (rule: SegmentRule) => boolean,
): readonly IdentifiedRule[] {
  const wanted = rules.filter(({ rule }) => isWanted(rule)).map(({ segmentId }) => segmentId);
  const found = withDependents(rules, wanted);
  return rules.filter(({ segmentId }) => found.has(segmentId));
}

/** Those that change what they say at instants, and those that look at their segments. */
export const timedRulesOf = partOf((rules) => withReaders(rules, ({ timing }) => timing.byInstant));

/** Those that change when a day begins, and those that look at their segments. */
export const calendarRulesOf = partOf((rules) => withReaders(rules, ({ timing }) => timing.byCalendar));

/** Those that change with time, in either way. */
export const changingRulesOf = partOf((rules) =>
  withReaders(rules, ({ timing }) => timing.byInstant || timing.byCalendar),
);
