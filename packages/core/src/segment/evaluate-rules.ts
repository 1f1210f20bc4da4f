import type { JsonObject } from '../xdm/field.ts';
import type { SegmentRule } from './segment-rule.ts';
import type { Clock } from './subject.ts';

/** A segment's rule under the id that `inSegment` knows it by. */
export type IdentifiedRule = { readonly segmentId: string; readonly rule: SegmentRule };

/** A profile entered or left a segment. `at`: milliseconds since 1970. */
export type Transition = { readonly segmentId: string; readonly isMember: boolean; readonly at: number };

export type Person = {
  /** Undefined when the profile is gone: it is in no segment. */
  readonly document: JsonObject | undefined;
  readonly events: readonly JsonObject[];
};

/**
 * Evaluates rules on one profile at one instant.
 * @param rules those that others look at by `inSegment` before them (`orderRules`).
 * @param members the segments the profile is in; brought up to date.
 * @param transitions what changes is added here.
 * @returns the first instant after which a result could differ by time alone; Infinity when none.
 */
export function evaluateRules(
  rules: readonly IdentifiedRule[],
  { document, events }: Person,
  members: Set<string>,
  now: number,
  transitions: Transition[],
): number {
  const clock: Clock = { now, until: Number.POSITIVE_INFINITY };
  const subject = { document: document ?? {}, events, segments: members };
  for (const { segmentId, rule } of rules) {
    const isMember = document !== undefined && rule.evaluate(subject, clock);
    if (isMember === members.has(segmentId)) continue;
    if (isMember) members.add(segmentId);
    else members.delete(segmentId);
    transitions.push({ segmentId, isMember, at: now });
  }
  return clock.until;
}

/** Instants that one profile is taken through at most; beyond them only the present counts. */
const maxInstants = 10_000;

/**
 * Takes a profile through the instants at which its memberships change by time alone, up to the present.
 * @param dueAt the first of them.
 * @returns the first one after `now`.
 */
export function evaluateThrough(
  rules: readonly IdentifiedRule[],
  person: Person,
  members: Set<string>,
  { dueAt, now }: { readonly dueAt: number; readonly now: number },
  transitions: Transition[],
): number {
  let at = dueAt;
  for (let instants = 0; at <= now; instants++)
    at = evaluateRules(rules, person, members, instants < maxInstants ? at : now, transitions);
  return at;
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
