import type { FieldValue, MappedValues } from '../dataflow/destination.ts';
import type { JsonObject } from '../xdm/field.ts';
import { parseXdmPath, valueAt, type XdmPath } from '../xdm/path.ts';

/** One row of a mapping: a profile attribute to a field of the destination. */
export type MappingRow = {
  readonly source: { readonly attribute: string };
  readonly target: string;
};

export type CompiledMapping = {
  readonly rows: readonly { readonly path: XdmPath; readonly target: string }[];
};

export const compileMapping = (rows: readonly MappingRow[]): CompiledMapping => ({
  rows: rows.map((row) => ({ path: parseXdmPath(row.source.attribute), target: row.target })),
});

/** The values a profile gives to each target. A target without a value is absent, never null. */
export function applyMapping(mapping: CompiledMapping, document: JsonObject): MappedValues {
  const values: Record<string, FieldValue> = {};
  for (const { path, target } of mapping.rows) {
    const value = valueAt(document, path);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      values[target] = value;
  }
  return values;
}

/** Whether a change of a profile alters any of the given attributes; nothing else is worth sending. */
export function attributesDiffer(before: JsonObject, after: JsonObject, paths: readonly XdmPath[]): boolean {
  return paths.some((path) => JSON.stringify(valueAt(before, path)) !== JSON.stringify(valueAt(after, path)));
}
