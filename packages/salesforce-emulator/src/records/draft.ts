import { type FieldDefinition, type StoredValue, storedValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import type { Row } from '../store/database.ts';

/** A record on its way into the org. Steps read it, refuse it, and add values of their own. */
export interface Draft {
  /** The object with all its fields, whatever the user may see of them. */
  readonly object: ObjectType;
  readonly mode: 'create' | 'update';
  /** The record's number; undefined while it is being created. */
  readonly rid: number | undefined;
  /** What is to be written, by field name as the object spells it. */
  readonly values: Map<string, StoredValue>;
  /** A key already looked up and found on no live record. */
  readonly knownFree: FieldDefinition | undefined;
  /** The record before the change, read when first asked for; undefined while it is being created. */
  readonly before: () => Row | undefined;
}

/** A field's value after the change. */
export function valueAfter(draft: Draft, name: string): StoredValue {
  const changed = draft.values.get(name);
  if (changed !== undefined) return changed;
  return storedValue(draft.before()?.[name]);
}
