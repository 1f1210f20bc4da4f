import type { JsonObject } from '../xdm/field.ts';

/** What a rule is evaluated on: one person. */
export type Subject = {
  /** The merged document. */
  readonly document: JsonObject;
  /**
   * Events with their `timestamp`, in any order; at least those that the rule's `reads.events` asks for. Empty for a
   * rule that reads none. A list is put in order once: it must not change from one evaluation to the next.
   */
  readonly events: readonly JsonObject[];
  /** Ids of the segments the profile is in; at least those of the rule's `reads.segments`. */
  readonly segments: ReadonlySet<string>;
};

/** When a rule is evaluated, and how long what it found holds. One may serve the rules of a profile one after another. */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: number;
  /**
   * The evaluation lowers it to the first instant after `now` at which a result could differ although the subject does
   * not. `Infinity` to begin with. Calendar boundaries are not in it: `RuleTiming.calendar` tells of them.
   */
  until: number;
  /** Set where a rule needed more steps than it may take, and so counted as not fulfilled. */
  exceeded?: boolean;
};

/** What of events a rule can look at. */
export type EventReads = {
  /** Dotted paths within an event, sorted, each once; `timestamp` among them. An empty path list is a whole event. */
  readonly paths: readonly string[];
  /** Events older than this before `now` cannot matter; undefined: any may. Milliseconds. */
  readonly lookbackMs: number | undefined;
};

/** What a rule can look at, so that nothing else needs to be read for it. */
export type RuleReads = {
  /**
   * Dotted paths of profile attributes, sorted, each once. The result can change only when a value at, above or below
   * one of them does. A key of a map that contains a dot is left off: the map stands there. `''` is the whole document.
   */
  readonly paths: readonly string[];
  readonly events: EventReads | undefined;
  /** Ids of segments, as written in `inSegment`, sorted. */
  readonly segments: readonly string[];
};

/** How a result can change by time alone. */
export type RuleTiming = {
  /** At instants that depend on the profile: they come out of the evaluation as `Clock.until`. */
  readonly byInstant: boolean;
  /** When a day begins in UTC: `today`, `this month`, `currentYear()`. For everyone at once. */
  readonly byCalendar: boolean;
};
