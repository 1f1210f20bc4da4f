import type { JsonObject, JsonValue } from '../../xdm/field.ts';
import type { TimeUnit } from '../syntax/ast.ts';
import { dayMs, isOnCalendar } from './calendar.ts';
import { isDayText, readTime } from './time-value.ts';

/** A step from one time to another: months and more on the calendar, the rest of fixed length. */
export type Shift = { readonly amount: number; readonly unit: TimeUnit };

/**
 * A time while a rule runs, in milliseconds since 1970: an instant (`end` = `begin`), or a day or period that lasts
 * until before `end`.
 */
export class TimeValue {
  readonly begin: number;
  readonly end: number;
  /** What it is near to when an offset made it: `3 hours before now` means that hour. */
  readonly unit: TimeUnit | undefined;
  /** The steps from `now` to `begin`, where it moves with it; undefined where it stands still. */
  readonly shifts: readonly Shift[] | undefined;
  /** As it is written, where it was read from a text. */
  readonly text: string | undefined;

  constructor(begin: number, end = begin, unit?: TimeUnit, shifts?: readonly Shift[], text?: string) {
    this.begin = begin;
    this.end = end;
    this.unit = unit;
    this.shifts = shifts;
    this.text = text;
  }

  get isInstant(): boolean {
    return this.begin === this.end;
  }
}

/** `mapEntry(key, value)`. */
export class MapEntry {
  readonly key: string;
  readonly value: Value;

  constructor(key: string, value: Value) {
    this.key = key;
    this.value = value;
  }
}

/** A map that a rule computes; those of documents are objects. */
export type ComputedMap = ReadonlyMap<string, Value>;

/** What an expression yields; undefined where something it needs is absent. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | TimeValue
  | MapEntry
  | ComputedMap
  | JsonObject
  | readonly Value[];

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

export const isGroup = (value: Value): value is JsonObject =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Map) &&
  !(value instanceof TimeValue) &&
  !(value instanceof MapEntry);

/** What has keys. */
export const isMap = (value: Value): value is ComputedMap | JsonObject =>
  value instanceof Map || isGroup(value);

/** Whether a condition is fulfilled: true, or a list with something in it but false, as `xEvent[…]` is. */
export const isTrue = (value: Value): boolean =>
  value === true || (isList(value) && value.some((item) => item !== false));

/** Text as the time it says, a day or an instant, a time as itself; anything else is none. */
export function asTime(value: Value): TimeValue | undefined {
  if (value instanceof TimeValue) return value;
  if (typeof value !== 'string') return undefined;
  const time = readTime(value);
  if (time === undefined) return undefined;
  return new TimeValue(time, isDayText(value) ? time + dayMs : time, undefined, undefined, value);
}

/** A value as the key of a map, which is text; undefined for what can be none, such as a time that moves with now. */
export function asKey(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!(value instanceof TimeValue) || value.shifts !== undefined) return undefined;
  return value.text ?? writeInstant(value.begin);
}

/** How many items or entries a list, map or group has; of anything else 0. */
export function sizeOf(value: Value): number {
  if (isList(value)) return value.length;
  if (value instanceof Map) return value.size;
  return isGroup(value) ? Object.keys(value).length : 0;
}

/** Nothing there: absent, null, an empty list, map or group. */
export function isAbsent(value: Value): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object' || value instanceof TimeValue || value instanceof MapEntry) return false;
  return sizeOf(value) === 0;
}

/** As ISO 8601; beyond the calendar as milliseconds. */
const writeInstant = (time: number): string =>
  isOnCalendar(time) ? new Date(time).toISOString() : String(time);

/** The entries of a map or group. */
export function entriesOf(value: Value): Iterable<readonly [string, Value]> {
  if (value instanceof Map) return value.entries();
  return isGroup(value) ? Object.entries(value) : [];
}

/** A value for people and JSON: times as they are written, computed ones as ISO text. */
export function toJson(value: Value): JsonValue {
  if (value === undefined || value === null) return null;
  if (value instanceof TimeValue) {
    if (value.text !== undefined) return value.text;
    const begin = writeInstant(value.begin);
    return value.isInstant ? begin : `${begin}/${writeInstant(value.end)}`;
  }
  if (value instanceof MapEntry) return { [value.key]: toJson(value.value) };
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [key, toJson(item as Value)]));
  if (isList(value)) return value.map(toJson);
  return value as JsonValue;
}
