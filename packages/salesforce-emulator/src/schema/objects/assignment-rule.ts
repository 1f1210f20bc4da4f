import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

/** AssignmentRule: the org definition's rules on who gets new records; calls name one by its id. */
export const assignmentRule = makeObjectType({
  name: 'AssignmentRule',
  label: 'Assignment Rule',
  labelPlural: 'Assignment Rules',
  keyPrefix: '01Q',
  createable: false,
  updateable: false,
  deletable: false,
  fields: [
    standard.idField('Rule'),
    standard.text('Name', 120, { nameField: true }),
    standard.picklist('SobjectType', ['Case', 'Lead'], { length: 40, restrictedPicklist: true }),
    standard.checkbox('Active'),
    ...standard.auditFields,
  ],
});
