import type { FieldValue, MappedValues } from '../dataflow/delivery.ts';
import type { JsonObject } from '../xdm/field.ts';
import { parseXdmPath, valueAt, type XdmPath } from '../xdm/path.ts';

/** One row of a mapping: what a field of the destination is to hold. */
export type MappingRow = {
  readonly source: MappingSource;
  readonly target: string;
  /** A profile without a value: the field is left as it is (`keep`, the default), or cleared. */
  readonly when_empty?: 'keep' | 'clear';
  /** `if_empty`: only where the record holds nothing yet. `always` is the default. */
  readonly overwrite?: 'always' | 'if_empty';
};

export type MappingSource =
  /** XDM path of a profile attribute. */
  | { readonly attribute: string }
  /** Identity namespace: of several identities of the profile the one that was seen first. */
  | { readonly identity: string }
  /** The same for every profile. */
  | { readonly constant: string | number | boolean };

export type CompiledMapping = {
  readonly rows: readonly CompiledRow[];
  /** Attributes it reads. */
  readonly paths: readonly XdmPath[];
  /** Namespaces of the identities it reads. */
  readonly namespaces: ReadonlySet<string>;
  /** Targets that are written only where the record holds nothing. */
  readonly ifEmpty: ReadonlySet<string>;
  /** Target → where its value comes from, for messages. */
  readonly sources: ReadonlyMap<string, string>;
};

type CompiledRow = {
  readonly target: string;
  readonly isCleared: boolean;
  readonly read: (profile: MappedProfile) => unknown;
};

/** What a mapping reads. */
export type MappedProfile = {
  readonly document: JsonObject;
  /** Namespace → its identity that was seen first. */
  readonly identities: ReadonlyMap<string, string>;
};

export function compileMapping(rows: readonly MappingRow[]): CompiledMapping {
  const paths: XdmPath[] = [];
  const namespaces = new Set<string>();
  const readerOf = (source: MappingSource): CompiledRow['read'] => {
    if ('constant' in source) return () => source.constant;
    if ('identity' in source) {
      namespaces.add(source.identity);
      return ({ identities }) => identities.get(source.identity);
    }
    const path = parseXdmPath(source.attribute);
    paths.push(path);
    return ({ document }) => valueAt(document, path);
  };
  const compiled = rows.map((row) => ({
    target: row.target,
    isCleared: row.when_empty === 'clear',
    read: readerOf(row.source),
  }));
  const ifEmpty = rows.filter(({ overwrite }) => overwrite === 'if_empty').map(({ target }) => target);
  const sources = new Map(rows.map(({ target, source }) => [target, describeSource(source)]));
  return { rows: compiled, paths, namespaces, ifEmpty: new Set(ifEmpty), sources };
}

function describeSource(source: MappingSource): string {
  if ('attribute' in source) return source.attribute;
  return 'identity' in source ? `the identity ${source.identity}` : 'a constant';
}

/**
 * The values a profile gives to each target. A target without a value is absent, or null where it is to be cleared;
 * blank text is no value. Several values, of a list, are one text, parted by `;`.
 */
export function applyMapping(mapping: CompiledMapping, profile: MappedProfile): MappedValues {
  const values: Record<string, FieldValue> = {};
  for (const { target, isCleared, read } of mapping.rows) {
    const found = read(profile);
    const value = Array.isArray(found) ? joinList(found) : found;
    const isText = typeof value === 'string';
    if (isText ? value.trim() !== '' : typeof value === 'number' || typeof value === 'boolean')
      values[target] = value as FieldValue;
    else if (isCleared) values[target] = null;
  }
  return values;
}

const joinList = (items: readonly unknown[]): string =>
  items
    .filter((item) => typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean')
    .map(String)
    .filter((item) => item.trim() !== '')
    .join(';');

/** Whether a change of a profile alters any of the given attributes; nothing else is worth sending. */
export function attributesDiffer(before: JsonObject, after: JsonObject, paths: readonly XdmPath[]): boolean {
  return paths.some((path) => JSON.stringify(valueAt(before, path)) !== JSON.stringify(valueAt(after, path)));
}
