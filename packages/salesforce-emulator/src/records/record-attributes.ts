import { isJsonObject, type JsonValue, ownValue } from '../json.ts';

/** A text in the `attributes` of a record as sent, such as its `type`; undefined without one. */
export function recordAttribute(record: JsonValue, name: string): string | undefined {
  const attributes = isJsonObject(record) ? ownValue(record, 'attributes') : undefined;
  const value = isJsonObject(attributes) ? ownValue(attributes, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}
