import type { JsonObject } from '../xdm/field.ts';
import type { SegmentRule } from './segment-rule.ts';
import type { Clock, Subject } from './subject.ts';

/** A segment's rule under the id that `inSegment` knows it by. */
export type IdentifiedRule = {
  readonly segmentId: string;
  readonly rule: SegmentRule;
  /** It says nothing of earlier instants: it was not the segment's rule then. Milliseconds since 1970. */
  readonly inForceSince?: number;
};

/** A profile entered or left a segment. `at`: milliseconds since 1970. */
export type Transition = { readonly segmentId: string; readonly isMember: boolean; readonly at: number };

/** Rules compiled together: `RuleSet`. */
export type Evaluator = {
  readonly evaluate: (
    subject: Subject,
    clock: Clock,
    tell: (rule: IdentifiedRule, isMember: boolean) => void,
  ) => void;
};

export type Person = {
  /** Undefined when the profile is gone: it is in no segment. */
  readonly document: JsonObject | undefined;
  readonly events: readonly JsonObject[];
};

/**
 * Evaluates rules on one profile at one instant.
 * @param members the segments the profile is in; brought up to date.
 * @param transitions what changes is added here.
 * @returns the first instant after which a result could differ by time alone; Infinity when none.
 */
export function evaluateRules(
  { evaluate }: Evaluator,
  { document, events }: Person,
  members: Set<string>,
  now: number,
  transitions: Transition[],
): number {
  const clock: Clock = { now, until: Number.POSITIVE_INFINITY };
  const subject = { document: document ?? {}, events, segments: members };
  evaluate(subject, clock, ({ segmentId, inForceSince }, fulfils) => {
    if (inForceSince !== undefined && now < inForceSince) return;
    const isMember = document !== undefined && fulfils;
    if (isMember === members.has(segmentId)) return;
    if (isMember) members.add(segmentId);
    else members.delete(segmentId);
    transitions.push({ segmentId, isMember, at: now });
  });
  return clock.until;
}

const dayMs = 86_400_000;
/** Instants that one profile is taken through at most; beyond them only the present counts. */
const maxInstants = 10_000;

/** What a profile was not evaluated at yet, in milliseconds since 1970. */
export type Overdue = {
  /** The first instant of its own at which its memberships may change by time alone; Infinity when there is none. */
  readonly dueAt: number;
  /** The first beginning of a day in UTC; Infinity when there is none. */
  readonly midnight: number;
  /** When the last of the rules came into force; Infinity when that does not matter. */
  readonly rulesSince: number;
  readonly now: number;
};

/**
 * Takes a profile through the instants at which its memberships change by time alone, up to the present.
 * @returns the first one of its own after `now`; days aside.
 */
export function evaluateThrough(
  rules: Evaluator,
  person: Person,
  members: Set<string>,
  { dueAt, midnight, rulesSince, now }: Overdue,
  transitions: Transition[],
): number {
  let [due, day] = [dueAt, midnight];
  // A rule that came into force in between is asked then, since nobody asked it of what was missed before.
  let force = rulesSince > Math.min(due, day) ? rulesSince : Number.POSITIVE_INFINITY;
  for (let instants = 0; Math.min(due, day, force) <= now; instants++) {
    const at = instants < maxInstants ? Math.min(due, day, force) : now;
    while (day <= at) day += dayMs;
    if (force <= at) force = Number.POSITIVE_INFINITY;
    due = evaluateRules(rules, person, members, at, transitions);
  }
  return due;
}

/** Rules with those first that others look at. Those of a circle, which cannot be saved, keep their order. */
export function orderRules<Rule extends IdentifiedRule>(rules: readonly Rule[]): Rule[] {
  const byId = new Map(rules.map((rule) => [rule.segmentId, rule]));
  const ordered = new Set<Rule>();
  const visiting = new Set<string>();
  const visit = (rule: Rule): void => {
    if (ordered.has(rule) || visiting.has(rule.segmentId)) return;
    visiting.add(rule.segmentId);
    for (const segmentId of rule.rule.reads.segments) {
      const before = byId.get(segmentId);
      if (before !== undefined) visit(before);
    }
    ordered.add(rule);
  };
  for (const rule of rules) visit(rule);
  return [...ordered];
}

/** The ids given and those of every segment that looks at one of them, directly or not. */
export function withDependents(
  rules: readonly IdentifiedRule[],
  segmentIds: Iterable<string>,
): ReadonlySet<string> {
  const found = new Set(segmentIds);
  for (const { segmentId, rule } of orderRules(rules))
    if (rule.reads.segments.some((read) => found.has(read))) found.add(segmentId);
  return found;
}
