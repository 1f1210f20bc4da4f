import type { ErrorDetail } from '../errors/headrace-error.ts';
import { isJsonObject } from './json-inspection.ts';
import { unescapeStep } from './json-pointer.ts';

/** One place of a JSON Schema document that says something of a value. */
export type SchemaPart = {
  readonly keywords: Readonly<Record<string, unknown>>;
  readonly pointer: string;
  /** The references followed to get here, so that none is followed in a circle. */
  readonly refs: readonly string[];
};

/** All that a document says of one value: the schema itself, what it refers to, and the members of its `allOf`. */
export type SchemaNode = readonly SchemaPart[];

/** A document while it is read: its faults, and how much of it was looked at. */
export type SchemaReading = { readonly root: unknown; readonly errors: ErrorDetail[]; parts: number };

/** A document that repeats its parts by references can be small and still describe more than anybody could use. */
const maxParts = 5_000;
const maxNesting = 20;

/** Adds a fault of a document at a pointer into it. */
export const refuse = (reading: SchemaReading, pointer: string, message: string): void => {
  reading.errors.push({ pointer, message });
};

/** The parts of a schema at `pointer`; `refs` are those of the part it stands in. */
export function expandSchema(
  reading: SchemaReading,
  schema: unknown,
  pointer: string,
  refs: readonly string[],
  nesting = 0,
): SchemaNode {
  if (!isJsonObject(schema)) {
    refuse(reading, pointer, 'Expected a JSON Schema object here.');
    return [];
  }
  reading.parts += 1;
  if (reading.parts > maxParts || nesting > maxNesting) {
    if (reading.parts === maxParts + 1 || nesting === maxNesting + 1)
      refuse(
        reading,
        pointer,
        `The document describes more than ${maxParts} parts, or nests allOf and $ref deeper than ${maxNesting} levels. Divide it into several field groups.`,
      );
    return [];
  }
  const parts: SchemaPart[] = [{ keywords: schema, pointer, refs }];
  if (Object.hasOwn(schema, '$ref')) {
    const target = follow(reading, schema.$ref, `${pointer}/$ref`, refs);
    // Told already; what stands beside it would only be told wrongly.
    if (target === undefined) return [];
    parts.push(...expandSchema(reading, target.schema, target.pointer, target.refs, nesting + 1));
  }
  if (Object.hasOwn(schema, 'allOf')) {
    if (!Array.isArray(schema.allOf)) refuse(reading, `${pointer}/allOf`, 'Expected a list of schemas.');
    else
      for (const [index, member] of schema.allOf.entries())
        parts.push(...expandSchema(reading, member, `${pointer}/allOf/${index}`, refs, nesting + 1));
  }
  return parts;
}

function follow(reading: SchemaReading, ref: unknown, pointer: string, refs: readonly string[]) {
  if (typeof ref !== 'string' || !ref.startsWith('#')) {
    refuse(
      reading,
      pointer,
      'Only references within the document (#/definitions/…) can be followed. Write out what it refers to.',
    );
    return undefined;
  }
  if (refs.includes(ref)) {
    refuse(reading, pointer, 'The reference leads back to itself, so that the field would nest without end.');
    return undefined;
  }
  let schema: unknown = reading.root;
  for (const step of ref.split('/').slice(1)) {
    const key = stepOf(step);
    const isThere = (isJsonObject(schema) || Array.isArray(schema)) && Object.hasOwn(schema, key);
    if (!isThere) {
      refuse(reading, pointer, 'The document has nothing at the place the reference names.');
      return undefined;
    }
    schema = Reflect.get(schema as object, key);
  }
  return { schema, pointer: ref.slice(1), refs: [...refs, ref] };
}

/** A step of a reference: percent-encoded (RFC 3986), then escaped (RFC 6901). */
function stepOf(step: string): string {
  const plain = unescapeStep(step);
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

/** The values that parts give a keyword, with where each stands. */
export const valuesOf = (
  node: SchemaNode,
  keyword: string,
): readonly { readonly value: unknown; readonly pointer: string; readonly refs: readonly string[] }[] =>
  node.flatMap(({ keywords, pointer, refs }) =>
    Object.hasOwn(keywords, keyword)
      ? [{ value: keywords[keyword], pointer: `${pointer}/${keyword}`, refs }]
      : [],
  );

/** The one value of a keyword; a fault when parts differ. */
export function oneValueOf(reading: SchemaReading, node: SchemaNode, keyword: string) {
  const [first, ...others] = valuesOf(node, keyword);
  const other = others.find(({ value }) => JSON.stringify(value) !== JSON.stringify(first?.value));
  if (other !== undefined)
    refuse(reading, other.pointer, `Another part of the schema gives another ${keyword}. Keep one of them.`);
  return first;
}
