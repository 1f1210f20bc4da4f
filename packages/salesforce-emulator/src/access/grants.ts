import type { OrgState } from '../org/org-state.ts';
import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import { permissionFieldOf, type UserPermission, userPermissionNames } from '../schema/user-permission.ts';
import { integerOf, type Row } from '../store/database.ts';

/** What a user may do with the records of an object. */
export interface ObjectGrant {
  readonly create: boolean;
  readonly read: boolean;
  readonly edit: boolean;
  readonly remove: boolean;
}

/** Everything a collection of permission sets permits together. Names in lower case. */
export interface Grants {
  readonly users: ReadonlySet<UserPermission>;
  readonly objects: ReadonlyMap<string, ObjectGrant>;
  /** By `object.field`; no entry, no access. */
  readonly fields: ReadonlyMap<string, { readonly read: boolean; readonly edit: boolean }>;
}

/** Ids of the permission sets a user has: the one of the profile, and those assigned. */
export function permissionSetsOf(org: OrgState, userId: string): readonly string[] {
  const sql = `
    select rid from PermissionSet where IsDeleted = 0 and (
      (IsOwnedByProfile = 1 and ProfileId = (select ProfileId from "User" where rid = ?1))
      or rid in (select record_number(PermissionSetId, '0PS') from PermissionSetAssignment
        where AssigneeId = ?2 and IsDeleted = 0))
    order by rid`;
  const rows = org.database.prepare(sql).all(recordNumberOf(userId) ?? 0, userId);
  return rows.map((row) => createRecordId('0PS', integerOf(row.rid)));
}

/** What these permission sets permit together: one that permits is enough. */
export function readGrants(org: OrgState, permissionSetIds: readonly string[]): Grants {
  const ids = JSON.stringify(permissionSetIds);
  const numbers = JSON.stringify(permissionSetIds.map(recordNumberOf));
  const inSets = 'in (select value from json_each(?))';
  const maximum = (names: readonly string[]): string =>
    names.map((name) => `max(${name}) as ${name}`).join(', ');
  const { database } = org;
  const users = database
    .prepare(
      `select ${maximum(userPermissionNames.map(permissionFieldOf))} from PermissionSet where rid ${inSets}`,
    )
    .get(numbers);
  const objects = database
    .prepare(
      `select SobjectType, ${maximum(objectColumns)} from ObjectPermissions where IsDeleted = 0 and ParentId ${inSets} group by SobjectType`,
    )
    .all(ids);
  const fields = database
    .prepare(
      `select Field, ${maximum(['PermissionsRead', 'PermissionsEdit'])} from FieldPermissions where IsDeleted = 0 and ParentId ${inSets} group by Field`,
    )
    .all(ids);
  return {
    users: new Set(userPermissionNames.filter((name) => users?.[permissionFieldOf(name)] === 1)),
    objects: new Map(objects.map((row) => [String(row.SobjectType).toLowerCase(), objectGrant(row)])),
    fields: new Map(
      fields.map((row) => [
        String(row.Field).toLowerCase(),
        { read: row.PermissionsRead === 1, edit: row.PermissionsEdit === 1 },
      ]),
    ),
  };
}

const objectColumns = ['PermissionsCreate', 'PermissionsRead', 'PermissionsEdit', 'PermissionsDelete'];

const objectGrant = (row: Row): ObjectGrant => ({
  create: row.PermissionsCreate === 1,
  read: row.PermissionsRead === 1,
  edit: row.PermissionsEdit === 1,
  remove: row.PermissionsDelete === 1,
});
