import type { JsonObject, JsonValue } from '../json.ts';
import { now, type OrgState, takeRecordNumber, valuesByName } from '../org/org-state.ts';
import { createRecordId, normalizeId, recordNumberOf } from '../org/record-id.ts';
import { type FieldDefinition, foldKey, type StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import {
  findByKey,
  findByReference,
  insertRecord,
  readDeletedFlag,
  readRecord,
  updateRecord,
} from '../store/record-table.ts';
import { coerceValue } from './coerce-value.ts';
import { prepareRecord } from './prepare-record.ts';
import { type RecordError, recordError, recordErrors } from './record-error.ts';

interface SentFields {
  readonly object: ObjectType;
  /** What the client sent, keys in any case. */
  readonly fields: JsonObject;
  /** The key in `fields` that names the record (its id or upsert key) and so is no field to write. */
  readonly keyName?: string | undefined;
}

/** One thing to do with one record. */
export type RecordWrite =
  | ({ readonly kind: 'create' } & SentFields)
  | ({ readonly kind: 'update'; readonly id: string } & SentFields)
  | ({
      readonly kind: 'upsert';
      readonly keyField: FieldDefinition;
      readonly key: JsonValue;
      readonly updateOnly: boolean;
    } & SentFields)
  | { readonly kind: 'delete'; readonly object: ObjectType; readonly id: string }
  | { readonly kind: 'refused'; readonly error: RecordError };

/** What became of it. `matchingIds` is set when an upsert found several records. */
export interface RecordResult {
  readonly id?: string;
  readonly success: boolean;
  readonly created?: boolean;
  readonly errors: readonly RecordError[];
  readonly matchingIds?: readonly string[];
}

/** A failure carries no id: by Salesforce's documents a result with an id was written. */
const failed = (errors: readonly RecordError[]): RecordResult => ({ success: false, errors });

/** Applies one write to the database, in the caller's transaction. Refused writes change nothing. */
export function writeRecord(org: OrgState, userId: string, write: RecordWrite): RecordResult {
  switch (write.kind) {
    case 'create':
      return createRecord(org, userId, write, undefined);
    case 'update':
      return updateById(org, userId, write, write.id);
    case 'upsert':
      return upsertRecord(org, userId, write);
    case 'delete':
      return deleteRecord(org, userId, write.object, write.id);
    case 'refused':
      return failed([write.error]);
  }
}

const readOnlyObject = (object: ObjectType): RecordError =>
  recordError('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be updated: ${object.label}`);

function createRecord(
  org: OrgState,
  userId: string,
  sent: SentFields,
  key: { readonly field: FieldDefinition; readonly value: StoredValue } | undefined,
): RecordResult {
  const { object, fields, keyName } = sent;
  if (!object.writable) return failed([readOnlyObject(object)]);
  const { values, errors } = prepareRecord(org, object, fields, 'create', keyName, key);
  if (errors.length > 0) return failed(errors);
  const duplicate = duplicateError(org, object, values, undefined);
  if (duplicate !== undefined) return failed([duplicate]);
  for (const field of object.fields)
    if (field.defaultedOnCreate && field.defaultValue !== null && (values.get(field) ?? null) === null)
      values.set(field, field.defaultValue);
  const owner = object.fieldByName.get('OwnerId');
  if (owner !== undefined && (values.get(owner) ?? null) === null) values.set(owner, userId);
  setFullName(object, values, () => undefined);
  const instant = wholeSecond(now(org));
  const stamps = {
    CreatedDate: instant,
    CreatedById: userId,
    IsDeleted: 0,
    ...modificationStamps(userId, instant),
  };
  for (const [field, value] of valuesByName(object, stamps)) values.set(field, value);
  const rid = takeRecordNumber(org, object);
  insertRecord(org.database, object, rid, values);
  return { id: createRecordId(object.keyPrefix, rid), success: true, created: true, errors: [] };
}

function updateById(org: OrgState, userId: string, sent: SentFields, rawId: string): RecordResult {
  const located = locate(org, sent.object, rawId);
  if ('error' in located) return failed([located.error]);
  return updateLocated(org, userId, sent, located.rid);
}

function updateLocated(org: OrgState, userId: string, sent: SentFields, rid: number): RecordResult {
  const { object, fields, keyName } = sent;
  const id = createRecordId(object.keyPrefix, rid);
  if (!object.writable) return failed([readOnlyObject(object)]);
  const { values, errors } = prepareRecord(org, object, fields, 'update', keyName);
  if (errors.length > 0) return failed(errors);
  const duplicate = duplicateError(org, object, values, rid);
  if (duplicate !== undefined) return failed([duplicate]);
  setFullName(object, values, () => readRecord(org.database, object, rid));
  const stamps = modificationStamps(userId, wholeSecond(now(org)));
  for (const [field, value] of valuesByName(object, stamps)) values.set(field, value);
  updateRecord(org.database, object, rid, values);
  return { id, success: true, created: false, errors: [] };
}

function upsertRecord(
  org: OrgState,
  userId: string,
  write: Extract<RecordWrite, { kind: 'upsert' }>,
): RecordResult {
  const { object, keyField, key, updateOnly } = write;
  if (keyField.type === 'id') {
    if (key !== null && key !== '') return updateById(org, userId, write, String(key));
    return updateOnly ? failed([recordErrors.keyMissing('Id')]) : createRecord(org, userId, write, undefined);
  }
  const coerced = coerceValue(keyField, key);
  if (coerced.kind === 'error') return failed([coerced.error]);
  const value = coerced.value;
  if (value === null) return failed([recordErrors.keyMissing(keyField.name)]);
  const matches = findByKey(org.database, object, keyField, value);
  const [match, second] = matches;
  if (match !== undefined && second === undefined) return updateLocated(org, userId, write, match);
  if (match !== undefined) {
    const ids = matches.map((rid) => createRecordId(object.keyPrefix, rid));
    return { ...failed([recordErrors.severalMatches(keyField.label, keyField.name, ids)]), matchingIds: ids };
  }
  if (updateOnly) return failed([recordError('NOT_FOUND', 'The requested resource does not exist')]);
  return createRecord(org, userId, write, { field: keyField, value });
}

function deleteRecord(org: OrgState, userId: string, object: ObjectType, rawId: string): RecordResult {
  const located = locate(org, object, rawId);
  if ('error' in located) return failed([located.error]);
  const id = createRecordId(object.keyPrefix, located.rid);
  if (!object.writable) return failed([readOnlyObject(object)]);
  const stamps = { IsDeleted: 1, ...modificationStamps(userId, wholeSecond(now(org))) };
  updateRecord(org.database, object, located.rid, valuesByName(object, stamps));
  // Deleting an Account moves its Contacts to the recycle bin with it.
  for (const child of org.catalog.values())
    for (const field of child.fields)
      if (field.cascadeDelete && field.referenceTo.includes(object.name))
        for (const rid of findByReference(org.database, child, field, id))
          updateRecord(org.database, child, rid, valuesByName(child, stamps));
  return { id, success: true, errors: [] };
}

/** The record number behind an id of a live record of this object. */
function locate(
  org: OrgState,
  object: ObjectType,
  rawId: string,
): { readonly rid: number } | { readonly error: RecordError } {
  const id = normalizeId(rawId.trim());
  if (id === undefined || !id.startsWith(object.keyPrefix))
    return { error: recordErrors.malformedId(`${object.label} ID`, rawId, 'Id') };
  const rid = recordNumberOf(id);
  const deleted = rid === undefined ? undefined : readDeletedFlag(org.database, object, rid);
  if (rid === undefined || deleted === undefined) return { error: recordErrors.badReference() };
  return deleted ? { error: recordErrors.deleted() } : { rid };
}

function duplicateError(
  org: OrgState,
  object: ObjectType,
  values: ReadonlyMap<FieldDefinition, StoredValue>,
  self: number | undefined,
): RecordError | undefined {
  for (const [field, value] of values) {
    if (!field.unique || value === null) continue;
    const other = findByKey(org.database, object, field, value, 2).find((rid) => rid !== self);
    if (other !== undefined)
      return recordErrors.duplicateValue(field.name, createRecordId(object.keyPrefix, other));
  }
  return undefined;
}

/** A person's Name is first and last name together; kept as a column so that it can be searched and sorted. */
function setFullName(
  object: ObjectType,
  values: Map<FieldDefinition, StoredValue>,
  readCurrent: () => Record<string, unknown> | undefined,
): void {
  const [first, last, full] = ['FirstName', 'LastName', 'Name'].map((name) => object.fieldByName.get(name));
  if (first === undefined || last === undefined || full === undefined) return;
  if (!values.has(first) && !values.has(last)) return;
  const current = values.has(first) && values.has(last) ? undefined : readCurrent();
  const part = (field: FieldDefinition): unknown =>
    values.has(field) ? values.get(field) : current?.[field.name];
  values.set(full, [part(first), part(last)].filter((name) => typeof name === 'string').join(' '));
}

/** Salesforce shows audit fields without milliseconds. */
const wholeSecond = (instant: number): number => Math.floor(instant / 1000) * 1000;

const modificationStamps = (userId: string, instant: number): Record<string, StoredValue> => ({
  LastModifiedDate: instant,
  LastModifiedById: userId,
  SystemModstamp: instant,
});

/** The folded key of an upsert, for finding the same key twice in one call; undefined when there is none. */
export function upsertKey(keyField: FieldDefinition, key: JsonValue): string | undefined {
  const coerced = coerceValue(keyField, key);
  if (coerced.kind === 'error' || coerced.value === null) return undefined;
  return String(foldKey(keyField, coerced.value));
}
