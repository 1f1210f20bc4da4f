import { type FieldDefinition, makeField } from '../field.ts';
import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

/** A total the org keeps; people only read it. */
const total = (field: FieldDefinition): FieldDefinition => ({
  ...standard.readOnlyField(field),
  nillable: false,
  defaultedOnCreate: true,
  defaultValue: 0,
});
const count = (name: string, label: string): FieldDefinition =>
  total(standard.integer(name, { precision: 9, label }));
const amount = (name: string, label: string): FieldDefinition => total(standard.money(name, { label }));

/** Campaign: a marketing action with its members, and totals over them and over the campaigns below it. */
export const campaign = makeObjectType({
  name: 'Campaign',
  label: 'Campaign',
  labelPlural: 'Campaigns',
  keyPrefix: '701',
  createable: true,
  updateable: true,
  deletable: true,
  traits: { deepCloneable: true, feedEnabled: false },
  fields: [
    ...standard.identityFields('Campaign'),
    standard.text('Name', 80, { nillable: false, nameField: true, idLookup: true }),
    standard.reference('ParentId', 'Campaign', 'Parent', {
      label: 'Parent Campaign ID',
      childRelationshipName: 'ChildCampaigns',
    }),
    standard.picklist(
      'Type',
      [
        'Conference',
        'Webinar',
        'Trade Show',
        'Public Relations',
        'Partners',
        'Referral Program',
        'Advertisement',
        'Banner Ads',
        'Direct Mail',
        'Email',
        'Telemarketing',
        'Other',
      ],
      { length: 40 },
    ),
    standard.picklist('Status', ['Planned', 'In Progress', 'Completed', 'Aborted'], {
      length: 40,
      defaultedOnCreate: true,
      defaultValue: 'Planned',
    }),
    makeField('StartDate', 'date'),
    makeField('EndDate', 'date'),
    standard.money('ExpectedRevenue', { label: 'Expected Revenue in Campaign' }),
    standard.money('BudgetedCost', { label: 'Budgeted Cost in Campaign' }),
    standard.money('ActualCost', { label: 'Actual Cost in Campaign' }),
    makeField('ExpectedResponse', 'percent', {
      precision: 10,
      scale: 2,
      label: 'Expected Response (%)',
      defaultedOnCreate: true,
      defaultValue: 0,
    }),
    makeField('NumberSent', 'double', {
      precision: 18,
      label: 'Num Sent in Campaign',
      defaultedOnCreate: true,
      defaultValue: 0,
    }),
    standard.checkbox('IsActive', { label: 'Active', permissionable: true }),
    standard.description(),
    count('NumberOfLeads', 'Leads in Campaign'),
    count('NumberOfConvertedLeads', 'Converted Leads in Campaign'),
    count('NumberOfContacts', 'Contacts in Campaign'),
    count('NumberOfResponses', 'Responses in Campaign'),
    count('NumberOfOpportunities', 'Opportunities in Campaign'),
    count('NumberOfWonOpportunities', 'Won Opportunities in Campaign'),
    amount('AmountAllOpportunities', 'Value Opportunities in Campaign'),
    amount('AmountWonOpportunities', 'Value Won Opportunities in Campaign'),
    count('HierarchyNumberOfLeads', 'Leads in Hierarchy'),
    count('HierarchyNumberOfConvertedLeads', 'Converted Leads in Hierarchy'),
    count('HierarchyNumberOfContacts', 'Contacts in Hierarchy'),
    count('HierarchyNumberOfResponses', 'Responses in Hierarchy'),
    count('HierarchyNumberOfOpportunities', 'Opportunities in Hierarchy'),
    count('HierarchyNumberOfWonOpportunities', 'Won Opportunities in Hierarchy'),
    amount('HierarchyAmountAllOpportunities', 'Value Opportunities in Hierarchy'),
    amount('HierarchyAmountWonOpportunities', 'Value Won Opportunities in Hierarchy'),
    total(makeField('HierarchyNumberSent', 'double', { precision: 18, label: 'Num Sent in Hierarchy' })),
    amount('HierarchyExpectedRevenue', 'Expected Revenue in Hierarchy'),
    amount('HierarchyBudgetedCost', 'Budgeted Cost in Hierarchy'),
    amount('HierarchyActualCost', 'Actual Cost in Hierarchy'),
    standard.ownerField,
    ...standard.auditFields,
    ...standard.activityFields,
    standard.reference('CampaignMemberRecordTypeId', 'RecordType', 'CampaignMemberRecordType', {
      label: 'Record Type ID',
      permissionable: false,
    }),
  ],
});
