import type { IntegerSize, JsonObject, XdmField, XdmNumber } from './field.ts';

/** What the sizes of integers hold. Source: the platform's XDM, schema/field-constraints. */
export const integerBounds: Readonly<
  Record<IntegerSize | 'long', { readonly least: number; readonly most: number }>
> = {
  byte: { least: -128, most: 127 },
  short: { least: -32_768, most: 32_767 },
  int: { least: -2_147_483_648, most: 2_147_483_647 },
  long: { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER },
};

/** The bounds of a number, its own or those of its size; undefined where it has none. */
export function boundsOf(field: XdmNumber): { readonly least?: number; readonly most?: number } {
  const { minimum, maximum } = field;
  const size = field.type === 'integer' ? integerBounds[field.size ?? 'long'] : undefined;
  const least = minimum ?? size?.least;
  const most = maximum ?? size?.most;
  return { ...(least !== undefined && { least }), ...(most !== undefined && { most }) };
}

/** The types of XDM, as the platform writes them in `meta:xdmType`. */
export const xdmTypes = [
  'string',
  'byte',
  'short',
  'int',
  'long',
  'number',
  'boolean',
  'date',
  'date-time',
  'object',
  'array',
  'map',
] as const;
export type XdmType = (typeof xdmTypes)[number];

/** The type of XDM that a field has. */
export function xdmTypeOf(field: XdmField): XdmType {
  if (field.type === 'integer') return field.size ?? 'long';
  if (field.type === 'string' && (field.format === 'date' || field.format === 'date-time'))
    return field.format;
  return field.type;
}

/**
 * A field as JSON Schema, valid under draft-07 and 2020-12 alike; it sets no `$schema`.
 *
 * Objects refuse unknown keys. Whole numbers stay within what a double holds exactly. `meta:xdmType` is the
 * one keyword beside those of JSON Schema.
 */
export function toJsonSchema(field: XdmField): JsonObject {
  return {
    type: field.type === 'map' ? 'object' : field.type,
    title: field.title,
    ...(field.description !== undefined && { description: field.description }),
    ...(field.readOnly === true && { readOnly: true }),
    ...rulesOf(field),
    'meta:xdmType': xdmTypeOf(field),
  };
}

function rulesOf(field: XdmField): JsonObject {
  switch (field.type) {
    case 'string':
      return {
        ...(field.format !== undefined && { format: field.format }),
        ...(field.enum !== undefined && { enum: field.enum }),
        ...(field.pattern !== undefined && { pattern: field.pattern }),
        ...(field.minLength !== undefined && { minLength: field.minLength }),
        ...(field.maxLength !== undefined && { maxLength: field.maxLength }),
      };
    case 'integer':
    case 'number': {
      const { least, most } = boundsOf(field);
      return { ...(least !== undefined && { minimum: least }), ...(most !== undefined && { maximum: most }) };
    }
    case 'boolean':
      return {};
    case 'object':
      return {
        properties: Object.fromEntries(
          Object.entries(field.properties).map(([key, property]) => [key, toJsonSchema(property)]),
        ),
        ...(field.required !== undefined && { required: field.required }),
        additionalProperties: false,
      };
    case 'map':
      return { additionalProperties: toJsonSchema(field.values) };
    case 'array':
      return { items: toJsonSchema(field.items) };
  }
}
