import { type FieldDefinition, makeField } from '../field.ts';
import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

const copy = standard.readOnlyField;
const copied = (name: string, length: number, label?: string): FieldDefinition =>
  copy(standard.text(name, length, label === undefined ? {} : { label }));

/** CampaignMember: one Contact or Lead in one Campaign, with read-only copies of what the person's record says. */
export const campaignMember = makeObjectType({
  name: 'CampaignMember',
  label: 'Campaign Member',
  labelPlural: 'Campaign Members',
  keyPrefix: '00v',
  createable: true,
  updateable: true,
  deletable: true,
  traits: { feedEnabled: false, mruEnabled: false, searchable: false, undeletable: false },
  fields: [
    ...standard.identityFields('Campaign Member'),
    standard.reference('CampaignId', 'Campaign', 'Campaign', {
      nillable: false,
      updateable: false,
      cascadeDelete: true,
      childRelationshipName: 'CampaignMembers',
    }),
    standard.reference('LeadId', 'Lead', 'Lead', {
      updateable: false,
      permissionable: false,
      cascadeDelete: true,
      childRelationshipName: 'CampaignMembers',
    }),
    standard.reference('ContactId', 'Contact', 'Contact', {
      updateable: false,
      permissionable: false,
      cascadeDelete: true,
      childRelationshipName: 'CampaignMembers',
    }),
    standard.picklist('Status', ['Sent', 'Responded'], { length: 40 }),
    copy(standard.checkbox('HasResponded', { label: 'Responded' })),
    ...standard.auditFields,
    copy(makeField('FirstRespondedDate', 'date')),
    copy(standard.picklist('Salutation', [...standard.salutations, 'Mx.'], { length: 40 })),
    { ...copied('Name', 121), nameField: true },
    copied('FirstName', 40),
    copied('LastName', 80),
    copied('Title', 128),
    copied('Street', 255),
    copied('City', 40),
    copied('State', 80, 'State/Province'),
    copied('PostalCode', 20, 'Zip/Postal Code'),
    copied('Country', 80),
    copy(makeField('Email', 'email', { length: 80 })),
    copy(standard.phone('Phone', 'Phone')),
    copy(standard.phone('Fax', 'Fax')),
    copy(standard.phone('MobilePhone', 'Mobile')),
    copy(standard.description()),
    copy(standard.checkbox('DoNotCall')),
    copy(standard.checkbox('HasOptedOutOfEmail', { label: 'Email Opt Out' })),
    copy(standard.checkbox('HasOptedOutOfFax', { label: 'Fax Opt Out' })),
    copy(standard.picklist('LeadSource', standard.leadSources)),
    copied('CompanyOrAccount', 255, 'Company (Account)'),
    copied('Type', 40),
    {
      ...copy(standard.reference('LeadOrContactId', 'Contact', 'LeadOrContact')),
      label: 'Lead/Contact ID',
      referenceTo: ['Contact', 'Lead'],
    },
    {
      ...copy(standard.reference('LeadOrContactOwnerId', 'User', 'LeadOrContactOwner')),
      label: 'Lead/Contact Owner ID',
      referenceTo: ['Group', 'User'],
    },
  ],
});
