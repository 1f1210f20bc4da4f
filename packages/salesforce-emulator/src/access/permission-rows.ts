import type { ObjectPermission } from '../definition/access.ts';
import type { OrgState } from '../org/org-state.ts';
import { addSystemRecord } from '../org/system-record.ts';

const bit = (value: boolean): number => (value ? 1 : 0);

/** Makes a permission set's permission for a field just this; without any there is no record. */
export function setFieldPermission(
  org: OrgState,
  parentId: string,
  field: string,
  permission: { readonly read: boolean; readonly edit: boolean },
): void {
  org.database.prepare('delete from FieldPermissions where ParentId = ? and Field = ?').run(parentId, field);
  if (permission.read) addFieldPermission(org, parentId, field, permission.edit);
}

/** Lets a permission set read a field, and perhaps edit it, that it has no permission for yet. */
export function addFieldPermission(org: OrgState, parentId: string, field: string, edit: boolean): void {
  addSystemRecord(org, 'FieldPermissions', {
    ParentId: parentId,
    SobjectType: field.slice(0, field.indexOf('.')),
    Field: field,
    PermissionsRead: 1,
    PermissionsEdit: bit(edit),
  });
}

/** Makes a permission set's permission for an object just this, with what it implies. */
export function setObjectPermission(org: OrgState, parentId: string, permission: ObjectPermission): void {
  const modifyAll = permission.modifyAll ?? false;
  const viewAll = modifyAll || (permission.viewAll ?? false);
  const remove = modifyAll || (permission.delete ?? false);
  const edit = remove || (permission.edit ?? false);
  const create = permission.create ?? false;
  const read = viewAll || edit || create || (permission.read ?? false);
  org.database
    .prepare('delete from ObjectPermissions where ParentId = ? and SobjectType = ?')
    .run(parentId, permission.object);
  if (!read) return;
  addSystemRecord(org, 'ObjectPermissions', {
    ParentId: parentId,
    SobjectType: permission.object,
    PermissionsCreate: bit(create),
    PermissionsRead: 1,
    PermissionsEdit: bit(edit),
    PermissionsDelete: bit(remove),
    PermissionsViewAllRecords: bit(viewAll),
    PermissionsModifyAllRecords: bit(modifyAll),
  });
}

/** Forgets all permissions for a field that is no more. */
export const removeFieldPermissions = (org: OrgState, field: string): void => {
  org.database.prepare('delete from FieldPermissions where Field = ?').run(field);
};
