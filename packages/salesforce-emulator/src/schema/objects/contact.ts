import { makeField } from '../field.ts';
import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

/** Contact, as recorded from scratch orgs: a person at an Account, or at none. */
export const contact = makeObjectType({
  name: 'Contact',
  label: 'Contact',
  labelPlural: 'Contacts',
  keyPrefix: '003',
  createable: true,
  updateable: true,
  deletable: true,
  traits: { mergeable: true },
  fields: [
    ...standard.identityFields('Contact'),
    standard.masterRecord('Contact'),
    standard.reference('AccountId', 'Account', 'Account', {
      cascadeDelete: true,
      childRelationshipName: 'Contacts',
    }),
    ...standard.personNameFields(standard.salutations),
    ...standard.addressFields('Other'),
    ...standard.addressFields('Mailing'),
    standard.phone('Phone', 'Business Phone'),
    standard.phone('Fax', 'Business Fax'),
    standard.phone('MobilePhone', 'Mobile Phone'),
    standard.phone('HomePhone', 'Home Phone'),
    standard.phone('OtherPhone', 'Other Phone'),
    standard.phone('AssistantPhone', 'Asst. Phone'),
    standard.reference('ReportsToId', 'Contact', 'ReportsTo'),
    standard.email(),
    standard.text('Title', 128),
    standard.text('Department', 80),
    standard.text('AssistantName', 40, { label: "Assistant's Name" }),
    standard.picklist('LeadSource', standard.leadSources),
    makeField('Birthdate', 'date'),
    standard.description('Contact Description'),
    standard.ownerField,
    ...standard.optOutFields(),
    ...standard.auditFields,
    ...standard.activityFields,
    ...standard.emailBouncedFields(),
    standard.readOnlyField(standard.checkbox('IsEmailBounced')),
    standard.photoUrl,
    ...standard.dataComFields('Contact'),
  ],
});
