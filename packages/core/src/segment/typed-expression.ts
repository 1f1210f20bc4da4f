import type { JsonObject, JsonValue } from '../xdm/field.ts';

/** What an expression yields. `date` is a day, `time` an instant; both are milliseconds since 1970 (UTC). */
export type Kind = 'text' | 'number' | 'boolean' | 'date' | 'time' | 'list' | 'object' | 'map' | 'unknown';

/** A value while a rule runs; undefined when it is absent. */
export type Value = JsonValue | undefined;

/** Reads or computes a value from a profile document. Pure. */
export type Evaluate = (document: JsonObject) => Value;

/** A part of a rule after the type check. Parts with an error are `unknown` and cause no further errors. */
export type TypedExpression = {
  readonly kind: Kind;
  readonly position: number;
  readonly evaluate: Evaluate;
  /** In plain English, for people. */
  readonly description: string;
  /** Whether the description needs brackets inside another one. */
  readonly isCompound?: boolean;
  /** The value, when it is written out in the rule. */
  readonly constant?: string | number | boolean;
  /** The only values the attribute can have. */
  readonly allowed?: readonly string[];
  /** Of a list: the kind of its items, and the items when they are written out. */
  readonly itemKind?: Kind;
  readonly items?: readonly TypedExpression[];
};

const kindNames: Readonly<Record<Kind, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'a condition (true or false)',
  date: 'a date',
  time: 'a date and time',
  list: 'a list',
  object: 'a group of fields',
  map: 'a map',
  unknown: 'something unknown',
};

/** What a single value can be. */
export const scalars: readonly Kind[] = ['text', 'number', 'boolean', 'date', 'time'];

/** The description of a part for use inside another one. */
export const bracketed = (part: TypedExpression): string =>
  part.isCompound ? `(${part.description})` : part.description;

/** Kinds as messages name them: `a text or a number`. */
export const nameKinds = (kinds: readonly Kind[]): string =>
  kinds.map((kind) => kindNames[kind]).join(' or ');

/** Whether two kinds can be compared: the same one, or a date with a time (by the day then). */
export const areComparable = (a: Kind, b: Kind): boolean =>
  a === 'unknown' || b === 'unknown' || a === b || (isMoment(a) && isMoment(b));

export const isMoment = (kind: Kind): boolean => kind === 'date' || kind === 'time';

const dayMs = 86_400_000;

/** The UTC day of an instant, in milliseconds since 1970; absent stays absent. */
export const toDay = (value: Value): Value =>
  typeof value === 'number' ? Math.floor(value / dayMs) * dayMs : undefined;

/** RFC 3339: a day, or an instant with its offset. Without an offset the meaning would depend on the machine. */
const moment = /^\d{4}-\d\d-\d\d(?:[Tt][\d:.]+(?:[Zz]|[+-]\d\d:\d\d))?$/;

/** Takes a value of a document as the kind its schema declares; anything else counts as absent. */
export function valueOfKind(kind: Kind, value: Value): Value {
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'number':
      return typeof value === 'number' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'date':
    case 'time': {
      const milliseconds = typeof value === 'string' && moment.test(value) ? Date.parse(value) : Number.NaN;
      return Number.isNaN(milliseconds) ? undefined : kind === 'date' ? toDay(milliseconds) : milliseconds;
    }
    case 'list':
      return Array.isArray(value) ? value : undefined;
    default:
      return value === null ? undefined : value;
  }
}
