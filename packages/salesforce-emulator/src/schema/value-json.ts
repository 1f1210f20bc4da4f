import type { JsonValue } from '../json.ts';
import type { FieldDefinition } from './field.ts';

/** An instant as Salesforce writes it: `2026-09-22T10:15:00.000+0000`. */
export const formatInstant = (instant: number): string =>
  new Date(instant).toISOString().replace('Z', '+0000');

/** One stored value as JSON. */
export function valueJson(field: FieldDefinition, value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (field.type === 'boolean') return value === 1;
  if (field.type === 'datetime') return formatInstant(Number(value));
  return typeof value === 'number' ? value : String(value);
}
