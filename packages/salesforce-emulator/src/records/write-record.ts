import type { FieldChanges } from '../journal/change-journal.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { takeRecordNumber } from '../org/org-state.ts';
import { createRecordId, normalizeId } from '../org/record-id.ts';
import { findObject } from '../schema/catalog.ts';
import { type FieldDefinition, foldKey, type StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import type { Row } from '../store/database.ts';
import { findByKey, insertRecord, readFields, readRecord, updateRecord } from '../store/record-table.ts';
import { coerceValue } from './coerce-value.ts';
import { deleteRecord } from './delete-record.ts';
import type { Draft } from './draft.ts';
import { locateRecord } from './locate-record.ts';
import { prepareRecord } from './prepare-record.ts';
import { type RecordError, recordError, recordErrors } from './record-error.ts';
import { failed, type RecordResult } from './record-result.ts';
import type { Saving } from './save-records.ts';
import { afterSaveSteps, saveSteps } from './save-steps.ts';

interface SentFields {
  /** The object as the writing user sees it. */
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
  | {
      readonly kind: 'delete';
      readonly object: ObjectType;
      readonly id: string;
      /** Leaves nothing in the recycle bin, as Bulk API's hardDelete. */
      readonly isForGood?: boolean;
    }
  | { readonly kind: 'refused'; readonly error: RecordError };

/** Applies one write to the database, in the caller's transaction. Refused writes change nothing. */
export function writeRecord(saving: Saving, write: RecordWrite): RecordResult {
  switch (write.kind) {
    case 'create':
      return createRecord(saving, write, undefined);
    case 'update':
      return updateById(saving, write, write.id);
    case 'upsert':
      return upsertRecord(saving, write);
    case 'delete':
      return deleteRecord(saving, write.object, write.id, write.isForGood);
    case 'refused':
      return failed([write.error]);
  }
}

const fullObject = ({ context }: Saving, object: ObjectType): ObjectType =>
  context.catalog === context.org.catalog ? object : (findObject(context.org.catalog, object.name) ?? object);

const noRow = (): undefined => undefined;

function createRecord(
  saving: Saving,
  sent: SentFields,
  key: { readonly field: FieldDefinition; readonly value: StoredValue } | undefined,
): RecordResult {
  const { context } = saving;
  const { org } = context;
  if (!sent.object.createable) return failed([recordErrors.entityNotWritable(sent.object.label, 'inserted')]);
  const { values, errors } = prepareRecord(context, sent.object, sent.fields, 'create', sent.keyName, key);
  if (errors.length > 0) return failed(errors);
  const object = fullObject(saving, sent.object);
  for (const field of object.defaultedFields)
    if ((values.get(field.name) ?? null) === null) values.set(field.name, field.defaultValue);
  const draft: Draft = {
    object,
    mode: 'create',
    rid: undefined,
    values,
    knownFree: key?.field,
    before: noRow,
  };
  const refusal = runSaveSteps(saving, draft);
  if (refusal !== undefined) return refusal;
  values.set('CreatedDate', saving.instant).set('CreatedById', context.userId).set('IsDeleted', 0);
  for (const [name, value] of saving.stamps) values.set(name, value);
  const rid = takeRecordNumber(org, object);
  insertRecord(org.database, object, rid, values);
  saving.notes.add('created', object.name, rid, null);
  for (const step of afterSaveSteps) step(context, draft, rid, saving.notes, null);
  return { id: createRecordId(object.keyPrefix, rid), success: true, created: true, errors: [] };
}

function updateById(saving: Saving, sent: SentFields, rawId: string): RecordResult {
  const located = locateRecord(saving.context.org, sent.object, rawId);
  if ('error' in located) return failed([located.error]);
  return updateLocated(saving, sent, located.rid);
}

function updateLocated(saving: Saving, sent: SentFields, rid: number): RecordResult {
  const { context } = saving;
  const { org } = context;
  if (!sent.object.updateable) {
    const isForOthers = fullObject(saving, sent.object).updateable;
    const { entityNotWritable, insufficientAccess } = recordErrors;
    return failed([isForOthers ? insufficientAccess() : entityNotWritable(sent.object.label, 'updated')]);
  }
  const { values, errors } = prepareRecord(context, sent.object, sent.fields, 'update', sent.keyName);
  if (errors.length > 0) return failed(errors);
  const object = fullObject(saving, sent.object);
  let row: Row | undefined;
  const before = (): Row | undefined => {
    row ??= readRecord(org.database, object, rid);
    return row;
  };
  const draft: Draft = { object, mode: 'update', rid, values, knownFree: undefined, before };
  const refusal = runSaveSteps(saving, draft);
  if (refusal !== undefined) return refusal;
  // Kept, so that steps after the save do not take the new values for the old ones.
  row ??= readFields(org.database, object, rid, values.keys());
  storeUpdate(saving, draft, rid, row);
  return { id: createRecordId(object.keyPrefix, rid), success: true, created: false, errors: [] };
}

function storeUpdate(saving: Saving, draft: Draft, rid: number, before: Row | undefined): void {
  const { context, notes, stamps } = saving;
  const { object, values } = draft;
  const changes = fieldChanges(values, before);
  for (const [name, value] of stamps) values.set(name, value);
  updateRecord(context.org.database, object, rid, values);
  notes.add('updated', object.name, rid, changes);
  for (const step of afterSaveSteps) step(context, draft, rid, notes, changes);
}

/**
 * Changes a live record as the org itself does, such as when a merge moves its children: no rule is asked, but it
 * is stamped and noted, and what has to follow follows. `object` is the one with all its fields.
 */
export function changeRecord(
  saving: Saving,
  object: ObjectType,
  rid: number,
  changes: ReadonlyMap<string, StoredValue>,
): void {
  const row = readRecord(saving.context.org.database, object, rid);
  const before = (): Row | undefined => row;
  const values = new Map(changes);
  const draft: Draft = { object, mode: 'update', rid, values, knownFree: undefined, before };
  storeUpdate(saving, draft, rid, row);
}

function runSaveSteps(saving: Saving, draft: Draft): RecordResult | undefined {
  for (const step of saveSteps) {
    const errors = step(saving.context, draft);
    if (errors.length > 0) return failed(errors);
  }
  return undefined;
}

function fieldChanges(values: ReadonlyMap<string, StoredValue>, before: Row | undefined): FieldChanges {
  const changes: Record<string, readonly [StoredValue, StoredValue]> = {};
  for (const [name, value] of values) {
    const old = before?.[name] ?? null;
    if (old !== value && (typeof old === 'string' || typeof old === 'number' || old === null))
      changes[name] = [old, value];
  }
  return changes;
}

function upsertRecord(saving: Saving, write: Extract<RecordWrite, { kind: 'upsert' }>): RecordResult {
  const { object, keyField, key, updateOnly } = write;
  if (keyField.type === 'id') {
    if (key !== null && key !== '') return updateById(saving, write, String(key));
    return updateOnly ? failed([recordErrors.keyMissing('Id')]) : createRecord(saving, write, undefined);
  }
  const coerced = coerceValue(keyField, key);
  if (coerced.kind === 'error') return failed([coerced.error]);
  const value = coerced.value;
  if (value === null) return failed([recordErrors.keyMissing(keyField.name)]);
  const matches = findByKey(saving.context.org.database, object, keyField, value);
  const [match, second] = matches;
  if (match !== undefined && second === undefined) return updateLocated(saving, write, match);
  if (match !== undefined) {
    const ids = matches.map((rid) => createRecordId(object.keyPrefix, rid));
    return { ...failed([recordErrors.severalMatches(keyField.label, keyField.name, ids)]), matchingIds: ids };
  }
  if (updateOnly) return failed([recordError('NOT_FOUND', 'The requested resource does not exist')]);
  return createRecord(saving, write, { field: keyField, value });
}

/** What makes two writes of one call meet the same record; undefined when nothing can. */
export function identityOfWrite(write: RecordWrite): string | undefined {
  if (write.kind === 'update') return normalizeId(write.id);
  if (write.kind !== 'upsert') return undefined;
  if (write.keyField.type === 'id') return normalizeId(String(write.key));
  const coerced = coerceValue(write.keyField, write.key);
  if (coerced.kind === 'error' || coerced.value === null) return undefined;
  return String(foldKey(write.keyField, coerced.value));
}
