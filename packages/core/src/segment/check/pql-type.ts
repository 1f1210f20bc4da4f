import type { XdmField, XdmObject } from '../../xdm/field.ts';

/**
 * What an expression of a rule yields. `unknown` is a value nothing is known of: a field without a schema, or one that
 * follows an error already reported. It fits everywhere.
 */
export type PqlType =
  | { readonly kind: 'text'; readonly enum?: readonly string[] }
  | { readonly kind: 'number' }
  | { readonly kind: 'boolean' }
  /** A calendar day. */
  | { readonly kind: 'date' }
  /** A date with a time of day and an offset: one instant. */
  | { readonly kind: 'instant' }
  /** A unit of the calendar: `last week`. */
  | { readonly kind: 'period' }
  | { readonly kind: 'list'; readonly items: PqlType }
  /** `isOpen`: other fields than the named ones may be there, too. */
  | { readonly kind: 'object'; readonly field: XdmObject; readonly isOpen?: true }
  | { readonly kind: 'map'; readonly values: PqlType }
  /** What `mapEntry` makes: one key of a map. */
  | { readonly kind: 'entry'; readonly values: PqlType }
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
      return { kind: 'object', field };
    case 'map':
      return { kind: 'map', values: typeOfField(field.values) };
  }
}

const typeNames: Readonly<Record<PqlType['kind'], string>> = {
  text: 'text',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date',
  instant: 'a date and time',
  period: 'a period',
  list: 'a list',
  object: 'a group of fields',
  map: 'a map',
  entry: 'an entry of a map',
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

/** Whether values of both types can be equal at all, as far as is known. */
export const isAlike = (a: PqlType, b: PqlType): boolean =>
  isUnknown(a) || isUnknown(b) || a.kind === b.kind || (isTime(a) && isTime(b));

/** What a list holds; of a single value itself, since a condition on a list is one on any of its items. */
export const itemOrSelf = (type: PqlType): PqlType => (type.kind === 'list' ? type.items : type);

/** What can stand where a condition belongs: of a list, that it has an item, as `xEvent[…]` does. */
export const isCondition = (type: PqlType): boolean =>
  type.kind === 'boolean' ||
  type.kind === 'unknown' ||
  (type.kind === 'list' && type.items.kind !== 'boolean');
