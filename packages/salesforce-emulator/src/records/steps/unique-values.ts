import { createRecordId } from '../../org/record-id.ts';
import type { FieldDefinition } from '../../schema/field.ts';
import { findField, type ObjectType } from '../../schema/object-type.ts';
import { findByKey } from '../../store/record-table.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordErrors } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];
const uniqueFields = new WeakMap<ObjectType, readonly FieldDefinition[]>();

function uniqueFieldsOf(object: ObjectType): readonly FieldDefinition[] {
  let fields = uniqueFields.get(object);
  if (fields === undefined) {
    fields = object.fields.filter((field) => field.unique);
    uniqueFields.set(object, fields);
  }
  return fields;
}

/** Refuses a value that a Unique field has on another live record; one the user may not see stays unnamed. */
export function findDuplicateValue(context: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, rid, values } = draft;
  for (const field of uniqueFieldsOf(object)) {
    const value = values.get(field.name) ?? null;
    if (value === null || draft.knownFree === field) continue;
    const other = findByKey(context.org.database, object, field, value, 2).find((found) => found !== rid);
    if (other === undefined) continue;
    const seen = context.catalog.get(object.name.toLowerCase());
    const isVisible = seen !== undefined && findField(seen, field.name) !== undefined;
    const id = isVisible ? createRecordId(object.keyPrefix, other) : '<unknown>';
    return [recordErrors.duplicateValue(field.name, id)];
  }
  return none;
}
