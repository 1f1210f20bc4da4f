import { type Catalog, findObject } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import { makeObjectType, type ObjectType } from '../schema/object-type.ts';
import { isPermissionObject } from '../schema/objects/permission-objects.ts';
import type { UserPermission } from '../schema/user-permission.ts';
import type { Grants, ObjectGrant } from './grants.ts';
import { governingField, governingObject } from './permissionable.ts';

/** A catalog as these permissions show it; the very same one when they hide nothing. */
export function visibleCatalog(catalog: Catalog, grants: Grants): Catalog {
  const seen: [string, ObjectType][] = [];
  let isSame = true;
  for (const [key, object] of catalog) {
    const visible = visibleObject(catalog, object, grants);
    if (visible !== object) isSame = false;
    if (visible !== undefined) seen.push([key, visible]);
  }
  return isSame ? catalog : new Map(seen);
}

/** An object as these permissions show it, itself when they hide nothing; undefined when it is hidden. */
function visibleObject(catalog: Catalog, object: ObjectType, grants: Grants): ObjectType | undefined {
  const grant = objectGrantOf(catalog, object, grants);
  if (!grant.read) return undefined;
  const fields = object.fields.flatMap((field) => visibleField(object, field, grants));
  const rights = {
    createable: object.createable && grant.create,
    updateable: object.updateable && grant.edit,
    deletable: object.deletable && grant.remove,
  };
  const isSame =
    fields.length === object.fields.length &&
    fields.every((field, index) => field === object.fields[index]) &&
    rights.createable === object.createable &&
    rights.updateable === object.updateable &&
    rights.deletable === object.deletable;
  return isSame ? object : makeObjectType({ ...object, ...rights, fields });
}

const everything: ObjectGrant = { create: true, read: true, edit: true, remove: true };
const nothing: ObjectGrant = { create: false, read: false, edit: false, remove: false };

function objectGrantOf(catalog: Catalog, object: ObjectType, grants: Grants): ObjectGrant {
  const { users } = grants;
  if (isPermissionObject(object)) return setupGrant(object, users);
  const name = governingObject(object);
  if (name === undefined || users.has('ModifyAllData')) return everything;
  const known = findObject(catalog, name) === undefined ? undefined : grants.objects.get(name.toLowerCase());
  const grant = known ?? nothing;
  const read = grant.read || users.has('ViewAllData');
  if (name === object.name) return { ...grant, read };
  // What belongs to another record is written by whoever may edit that one.
  return { create: grant.edit, read, edit: grant.edit, remove: grant.edit };
}

/** Since API 49.0 only who may view the setup sees permissions; changing them takes more. */
function setupGrant(object: ObjectType, users: ReadonlySet<UserPermission>): ObjectGrant {
  const isAssignment = object.name === 'PermissionSetAssignment';
  const writes = users.has(isAssignment ? 'AssignPermissionSets' : 'ManageProfilesPermissionsets');
  return { create: writes, read: users.has('ViewSetup'), edit: writes, remove: writes };
}

const hidden: readonly FieldDefinition[] = [];

function visibleField(
  object: ObjectType,
  field: FieldDefinition,
  grants: Grants,
): readonly FieldDefinition[] | FieldDefinition {
  const name = governingField(object, field);
  if (name === undefined) return field;
  const grant = grants.fields.get(`${object.name}.${name}`.toLowerCase());
  if (grant === undefined || !grant.read) return hidden;
  const isReadOnly = !grant.edit && (field.createable || field.updateable);
  return isReadOnly ? { ...field, createable: false, updateable: false } : field;
}
