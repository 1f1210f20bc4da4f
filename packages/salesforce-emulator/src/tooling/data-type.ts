import type { FieldDefinition } from '../schema/field.ts';

const longTextLength = 255;

/** A field's type as Setup and `FieldDefinition.DataType` word it, such as `Text(40)` or `Lookup(Account)`. */
export function dataTypeOf(field: FieldDefinition): string {
  const size = `${field.precision - field.scale}, ${field.scale}`;
  switch (field.type) {
    case 'string':
      return `Text(${field.length})${keyWords(field)}`;
    case 'textarea':
      return field.length > longTextLength ? `Long Text Area(${field.length})` : `Text Area(${field.length})`;
    case 'double':
    case 'int':
      return `Number(${size})${keyWords(field)}`;
    case 'currency':
      return `Currency(${size})`;
    case 'percent':
      return `Percent(${size})`;
    case 'email':
      return `Email${keyWords(field)}`;
    case 'reference':
      return `Lookup(${field.referenceTo.join(',')})`;
    default:
      return plainNames[field.type];
  }
}

const plainNames = {
  id: 'Id',
  phone: 'Phone',
  url: 'URL',
  picklist: 'Picklist',
  multipicklist: 'Picklist (Multi-Select)',
  boolean: 'Checkbox',
  date: 'Date',
  datetime: 'Date/Time',
  address: 'Address',
} as const;

/** How Setup marks keys: `(External ID) (Unique Case Insensitive)`. */
function keyWords(field: FieldDefinition): string {
  const external = field.custom && field.externalId ? ' (External ID)' : '';
  if (!field.custom || !field.unique) return external;
  if (field.type !== 'string') return `${external} (Unique)`;
  return `${external} (Unique ${field.caseSensitive ? 'Case Sensitive' : 'Case Insensitive'})`;
}
