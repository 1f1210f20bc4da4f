import { createRecordId } from '../../org/record-id.ts';
import { findObject } from '../../schema/catalog.ts';
import { type Database, integerOf } from '../../store/database.ts';
import { findByReference, updateRecord } from '../../store/record-table.ts';
import { type Draft, valueAfter } from '../draft.ts';
import { type RecordError, recordError, recordErrors } from '../record-error.ts';
import type { DeleteStep } from '../save-step.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];
const permissionTables: ReadonlySet<string> = new Set(['FieldPermissions', 'ObjectPermissions']);

/** A record that permits nothing is none: Salesforce removes it. */
export function dropEmptyPermission({ org }: WriteContext, draft: Draft, rid: number): void {
  if (!permissionTables.has(draft.object.name) || valueAfter(draft, 'PermissionsRead') === 1) return;
  updateRecord(org.database, draft.object, rid, new Map([['IsDeleted', 1]]));
}

/** A profile keeps its own permission set, and users theirs: a permission set in use is not deleted. */
export const keepUsedPermissionSet: DeleteStep = ({ org }, object, rid) => {
  if (object.name !== 'PermissionSet' && object.name !== 'PermissionSetAssignment') return none;
  const isSet = object.name === 'PermissionSet';
  const set = isSet ? rid : setOfAssignment(org.database, rid);
  const row = org.database
    .prepare('select IsOwnedByProfile as owned from PermissionSet where rid = ?')
    .get(set);
  if (row?.owned === 1) return [recordErrors.insufficientAccess()];
  const assignment = findObject(org.catalog, 'PermissionSetAssignment');
  const field = assignment?.fieldByName.get('PermissionSetId');
  if (!isSet || assignment === undefined || field === undefined) return none;
  if (findByReference(org.database, assignment, field, createRecordId('0PS', rid)).length === 0) return none;
  const message =
    'Your attempt to delete the permission set could not be completed because it is assigned to users.';
  return [recordError('DELETE_FAILED', message)];
};

function setOfAssignment(database: Database, rid: number): number {
  const sql = "select record_number(PermissionSetId, '0PS') as n from PermissionSetAssignment where rid = ?";
  return integerOf(database.prepare(sql).get(rid)?.n);
}
