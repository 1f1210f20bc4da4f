/** Objects that are part of an org's setup: Salesforce does not save them together with others (its `MIXED_DML_OPERATION`). */
const setupObjects: ReadonlySet<string> = new Set([
  'fieldpermissions',
  'group',
  'objectpermissions',
  'permissionset',
  'permissionsetassignment',
  'queuesobject',
  'user',
]);

/** Whether the object of this name, in any case, belongs to the setup. */
export const isSetupObject = (name: string): boolean => setupObjects.has(name.toLowerCase());
