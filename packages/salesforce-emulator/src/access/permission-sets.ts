import type { PermissionSetDefinition, ProfileDefinition } from '../definition/access.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import { addSystemRecord } from '../org/system-record.ts';
import {
  administratorPermissions,
  permissionFieldOf,
  type UserPermission,
  userPermissionNames,
} from '../schema/user-permission.ts';
import { integerOf } from '../store/database.ts';

/** Profiles that every org has. Both may do everything with all records; one may change the org as well. */
export const standardProfiles: readonly ProfileDefinition[] = [
  {
    name: 'System Administrator',
    objectPermissions: [],
    fieldPermissions: [],
    userPermissions: [...administratorPermissions],
  },
  {
    name: 'Standard User',
    objectPermissions: [],
    fieldPermissions: [],
    userPermissions: ['ApiEnabled', 'ConvertLeads', 'ViewSetup'],
  },
];

/** A permission set in the org, and whether this call made it. */
export interface KnownSet {
  readonly id: string;
  readonly isNew: boolean;
}

function findRecord(org: OrgState, table: string, column: string, value: string): number | undefined {
  const sql = `select rid from ${table} where ${column} = ? collate nocase and IsDeleted = 0`;
  const row = org.database.prepare(sql).get(value);
  return row === undefined ? undefined : integerOf(row.rid);
}

const flags = (permissions: readonly UserPermission[]): Record<string, number> =>
  Object.fromEntries(
    userPermissionNames.map((name) => [permissionFieldOf(name), permissions.includes(name) ? 1 : 0]),
  );

function writeFlags(org: OrgState, table: string, rid: number, permissions: readonly UserPermission[]): void {
  const values = flags(permissions);
  const sets = Object.keys(values).map((column) => `${column} = ?`);
  org.database
    .prepare(`update ${table} set ${sets.join(', ')} where rid = ?`)
    .run(...Object.values(values), rid);
}

/** Makes the user permissions of a permission set, and of the profile that owns it, just these. */
export function setUserPermissions(
  org: OrgState,
  setId: string,
  permissions: readonly UserPermission[],
): void {
  const rid = recordNumberOf(setId) ?? 0;
  writeFlags(org, 'PermissionSet', rid, permissions);
  const row = org.database
    .prepare("select record_number(ProfileId, '00e') as n from PermissionSet where rid = ?")
    .get(rid);
  if (integerOf(row?.n) > 0) writeFlags(org, 'Profile', integerOf(row?.n), permissions);
}

/** The permission set that a profile owns; both are made when missing. */
export function ensureProfile(org: OrgState, profile: ProfileDefinition): KnownSet {
  const rid = findRecord(org, 'Profile', 'Name', profile.name);
  if (rid !== undefined) {
    const profileId = createRecordId('00e', rid);
    const setRid = findRecord(org, 'PermissionSet', 'ProfileId', profileId);
    return { id: createRecordId('0PS', setRid ?? 0), isNew: false };
  }
  const profileId = addSystemRecord(org, 'Profile', {
    Name: profile.name,
    UserType: 'Standard',
    ...flags(profile.userPermissions),
  });
  const label = `X${profileId.slice(0, 15)}`;
  const id = addSystemRecord(org, 'PermissionSet', {
    Name: label,
    Label: label,
    ProfileId: profileId,
    IsOwnedByProfile: 1,
    IsCustom: 0,
    Type: 'Profile',
    ...flags(profile.userPermissions),
  });
  return { id, isNew: true };
}

/** A permission set of the definition, made when missing. */
export function ensurePermissionSet(org: OrgState, set: PermissionSetDefinition): KnownSet {
  const rid = findRecord(org, 'PermissionSet', 'Name', set.name);
  if (rid !== undefined) {
    return { id: createRecordId('0PS', rid), isNew: false };
  }
  const values = { Name: set.name, Label: set.label ?? set.name, ...flags(set.userPermissions) };
  return { id: addSystemRecord(org, 'PermissionSet', values), isNew: true };
}

/** Assigns a permission set to a user who has not got it. */
export function ensureAssignment(org: OrgState, permissionSetId: string, userId: string): void {
  const sql =
    'select 1 from PermissionSetAssignment where PermissionSetId = ? and AssigneeId = ? and IsDeleted = 0';
  if (org.database.prepare(sql).get(permissionSetId, userId) === undefined)
    addSystemRecord(org, 'PermissionSetAssignment', { PermissionSetId: permissionSetId, AssigneeId: userId });
}
