import type { JsonObject } from '../../xdm/field.ts';
import type { Clock, Subject } from '../subject.ts';
import { readTime } from './time-value.ts';
import type { Value } from './value.ts';

/** Items that one evaluation of one rule may visit: more than any sensible rule, some tenths of a second. */
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
