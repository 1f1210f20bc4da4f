import type { JsonObject, JsonValue, XdmField, XdmObject } from './field.ts';

/** A dotted path such as `person.name.firstName`, split once. Array items are not addressed. */
export type XdmPath = readonly string[];

export const parseXdmPath = (path: string): XdmPath => path.split('.');

/** The value at a path, or undefined when any step is absent. Never walks the prototype chain. */
export function valueAt(document: JsonObject, path: XdmPath): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
  }
  return value;
}

/** The declared field at a path; a map accepts any key. Undefined when the schema has no such field. */
export function fieldAt(schema: XdmObject, path: XdmPath): XdmField | undefined {
  let field: XdmField | undefined = schema;
  for (const key of path) {
    if (field?.type === 'object')
      field = Object.hasOwn(field.properties, key) ? field.properties[key] : undefined;
    else if (field?.type === 'map') field = field.values;
    else return undefined;
  }
  return field;
}

/** Every addressable path with its field, parents before children; what pickers and "did you mean" search. */
export function* listFields(
  schema: XdmObject,
  prefix = '',
): Generator<{ readonly path: string; readonly field: XdmField }> {
  for (const [key, field] of Object.entries(schema.properties)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    yield { path, field };
    if (field.type === 'object') yield* listFields(field, path);
  }
}
