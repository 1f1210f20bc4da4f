import type { FieldDefinition } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { isPermissionObject } from '../schema/objects/permission-objects.ts';

/** Objects without permissions of their own: everybody's, or their parent's. */
const unsecuredObjects = new Set([
  'AssignmentRule',
  'CampaignMember',
  'CampaignMemberStatus',
  'DuplicateRule',
  'Group',
  'GroupMember',
  'QueueSobject',
  'RecordType',
  'User',
]);

/** The object whose ObjectPermissions decide over another one. */
const parentObjects = new Map([
  ['CampaignMember', 'Campaign'],
  ['CampaignMemberStatus', 'Campaign'],
]);

/** Whether ObjectPermissions can name this object; the rest is open to every user. */
export const isSecuredObject = (object: ObjectType): boolean =>
  object.createable && !unsecuredObjects.has(object.name) && !isPermissionObject(object);

/** The object whose permissions decide over this one; undefined when none do. */
export const governingObject = (object: ObjectType): string | undefined =>
  isSecuredObject(object) ? object.name : parentObjects.get(object.name);

/**
 * The name of the field whose FieldPermissions decide over this one: an address decides over its parts.
 * Undefined for what is always visible, such as ids, audit fields, names and required fields.
 */
export function governingField(object: ObjectType, field: FieldDefinition): string | undefined {
  if (!hasFieldSecurity(object)) return undefined;
  const compound = field.compoundFieldName;
  const parent = compound === null ? undefined : object.fieldByName.get(compound);
  const target = parent ?? field;
  return target.permissionable ? target.name : undefined;
}

/** Whether fields of this object can be hidden; only these objects take custom fields here. */
export const hasFieldSecurity = (object: ObjectType): boolean =>
  isSecuredObject(object) || parentObjects.has(object.name);

/** The fields that FieldPermissions can name, as `Object.Field`. */
export function securedFields(object: ObjectType): readonly string[] {
  const names = object.fields.flatMap((field) =>
    governingField(object, field) === field.name ? [`${object.name}.${field.name}`] : [],
  );
  return names;
}

/** Whether a permission to edit the field means anything: formulas and totals can only be read. */
export const isEditable = (field: FieldDefinition): boolean =>
  field.createable || field.updateable || field.type === 'address';
