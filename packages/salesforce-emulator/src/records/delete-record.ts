import { createRecordId } from '../org/record-id.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { findByReference, updateRecord } from '../store/record-table.ts';
import { locateRecord } from './locate-record.ts';
import { recordErrors } from './record-error.ts';
import { failed, type RecordResult } from './record-result.ts';
import type { Saving } from './save-records.ts';
import { binSteps, deleteSteps } from './save-steps.ts';

/** Moves a record to the recycle bin, with the records that cannot be without it. */
export function deleteRecord(saving: Saving, object: ObjectType, rawId: string): RecordResult {
  const { org } = saving.context;
  const located = locateRecord(org, object, rawId);
  if ('error' in located) return failed([located.error]);
  if (!object.deletable) return failed([recordErrors.entityNotWritable(object.label, 'deleted')]);
  for (const step of deleteSteps) {
    const errors = step(saving.context, object, located.rid);
    if (errors.length > 0) return failed(errors);
  }
  moveToBin(saving, object, located.rid);
  return { id: createRecordId(object.keyPrefix, located.rid), success: true, errors: [] };
}

/** Deletes without asking who may; cascades, so that an Account takes its Contacts with it. */
export function moveToBin(saving: Saving, object: ObjectType, rid: number): void {
  const { org } = saving.context;
  const id = createRecordId(object.keyPrefix, rid);
  updateRecord(org.database, object, rid, new Map([['IsDeleted', 1], ...saving.stamps]));
  saving.notes.add('deleted', object.name, rid, null);
  for (const step of binSteps) step(saving.context, object, rid, 'deleted');
  for (const child of org.catalog.values())
    for (const field of child.fields)
      if (field.cascadeDelete && field.referenceTo.includes(object.name))
        for (const childRid of findByReference(org.database, child, field, id))
          moveToBin(saving, child, childRid);
}
