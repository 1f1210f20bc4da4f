import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { createRecordId, normalizeId, recordNumberOf } from '../org/record-id.ts';
import { findObject } from '../schema/catalog.ts';
import { type FieldDefinition, isKeyField, isRequired, type StoredValue } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { findByKey, readDeletedFlag } from '../store/record-table.ts';
import { coerceValue } from './coerce-value.ts';
import { recordAttribute } from './record-attributes.ts';
import { foundWhileReading, type RecordError, recordErrors } from './record-error.ts';
import type { WriteContext } from './write-context.ts';

/** The validated values of one record by field name, or every reason to refuse it; one that stops its reading alone. */
export interface PreparedRecord {
  readonly values: Map<string, StoredValue>;
  readonly errors: readonly RecordError[];
}

/**
 * Validates and normalises what a client sent for one record. The single gate of every write path: rows,
 * collections, upserts. Names are matched in any case; `ignored` is the name under which the record's id or
 * upsert key was sent; `key` is the value a created record gets from its upsert key.
 */
export function prepareRecord(
  context: WriteContext,
  object: ObjectType,
  input: JsonObject,
  mode: 'create' | 'update',
  ignored: string | undefined,
  key?: { readonly field: FieldDefinition; readonly value: StoredValue },
): PreparedRecord {
  const values = new Map<string, StoredValue>();
  if (key !== undefined) values.set(key.field.name, key.value);
  const errors: RecordError[] = [];
  const notWritable = key === undefined || key.field.createable ? [] : [key.field.name];
  for (const key of Object.keys(input)) {
    if (key === 'attributes' || key === ignored) continue;
    const value = input[key] ?? null;
    const field = findField(object, key);
    if (field === undefined) {
      setParentByKey(context, object, key, value, values, errors);
    } else if (mode === 'create' ? !field.createable : !field.updateable) {
      notWritable.push(field.name);
    } else {
      const coerced = coerceValue(field, value);
      if (coerced.kind === 'value') values.set(field.name, coerced.value);
      else errors.push(coerced.error);
    }
  }
  const unread = errors.find((error) => error[foundWhileReading]);
  if (unread !== undefined) return { values, errors: [unread] };
  if (notWritable.length > 0) errors.push(recordErrors.notWritable(notWritable));
  // A field refused for its value is not missing as well.
  const missing = missingFields(object, values, mode).filter(
    (name) => !errors.some((error) => error.fields.includes(name)),
  );
  if (missing.length > 0) errors.push(recordErrors.requiredMissing(missing));
  for (const field of object.referenceFields) {
    const value = values.get(field.name) ?? null;
    const error = value === null ? undefined : referenceError(context, field, String(value));
    if (error !== undefined) errors.push(error);
  }
  return { values, errors };
}

function missingFields(
  object: ObjectType,
  values: ReadonlyMap<string, StoredValue>,
  mode: 'create' | 'update',
): string[] {
  const missing: string[] = [];
  for (const field of object.requiredFields) {
    const value = values.get(field.name);
    if (value === null || (value === undefined && mode === 'create' && isRequired(field)))
      missing.push(field.name);
  }
  return missing;
}

function referenceError(context: WriteContext, field: FieldDefinition, id: string): RecordError | undefined {
  const { org } = context;
  const targets = field.referenceTo.map((name) => findObject(org.catalog, name));
  const target = targets.find((candidate) => candidate !== undefined && id.startsWith(candidate.keyPrefix));
  if (target === undefined) {
    const error = recordErrors.malformedId(field.label, id, field.name);
    return { ...error, statusCode: 'FIELD_INTEGRITY_EXCEPTION' };
  }
  const rid = recordNumberOf(id);
  const deleted = rid === undefined ? undefined : readDeletedFlag(org.database, target, rid);
  if (deleted === undefined) return recordErrors.badReference();
  return deleted ? recordErrors.deleted() : undefined;
}

/** The object named by a parent's `attributes`, which only a reference to several objects needs. */
function findParent(
  { catalog }: WriteContext,
  field: FieldDefinition,
  value: JsonValue,
): ObjectType | undefined {
  const wanted = recordAttribute(value, 'type')?.toLowerCase();
  const name =
    field.referenceTo.find((target) => target.toLowerCase() === wanted) ?? field.referenceTo.at(-1);
  return name === undefined ? undefined : findObject(catalog, name);
}

/** `"Account": {"ExternalId__c": "A1"}` sets AccountId to the one Account with that key. */
function setParentByKey(
  context: WriteContext,
  object: ObjectType,
  key: string,
  value: JsonValue,
  values: Map<string, StoredValue>,
  errors: RecordError[],
): void {
  const field = object.fieldByRelationship.get(key.toLowerCase());
  const parent = field === undefined ? undefined : findParent(context, field, value);
  if (field === undefined || parent === undefined || !(value === null || isJsonObject(value))) {
    errors.push(recordErrors.unknownField(key, object.name));
    return;
  }
  if (!field.createable || !field.updateable) {
    errors.push(recordErrors.notWritable([field.name]));
    return;
  }
  if (value === null) {
    values.set(field.name, null);
    return;
  }
  const keys = Object.keys(value).filter((name) => name !== 'attributes');
  const keyName = keys[0] ?? '';
  const keyField = findField(parent, keyName);
  if (keys.length !== 1 || keyField === undefined || !(isKeyField(keyField) || keyField.type === 'id')) {
    errors.push(recordErrors.unknownField(`${key}.${keyName}`, object.name));
    return;
  }
  const coerced = coerceValue(keyField, value[keyName] ?? null);
  const wanted = coerced.kind === 'value' ? coerced.value : null;
  const matches =
    wanted === null
      ? []
      : keyField.type === 'id'
        ? [recordNumberOf(normalizeId(String(wanted)) ?? '')].filter((rid) => rid !== undefined)
        : findByKey(context.org.database, parent, keyField, wanted);
  const [match, second] = matches;
  if (match === undefined)
    errors.push(recordErrors.foreignKeyNotFound(String(value[keyName] ?? ''), keyField.name, parent.name));
  else if (second !== undefined)
    errors.push(
      recordErrors.severalMatches(
        keyField.label,
        keyField.name,
        matches.map((rid) => createRecordId(parent.keyPrefix, rid)),
      ),
    );
  else values.set(field.name, createRecordId(parent.keyPrefix, match));
}
