import { clockAt, HeadraceError, type JsonObject, type SegmentRule, type Subject } from '@headrace/core';

/** What goes wrong with a rule or with what it is tried on; `position` is a zero-based offset into the rule. */
export type CaseError = { readonly message: string; readonly position?: number };
export type CaseAnswer = { readonly result: boolean } | { readonly error: CaseError };

/** A rule and whom it is tried on, as far as they are given. Parsed JSON of any shape. */
export type CaseInput = {
  readonly profile?: unknown;
  readonly events?: unknown;
  readonly segments?: unknown;
  readonly now?: unknown;
};

/** Evaluates a rule. Without a profile it is `{}`, without events there are none, without `now` it is the present. */
export function answerCase(rule: SegmentRule, input: CaseInput): CaseAnswer {
  try {
    const document = readProfile(input.profile);
    const subject: Subject = {
      document,
      events: readEvents(input.events),
      segments: readSegments(input.segments, document),
    };
    return { result: rule.evaluate(subject, clockAt(readNow(input.now))) };
  } catch (error) {
    return { error: toCaseError(error) };
  }
}

/** The first of what is wrong, with its place in the rule. */
export function toCaseError(error: unknown): CaseError {
  if (!(error instanceof HeadraceError)) throw error;
  const [first] = error.details;
  if (first?.position === undefined) return { message: error.message };
  return { message: first.message, position: first.position };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refuse = (message: string): HeadraceError => new HeadraceError('invalid_input', message);

function readProfile(value: unknown): JsonObject {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw refuse('profile: found no object; expected the fields of a profile as JSON.');
  return value;
}

function readEvents(value: unknown): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw refuse('events: found no list; expected a list of events as JSON.');
  return value.map((event: unknown, index) => {
    if (!isObject(event)) throw refuse(`events/${index}: found no object; expected the fields of an event.`);
    return event;
  });
}

/** Statuses of members; `exited` is of those who were. */
const memberStatuses: ReadonlySet<unknown> = new Set(['realized', 'existing', true]);

/** A list of segment ids, or id → status or true/false; without one, what `segmentMembership` of the profile says. */
function readSegments(value: unknown, profile: JsonObject): ReadonlySet<string> {
  if (Array.isArray(value)) {
    const ids = value.filter((id) => typeof id === 'string');
    if (ids.length !== value.length) throw refuse('segments: expected the ids of segments as texts.');
    return new Set(ids);
  }
  if (isObject(value))
    return new Set(
      Object.entries(value).flatMap(([id, given]) =>
        memberStatuses.has(isObject(given) ? given.status : given) ? [id] : [],
      ),
    );
  if (value !== undefined && value !== null)
    throw refuse('segments: expected a list of segment ids, or an object of ids with their status.');
  const { segmentMembership } = profile;
  if (!isObject(segmentMembership)) return new Set();
  return new Set(
    Object.values(segmentMembership).flatMap((ofNamespace) =>
      isObject(ofNamespace) ? [...readSegments(ofNamespace, {})] : [],
    ),
  );
}

const instant = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function readNow(value: unknown): Date {
  if (value === undefined || value === null) return new Date();
  const now = typeof value === 'string' && instant.test(value) ? new Date(value) : undefined;
  if (now === undefined || Number.isNaN(now.getTime()))
    throw refuse('now: found no instant; expected ISO 8601 with an offset, such as 2026-03-15T12:00:00Z.');
  return now;
}
