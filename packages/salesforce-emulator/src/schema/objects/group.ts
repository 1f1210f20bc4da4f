import { makeField } from '../field.ts';
import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

/** Group: in this org the queues of its definition, which may own Leads. */
export const group = makeObjectType({
  name: 'Group',
  label: 'Group',
  labelPlural: 'Group',
  keyPrefix: '00G',
  createable: false,
  updateable: false,
  deletable: false,
  traits: { searchable: true },
  fields: [
    standard.idField('Group'),
    standard.text('Name', 40, { nillable: false, nameField: true }),
    standard.text('DeveloperName', 80),
    standard.readOnlyField(standard.reference('RelatedId', 'User', 'Related')),
    standard.picklist('Type', ['Regular', 'Role', 'RoleAndSubordinates', 'Organization', 'Queue'], {
      length: 40,
      nillable: false,
      updateable: false,
      restrictedPicklist: true,
    }),
    makeField('Email', 'email', { length: 255 }),
    standard.readOnlyField({
      ...standard.reference('OwnerId', 'User', 'Owner', { nillable: false }),
      referenceTo: ['Organization', 'User'],
    }),
    standard.checkbox('DoesSendEmailToMembers', { label: 'Send Email to Members' }),
    standard.checkbox('DoesIncludeBosses', { label: 'Include Bosses' }),
    ...standard.auditFields,
    standard.description(),
  ],
});

/** QueueSobject: an object whose records a queue may own. */
export const queueSobject = makeObjectType({
  name: 'QueueSobject',
  label: 'Queue sObject',
  labelPlural: 'Queue sObject',
  keyPrefix: '03g',
  createable: false,
  updateable: false,
  deletable: false,
  fields: [
    standard.idField('Queue sObject'),
    standard.reference('QueueId', 'Group', 'Queue', {
      label: 'Group ID',
      nillable: false,
      updateable: false,
      childRelationshipName: 'QueueSobjects',
    }),
    standard.picklist('SobjectType', [], {
      length: 40,
      label: 'sObject Type',
      nillable: false,
      updateable: false,
      restrictedPicklist: true,
    }),
    ...standard.auditFields.filter((field) => /^(CreatedById|SystemModstamp)$/.test(field.name)),
  ],
});
