import { createRecordId } from '../../org/record-id.ts';
import { findObject } from '../../schema/catalog.ts';
import { integerOf } from '../../store/database.ts';
import { findByReference, updateRecord } from '../../store/record-table.ts';
import { type Draft, valueAfter } from '../draft.ts';
import { type RecordError, recordError, recordErrors } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const permissionTables: ReadonlySet<string> = new Set(['FieldPermissions', 'ObjectPermissions']);

/** A record that permits nothing is none: Salesforce removes it. */
export function dropEmptyPermission({ org }: WriteContext, draft: Draft, rid: number): void {
  if (!permissionTables.has(draft.object.name) || valueAfter(draft, 'PermissionsRead') === 1) return;
  updateRecord(org.database, draft.object, rid, new Map([['IsDeleted', 1]]));
}

/** Why a permission record may not be deleted: a profile keeps its own permission set, and users theirs. */
export function keepUsedPermissionSet(
  { org }: WriteContext,
  objectName: string,
  rid: number,
): RecordError | undefined {
  if (objectName !== 'PermissionSet' && objectName !== 'PermissionSetAssignment') return undefined;
  const set = objectName === 'PermissionSet' ? rid : setOfAssignment(org.database, rid);
  const row = org.database
    .prepare('select IsOwnedByProfile as owned from PermissionSet where rid = ?')
    .get(set);
  if (row?.owned === 1) return recordErrors.insufficientAccess();
  const assignment = findObject(org.catalog, 'PermissionSetAssignment');
  const field = assignment?.fieldByName.get('PermissionSetId');
  if (objectName !== 'PermissionSet' || assignment === undefined || field === undefined) return undefined;
  const id = createRecordId('0PS', rid);
  if (findByReference(org.database, assignment, field, id).length === 0) return undefined;
  return recordError(
    'DELETE_FAILED',
    'Your attempt to delete the permission set could not be completed because it is assigned to users.',
  );
}

const setOfAssignment = (database: WriteContext['org']['database'], rid: number): number => {
  const sql = 'select record_number(PermissionSetId) as n from PermissionSetAssignment where rid = ?';
  return integerOf(database.prepare(sql).get(rid)?.n);
};
