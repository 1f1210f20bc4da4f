import type { FieldChanges } from '../journal/change-journal.ts';
import { createRecordId } from '../org/record-id.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import type { FieldDefinition, StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { findByReference, updateRecord } from '../store/record-table.ts';
import { locateRecord } from './locate-record.ts';
import { recordErrors } from './record-error.ts';
import { failed, type RecordResult } from './record-result.ts';
import { addToBin, type BinEntry, removeGroup } from './recycle-bin.ts';
import type { Saving } from './save-records.ts';
import { binSteps, deleteSteps } from './save-steps.ts';

/** Moves a record to the recycle bin with the records that cannot be without it, or removes them for good. */
export function deleteRecord(
  saving: Saving,
  object: ObjectType,
  rawId: string,
  isForGood = false,
): RecordResult {
  const { org } = saving.context;
  const located = locateRecord(org, object, rawId);
  if ('error' in located) return failed([located.error]);
  if (!object.deletable) {
    const isForOthers = findObject(org.catalog, object.name)?.deletable === true;
    const { entityNotWritable, insufficientAccess } = recordErrors;
    return failed([isForOthers ? insufficientAccess() : entityNotWritable(object.label, 'deleted')]);
  }
  for (const step of deleteSteps) {
    const errors = step(saving.context, object, located.rid);
    if (errors.length > 0) return failed(errors);
  }
  moveToBin(saving, object, located.rid);
  if (isForGood) removeGroup(org, { object, rid: located.rid });
  return { id: createRecordId(object.keyPrefix, located.rid), success: true, errors: [] };
}

/**
 * Deletes without asking who may; cascades, so that an Account takes its Contacts with it. `winnerId` is the record
 * that a merge keeps instead.
 */
export function moveToBin(
  saving: Saving,
  object: ObjectType,
  rid: number,
  winnerId: string | null = null,
  root: BinEntry = { object, rid },
): void {
  const { org } = saving.context;
  const id = createRecordId(object.keyPrefix, rid);
  const values = new Map<string, StoredValue>([['IsDeleted', 1], ...saving.stamps]);
  if (winnerId !== null) values.set('MasterRecordId', winnerId);
  updateRecord(org.database, object, rid, values);
  addToBin(org.database, { object, rid }, root, saving.instant);
  const changes: FieldChanges | null = winnerId === null ? null : { MasterRecordId: [null, winnerId] };
  saving.notes.add('deleted', object.name, rid, changes);
  for (const step of binSteps) step(saving.context, object, rid, 'deleted');
  for (const { child, field } of cascadesFrom(org.catalog, object.name))
    for (const childRid of findByReference(org.database, child, field, id))
      moveToBin(saving, child, childRid, null, root);
}

/** A field whose records go when the one it refers to goes. */
interface Cascade {
  readonly child: ObjectType;
  readonly field: FieldDefinition;
}
const cascades = new WeakMap<Catalog, Map<string, readonly Cascade[]>>();

function cascadesFrom(catalog: Catalog, objectName: string): readonly Cascade[] {
  let byName = cascades.get(catalog);
  if (byName === undefined) {
    byName = new Map();
    cascades.set(catalog, byName);
  }
  let found = byName.get(objectName);
  if (found === undefined) {
    found = [...catalog.values()].flatMap((child) =>
      child.fields
        .filter((field) => field.cascadeDelete && field.referenceTo.includes(objectName))
        .map((field) => ({ child, field })),
    );
    byName.set(objectName, found);
  }
  return found;
}
