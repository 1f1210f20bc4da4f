import type { JsonObject } from '../../xdm/field.ts';
import type { Clock, Subject } from '../subject.ts';
import { readTime } from './time-value.ts';
import { isTrue, type Value } from './value.ts';

/**
 * Steps that one evaluation of one rule may take: more than any sensible rule, and about a second at most. A step is an
 * item visited, a part of the rule computed, or as much other work as takes a fifth of a microsecond (`cost.ts`).
 */
export const maxSteps = 5_000_000;

/** One evaluation of one rule. */
export type Run = {
  readonly subject: Subject;
  readonly clock: Clock;
  /** What variables and scopes hold now, by slot; the profile in slot 0. */
  readonly slots: Value[];
  steps: number;
};

/** What an expression yields in a run. */
export type Reader = (run: Run) => Value;

/** A rule needs more steps for this profile than it may take. */
export class TooManySteps extends Error {}

export const beginRun = (subject: Subject, clock: Clock): Run => ({
  subject,
  clock,
  slots: [subject.document],
  steps: 0,
});

/** To be called for each item that a loop visits. */
export function countStep(run: Run): void {
  if (++run.steps > maxSteps) throw new TooManySteps();
}

/** Before work that is worth more steps, or none. */
export function countSteps(run: Run, steps: number): void {
  run.steps += steps;
  if (run.steps > maxSteps) throw new TooManySteps();
}

/**
 * Whether a condition is fulfilled; one that takes more steps than it may is not, and the clock says so. The same goes
 * for what JavaScript has no room for, such as values nested deeper than any record may be.
 */
export function holds(run: Run, read: Reader): boolean {
  try {
    return isTrue(read(run));
  } catch (error) {
    if (!isBeyondBounds(error)) throw error;
    run.clock.exceeded = true;
    return false;
  }
}

export const isBeyondBounds = (error: unknown): boolean =>
  error instanceof TooManySteps || error instanceof RangeError;

/** What holds now may not hold at this instant any more. */
export function mayFlipAt(run: Run, instant: number): void {
  if (instant > run.clock.now && instant < run.clock.until) run.clock.until = instant;
}

const sorted = new WeakMap<readonly JsonObject[], readonly JsonObject[]>();

/** Events in order of time, those of one instant by `_id`; without a readable time they come first. */
export function eventsOf({ subject: { events } }: Run): readonly JsonObject[] {
  let found = sorted.get(events);
  if (found === undefined) {
    found = events
      .map((event) => ({ event, time: timeOf(event), id: typeof event._id === 'string' ? event._id : '' }))
      .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
      .map(({ event }) => event);
    sorted.set(events, found);
  }
  return found;
}

const timeOf = ({ timestamp }: JsonObject): number =>
  (typeof timestamp === 'string' ? readTime(timestamp) : undefined) ?? Number.MIN_SAFE_INTEGER;
