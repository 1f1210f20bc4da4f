import type { XdmField } from '../../xdm/field.ts';

/** What an expression of a rule yields. `unknown` follows an error already reported and silences others. */
export type PqlType =
  | { readonly kind: 'text'; readonly enum?: readonly string[] }
  | { readonly kind: 'number' }
  | { readonly kind: 'boolean' }
  /** A calendar day. */
  | { readonly kind: 'date' }
  /** A date with a time of day and an offset: one instant. */
  | { readonly kind: 'instant' }
  | { readonly kind: 'list'; readonly items: PqlType }
  | { readonly kind: 'object' }
  | { readonly kind: 'map' }
  | { readonly kind: 'unknown' };

export const unknownType: PqlType = { kind: 'unknown' };

/** The type of the values a schema field holds. */
export function typeOfField(field: XdmField): PqlType {
  switch (field.type) {
    case 'string':
      if (field.format === 'date') return { kind: 'date' };
      if (field.format === 'date-time') return { kind: 'instant' };
      return field.enum === undefined ? { kind: 'text' } : { kind: 'text', enum: field.enum };
    case 'integer':
    case 'number':
      return { kind: 'number' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'array':
      return { kind: 'list', items: typeOfField(field.items) };
    case 'object':
      return { kind: 'object' };
    case 'map':
      return { kind: 'map' };
  }
}

const typeNames: Readonly<Record<PqlType['kind'], string>> = {
  text: 'text',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date',
  instant: 'a date and time',
  list: 'a list',
  object: 'a group of fields',
  map: 'a map',
  unknown: 'anything',
};

/** The kind of type in the words of an error message, with its article. */
export const kindName = (kind: PqlType['kind']): string => typeNames[kind];
export const typeName = (type: PqlType): string => kindName(type.kind);

/** Types of one value each, which can be compared and looked up in lists. */
export const isScalar = (type: PqlType): boolean =>
  type.kind === 'text' || type.kind === 'number' || type.kind === 'boolean' || isTime(type);

export const isTime = (type: PqlType): boolean => type.kind === 'date' || type.kind === 'instant';

export const isUnknown = (type: PqlType): boolean => type.kind === 'unknown';
