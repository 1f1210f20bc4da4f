import {
  type Clock,
  clockAt,
  HeadraceError,
  isJsonObject,
  type JsonObject,
  recordLimits,
  type Subject,
} from '@headrace/core';

/** Whom a rule is tried on, as far as it is given. Parsed JSON of any shape. */
export type CaseInput = {
  readonly profile?: unknown;
  readonly events?: unknown;
  readonly segments?: unknown;
  readonly now?: unknown;
};

/**
 * Without a profile it is `{}`, without events there are none, without `now` it is the present.
 * @throws HeadraceError `invalid_input`
 */
export function readCase(input: CaseInput): { readonly subject: Subject; readonly clock: Clock } {
  const document = readProfile(input.profile);
  const events = readEvents(input.events);
  const segments = readSegments(input.segments, document);
  return { subject: { document, events, segments }, clock: clockAt(readNow(input.now)) };
}

const refuse = (message: string): HeadraceError => new HeadraceError('invalid_input', message);

function readProfile(value: unknown): JsonObject {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value))
    throw refuse('profile: found no object; expected the fields of a profile as JSON.');
  return asIngested(value, 'profile');
}

function readEvents(value: unknown): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw refuse('events: found no list; expected a list of events as JSON.');
  return value.map((event: unknown, index) => {
    if (!isJsonObject(event))
      throw refuse(`events/${index}: found no object; expected the fields of an event.`);
    return asIngested(event, `events/${index}`);
  });
}

/** Rules are evaluated on what ingestion lets through: values are compared by walking down into them. */
function asIngested(value: JsonObject, where: string): JsonObject {
  if (isDeeperThan(value, recordLimits.depth))
    throw refuse(`${where}: nested deeper than ${recordLimits.depth} levels; no record may be.`);
  if (hasInfinity(value))
    throw refuse(`${where}: found a number that is too large; expected at most 1.7976931348623157e308.`);
  return value;
}

/** Numbers such as 1e400 are read so from JSON. */
const hasInfinity = (value: unknown): boolean =>
  typeof value === 'number'
    ? !Number.isFinite(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity);

const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1)));

/** Statuses of members; `exited` is of those who were. */
const memberStatuses: ReadonlySet<unknown> = new Set(['realized', 'existing', true]);

/** A list of segment ids, or id → status or true/false; without one, what `segmentMembership` of the profile says. */
function readSegments(value: unknown, profile: JsonObject): ReadonlySet<string> {
  if (Array.isArray(value)) {
    const ids = value.filter((id) => typeof id === 'string');
    if (ids.length !== value.length) throw refuse('segments: expected the ids of segments as texts.');
    return new Set(ids);
  }
  if (isJsonObject(value)) return new Set(membersOf(value));
  if (value !== undefined && value !== null)
    throw refuse('segments: expected a list of segment ids, or an object of ids with their status.');
  const { segmentMembership } = profile;
  if (!isJsonObject(segmentMembership)) return new Set();
  return new Set(
    Object.values(segmentMembership).flatMap((ofNamespace) =>
      isJsonObject(ofNamespace) ? membersOf(ofNamespace) : [],
    ),
  );
}

const membersOf = (statuses: JsonObject): string[] =>
  Object.entries(statuses).flatMap(([id, given]) =>
    memberStatuses.has(isJsonObject(given) ? given.status : given) ? [id] : [],
  );

const instant = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function readNow(value: unknown): Date {
  if (value === undefined || value === null) return new Date();
  const [, day] = typeof value === 'string' ? (instant.exec(value) ?? []) : [];
  const now = new Date(day === undefined ? Number.NaN : String(value));
  if (Number.isNaN(now.getTime()) || !isOfCalendar(String(day)))
    throw refuse('now: found no instant; expected ISO 8601 with an offset, such as 2026-03-15T12:00:00Z.');
  return now;
}

/** `Date` reads 30 February as 2 March. */
const isOfCalendar = (day: string): boolean => new Date(day).toISOString().startsWith(day);
