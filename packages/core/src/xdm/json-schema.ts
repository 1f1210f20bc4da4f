import type { JsonObject, XdmField } from './field.ts';

/**
 * A field as JSON Schema, valid under draft-07 and 2020-12 alike; it sets no `$schema`.
 *
 * Objects refuse unknown keys. Whole numbers stay within what a double holds exactly.
 */
export function toJsonSchema(field: XdmField): JsonObject {
  const described = {
    title: field.title,
    ...(field.description !== undefined && { description: field.description }),
  };
  switch (field.type) {
    case 'string':
      return {
        type: 'string',
        ...described,
        ...(field.format !== undefined && { format: field.format }),
        ...(field.enum !== undefined && { enum: field.enum }),
        ...(field.pattern !== undefined && { pattern: field.pattern }),
        ...(field.maxLength !== undefined && { maxLength: field.maxLength }),
      };
    case 'integer':
      return {
        type: 'integer',
        ...described,
        minimum: field.minimum ?? Number.MIN_SAFE_INTEGER,
        maximum: field.maximum ?? Number.MAX_SAFE_INTEGER,
      };
    case 'number':
      return {
        type: 'number',
        ...described,
        ...(field.minimum !== undefined && { minimum: field.minimum }),
        ...(field.maximum !== undefined && { maximum: field.maximum }),
      };
    case 'boolean':
      return { type: 'boolean', ...described };
    case 'object':
      return {
        type: 'object',
        ...described,
        properties: Object.fromEntries(
          Object.entries(field.properties).map(([key, property]) => [key, toJsonSchema(property)]),
        ),
        ...(field.required !== undefined && { required: field.required }),
        additionalProperties: false,
      };
    case 'map':
      return { type: 'object', ...described, additionalProperties: toJsonSchema(field.values) };
    case 'array':
      return { type: 'array', ...described, items: toJsonSchema(field.items) };
  }
}
