import { type FieldDefinition, makeField } from '../field.ts';
import { makeObjectType, type ObjectType } from '../object-type.ts';
import { auditFields, checkbox, identityFields, readOnlyField, reference, text } from '../standard-fields.ts';
import { permissionFieldOf, userPermissionNames } from '../user-permission.ts';

const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2');

const userPermissionFields = userPermissionNames.map((name) =>
  checkbox(permissionFieldOf(name), { label: words(name) }),
);

const traits = {
  feedEnabled: false,
  layoutable: false,
  mruEnabled: false,
  searchable: false,
  triggerable: false,
  undeletable: false,
};
const required = { nillable: false, updateable: false };
const typeField = text('SobjectType', 255, { label: 'Sobject Type Name', ...required });
const parentField = (childRelationshipName: string): FieldDefinition =>
  reference('ParentId', 'PermissionSet', 'Parent', {
    childRelationshipName,
    label: 'Parent ID',
    cascadeDelete: true,
    ...required,
  });

const profile = makeObjectType({
  name: 'Profile',
  label: 'Profile',
  labelPlural: 'Profile',
  keyPrefix: '00e',
  createable: false,
  updateable: false,
  deletable: false,
  traits,
  fields: [
    ...identityFields('Profile'),
    ...auditFields,
    text('Name', 255, { nillable: false, nameField: true }),
    text('Description', 255),
    text('UserType', 40),
    ...userPermissionFields.map(readOnlyField),
  ],
});

const permissionSet = makeObjectType({
  name: 'PermissionSet',
  label: 'Permission Set',
  labelPlural: 'Permission Sets',
  keyPrefix: '0PS',
  createable: true,
  updateable: true,
  deletable: true,
  traits,
  fields: [
    ...identityFields('PermissionSet'),
    ...auditFields,
    text('Name', 80, { label: 'Permission Set Name', nillable: false, nameField: true, unique: true }),
    text('Label', 80, { label: 'Permission Set Label', nillable: false }),
    readOnlyField(reference('ProfileId', 'Profile', 'Profile', { label: 'Profile ID' })),
    readOnlyField(checkbox('IsOwnedByProfile')),
    readOnlyField(checkbox('IsCustom', { defaultValue: 1 })),
    text('Description', 255),
    readOnlyField(text('NamespacePrefix', 15)),
    readOnlyField(text('Type', 40, { defaultedOnCreate: true, defaultValue: 'Regular' })),
    ...userPermissionFields,
  ],
});

const permissionSetAssignment = makeObjectType({
  name: 'PermissionSetAssignment',
  label: 'Permission Set Assignment',
  labelPlural: 'Permission Set Assignments',
  keyPrefix: '0Pa',
  createable: true,
  updateable: false,
  deletable: true,
  traits,
  fields: [
    ...identityFields('PermissionSetAssignment'),
    ...auditFields,
    reference('PermissionSetId', 'PermissionSet', 'PermissionSet', {
      label: 'PermissionSet ID',
      childRelationshipName: 'Assignments',
      cascadeDelete: true,
      ...required,
    }),
    reference('AssigneeId', 'User', 'Assignee', {
      label: 'Assignee ID',
      childRelationshipName: 'PermissionSetAssignments',
      ...required,
    }),
    readOnlyField(makeField('ExpirationDate', 'datetime')),
    readOnlyField(checkbox('IsActive', { defaultValue: 1 })),
  ],
});

const fieldPermissions = makeObjectType({
  name: 'FieldPermissions',
  label: 'Field Permissions',
  labelPlural: 'Field Permissions',
  keyPrefix: '01k',
  createable: true,
  updateable: true,
  deletable: true,
  traits,
  fields: [
    ...identityFields('FieldPermissions'),
    ...auditFields,
    parentField('FieldPerms'),
    typeField,
    text('Field', 255, { label: 'Field Name', ...required }),
    checkbox('PermissionsEdit', { label: 'Edit Field' }),
    checkbox('PermissionsRead', { label: 'Read Field' }),
  ],
});

const objectPermissions = makeObjectType({
  name: 'ObjectPermissions',
  label: 'Object Permissions',
  labelPlural: 'Object Permissions',
  keyPrefix: '110',
  createable: true,
  updateable: true,
  deletable: true,
  traits,
  fields: [
    ...identityFields('ObjectPermissions'),
    ...auditFields,
    parentField('ObjectPerms'),
    typeField,
    checkbox('PermissionsCreate', { label: 'Create Records' }),
    checkbox('PermissionsRead', { label: 'Read Records' }),
    checkbox('PermissionsEdit', { label: 'Edit Records' }),
    checkbox('PermissionsDelete', { label: 'Delete Records' }),
    checkbox('PermissionsViewAllRecords', { label: 'Read All Records' }),
    checkbox('PermissionsModifyAllRecords', { label: 'Edit All Records' }),
  ],
});

/**
 * Who may see and change what, as records. Fields as in Salesforce's object reference; there each profile owns
 * one PermissionSet, and rows of FieldPermissions and ObjectPermissions hang on permission sets alone.
 */
export const permissionObjects: readonly ObjectType[] = [
  profile,
  permissionSet,
  permissionSetAssignment,
  fieldPermissions,
  objectPermissions,
];

const permissionObjectNames = new Set(permissionObjects.map((object) => object.name));

/** Whether an object holds permissions, so that clearing the org's data leaves it alone. */
export const isPermissionObject = (object: ObjectType): boolean => permissionObjectNames.has(object.name);
