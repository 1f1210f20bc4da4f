/**
 * The user permissions an org knows here, as Metadata API names them; each is a field `Permissions<name>` of
 * PermissionSet and Profile.
 */
export const userPermissionNames = [
  'ApiEnabled',
  'AssignPermissionSets',
  'BulkApiHardDelete',
  'ConvertLeads',
  'CreateAuditFields',
  'CustomizeApplication',
  'ManageProfilesPermissionsets',
  'ManageUsers',
  'ModifyAllData',
  'UpdateWithInactiveOwner',
  'ViewAllData',
  'ViewSetup',
] as const;
export type UserPermission = (typeof userPermissionNames)[number];

/** The field of PermissionSet and Profile that grants a user permission. */
export const permissionFieldOf = (name: UserPermission): string => `Permissions${name}`;

/** What an administrator's profile leaves off until an administrator turns it on. */
const offByDefault: ReadonlySet<UserPermission> = new Set([
  'BulkApiHardDelete',
  'CreateAuditFields',
  'UpdateWithInactiveOwner',
]);

export const administratorPermissions: readonly UserPermission[] = userPermissionNames.filter(
  (name) => !offByDefault.has(name),
);
