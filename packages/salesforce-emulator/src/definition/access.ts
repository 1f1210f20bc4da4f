import Type from 'typebox';
import { userPermissionNames } from '../schema/user-permission.ts';

const name = (description: string) => Type.String({ minLength: 1, maxLength: 80, description });
const flag = () => Type.Optional(Type.Boolean());

const fieldPermissionSchema = Type.Object(
  { field: name('such as Contact.Ext__c'), readable: flag(), editable: flag() },
  { additionalProperties: false },
);

const objectPermissionSchema = Type.Object(
  {
    object: name('such as Contact'),
    create: flag(),
    read: flag(),
    edit: flag(),
    delete: flag(),
    viewAll: flag(),
    modifyAll: flag(),
  },
  { additionalProperties: false },
);

const permissions = {
  objectPermissions: Type.Array(objectPermissionSchema, { default: [] }),
  fieldPermissions: Type.Array(fieldPermissionSchema, { default: [] }),
};

/**
 * A profile. It has every object and field of the org except where an entry says less; what an entry leaves out
 * is not permitted.
 */
export const profileSchema = Type.Object(
  {
    name: name('as users name it'),
    ...permissions,
    userPermissions: Type.Array(Type.Enum(userPermissionNames), { default: ['ApiEnabled'] }),
  },
  { additionalProperties: false },
);

/** A permission set: it permits what its entries say, and nothing else. */
export const permissionSetSchema = Type.Object(
  {
    name: name('the API name'),
    label: Type.Optional(name('the name when left out')),
    ...permissions,
    userPermissions: Type.Array(Type.Enum(userPermissionNames), { default: [] }),
  },
  { additionalProperties: false },
);

/** Who may see and change a field, by the names of profiles and permission sets; all others may not. */
export const fieldSecuritySchema = Type.Object(
  {
    object: name('such as Contact'),
    field: name('such as Birthdate'),
    read: Type.Array(Type.String(), { default: [] }),
    edit: Type.Array(Type.String(), { default: [], description: 'these may read as well' }),
  },
  { additionalProperties: false },
);

export type FieldPermission = Type.Static<typeof fieldPermissionSchema>;
export type ObjectPermission = Type.Static<typeof objectPermissionSchema>;
export type ProfileDefinition = Type.Static<typeof profileSchema>;
export type PermissionSetDefinition = Type.Static<typeof permissionSetSchema>;
