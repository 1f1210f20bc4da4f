import { ApiError } from '../errors/api-error.ts';
import { isJsonObject, type JsonValue } from '../json.ts';

/** What an earlier subrequest answered, as later ones may refer to it. */
export interface Referable {
  readonly body: unknown;
  /** A failed subrequest has no values: whatever refers to it is halted. */
  readonly isFailed: boolean;
  /** Whether it read or wrote a row: only there a null may be referred to. */
  readonly isRow: boolean;
}

/** A url or body with its references filled in, or the first reference without a value. */
export type Resolved<T> = { readonly value: T } | { readonly missing: string };

/** What the references of one subrequest may come to: a short one, often enough, stands for any amount of text. */
const maxFilledLength = 5_000_000;

const reference = /@\{([^{}]*)\}/g;
const wholeReference = /^@\{([^{}]*)\}$/;
const path = /^([A-Za-z0-9_]+)((?:\.[^.[\]]+|\[\d{1,9}\])+)$/;

/**
 * Fills in `@{ref.field}` and `@{ref.records[0].Id}`: names are case-sensitive, only single values can be
 * referred to. `areNullsAllowed` is Salesforce's behaviour from version 52.0 on for rows. Throws LIMIT_EXCEEDED
 * when the references come to more text than a call may have.
 */
export function resolveBody(
  body: JsonValue,
  earlier: ReadonlyMap<string, Referable>,
  areNullsAllowed: boolean,
): Resolved<JsonValue> {
  if (!hasReference(body)) return { value: body };
  const lookup = createLookup(earlier, areNullsAllowed);
  const value = fill(body, lookup);
  return lookup.missing === undefined ? { value } : { missing: lookup.missing };
}

/** The same in a url, where values are percent-encoded and a null is empty. */
export function resolveUrl(
  url: string,
  earlier: ReadonlyMap<string, Referable>,
  areNullsAllowed: boolean,
): Resolved<string> {
  if (!url.includes('@{')) return { value: url };
  const lookup = createLookup(earlier, areNullsAllowed);
  const value = url.replace(reference, (_all, name: string) =>
    encodeURIComponent(textOf(lookup.find(name)).toWellFormed()),
  );
  return lookup.missing === undefined ? { value } : { missing: lookup.missing };
}

type Scalar = string | number | boolean | null;

interface Lookup {
  readonly find: (name: string) => Scalar;
  missing: string | undefined;
}

function createLookup(earlier: ReadonlyMap<string, Referable>, areNullsAllowed: boolean): Lookup {
  let length = 0;
  const lookup: Lookup = {
    missing: undefined,
    find: (name) => {
      const value = valueAt(name, earlier, areNullsAllowed);
      if (value === undefined) lookup.missing ??= name;
      if (typeof value === 'string') length += value.length;
      if (length > maxFilledLength)
        throw new ApiError(
          400,
          'LIMIT_EXCEEDED',
          `The references of a subrequest stand for more than ${maxFilledLength} characters.`,
        );
      return value ?? null;
    },
  };
  return lookup;
}

function valueAt(
  name: string,
  earlier: ReadonlyMap<string, Referable>,
  areNullsAllowed: boolean,
): Scalar | undefined {
  const match = path.exec(name);
  const referable = earlier.get(match?.[1] ?? '');
  if (match === null || referable === undefined || referable.isFailed) return undefined;
  let value = referable.body;
  for (const step of match[2]?.match(/[^.[\]]+/g) ?? []) {
    if (Array.isArray(value)) value = /^\d+$/.test(step) ? value[Number(step)] : undefined;
    else value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  if (value === null) return areNullsAllowed && referable.isRow ? null : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}

const textOf = (value: Scalar): string => (value === null ? '' : String(value));

function hasReference(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes('@{');
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasReference);
}

function fill(value: JsonValue, lookup: Lookup): JsonValue {
  if (typeof value === 'string') {
    const whole = wholeReference.exec(value)?.[1];
    if (whole !== undefined) return lookup.find(whole);
    return value.replace(reference, (_all, name: string) => textOf(lookup.find(name)));
  }
  if (Array.isArray(value)) return value.map((item: JsonValue) => fill(item, lookup));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, lookup)]));
}

/** The reference ids a value refers to. */
export function referencesIn(value: JsonValue, found: Set<string> = new Set()): ReadonlySet<string> {
  if (typeof value === 'string')
    for (const [, name = ''] of value.matchAll(reference)) found.add(/^[^.[]*/.exec(name)?.[0] ?? '');
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) referencesIn(item, found);
  return found;
}
