import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

/** RecordType: a kind of record an administrator made; rows come from the org definition. */
export const recordType = makeObjectType({
  name: 'RecordType',
  label: 'Record Type',
  labelPlural: 'Record Types',
  keyPrefix: '012',
  createable: false,
  updateable: false,
  deletable: false,
  traits: { searchable: true },
  fields: [
    standard.idField('Record Type'),
    standard.text('Name', 80, { nillable: false, nameField: true }),
    standard.text('DeveloperName', 80, { label: 'Record Type Name', nillable: false }),
    standard.readOnlyField(standard.text('NamespacePrefix', 15)),
    standard.text('Description', 255),
    standard.picklist('SobjectType', [], {
      length: 40,
      label: 'SObject Type Name',
      nillable: false,
      updateable: false,
      restrictedPicklist: true,
    }),
    standard.checkbox('IsActive', { createable: false, label: 'Active' }),
    ...standard.auditFields,
  ],
});
