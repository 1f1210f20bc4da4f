import { makeField } from './field.ts';
import { makeObjectType, type ObjectType } from './object-type.ts';
import * as standard from './standard-fields.ts';

const editable = { createable: true, updateable: true, deletable: true };
const fixed = { createable: false, updateable: false, deletable: false };
const updateOnly = { createable: false };

/** Contact as recorded from a developer org (see the field table of Salesforce's object reference). */
const contact = makeObjectType({
  name: 'Contact',
  label: 'Contact',
  labelPlural: 'Contacts',
  keyPrefix: '003',
  ...editable,
  fields: [
    ...standard.systemFields('Contact'),
    standard.masterRecord('Contact'),
    standard.reference('AccountId', 'Account', 'Account', { cascadeDelete: true }),
    ...standard.personNameFields(),
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
    standard.description,
    standard.ownerField,
    standard.checkbox('HasOptedOutOfEmail', { label: 'Email Opt Out' }),
    standard.checkbox('HasOptedOutOfFax', { label: 'Fax Opt Out' }),
    standard.checkbox('DoNotCall'),
    ...standard.emailBouncedFields(),
    standard.readOnlyField(standard.checkbox('IsEmailBounced')),
    ...standard.activityFields,
  ],
});

const lead = makeObjectType({
  name: 'Lead',
  label: 'Lead',
  labelPlural: 'Leads',
  keyPrefix: '00Q',
  ...editable,
  fields: [
    ...standard.systemFields('Lead'),
    standard.masterRecord('Lead'),
    ...standard.personNameFields(),
    standard.text('Title', 128),
    standard.text('Company', 255, { nillable: false }),
    ...standard.addressFields(''),
    standard.phone('Phone', 'Phone'),
    standard.phone('MobilePhone', 'Mobile Phone'),
    standard.phone('Fax', 'Fax'),
    standard.email(),
    makeField('Website', 'url', { length: 255 }),
    standard.description,
    standard.picklist('LeadSource', standard.leadSources),
    standard.picklist(
      'Status',
      ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted', 'Closed - Not Converted'],
      { nillable: false, defaultedOnCreate: true, defaultValue: 'Open - Not Contacted' },
    ),
    standard.picklist('Industry', standard.industries),
    standard.picklist('Rating', standard.ratings),
    standard.money('AnnualRevenue'),
    standard.integer('NumberOfEmployees', { label: 'Employees' }),
    standard.ownerField,
    standard.checkbox('HasOptedOutOfEmail', { label: 'Email Opt Out' }),
    standard.checkbox('HasOptedOutOfFax', { label: 'Fax Opt Out' }),
    standard.checkbox('DoNotCall'),
    standard.checkbox('IsConverted', { updateable: false, label: 'Converted' }),
    standard.readOnlyField(makeField('ConvertedDate', 'date')),
    standard.readOnlyField(standard.reference('ConvertedAccountId', 'Account', 'ConvertedAccount')),
    standard.readOnlyField(standard.reference('ConvertedContactId', 'Contact', 'ConvertedContact')),
    standard.checkbox('IsUnreadByOwner', { defaultValue: 1, label: 'Unread By Owner' }),
    ...standard.emailBouncedFields(updateOnly),
    ...standard.activityFields,
  ],
});

const account = makeObjectType({
  name: 'Account',
  label: 'Account',
  labelPlural: 'Accounts',
  keyPrefix: '001',
  ...editable,
  fields: [
    ...standard.systemFields('Account'),
    standard.masterRecord('Account'),
    standard.text('Name', 255, { label: 'Account Name', nillable: false, nameField: true }),
    standard.picklist('Type', ['Prospect', 'Customer - Direct', 'Customer - Channel', 'Other'], {
      label: 'Account Type',
    }),
    standard.reference('ParentId', 'Account', 'Parent', { label: 'Parent Account ID' }),
    ...standard.addressFields('Billing'),
    ...standard.addressFields('Shipping'),
    standard.phone('Phone', 'Account Phone'),
    standard.phone('Fax', 'Account Fax'),
    standard.text('AccountNumber', 40),
    makeField('Website', 'url', { length: 255 }),
    standard.text('Sic', 20, { label: 'SIC Code' }),
    standard.picklist('Industry', standard.industries),
    standard.money('AnnualRevenue'),
    standard.integer('NumberOfEmployees', { label: 'Employees' }),
    standard.picklist('Ownership', ['Public', 'Private', 'Subsidiary', 'Other']),
    standard.text('TickerSymbol', 20),
    standard.description,
    standard.picklist('Rating', standard.ratings, { label: 'Account Rating' }),
    standard.text('Site', 80, { label: 'Account Site' }),
    standard.ownerField,
    standard.picklist('AccountSource', standard.leadSources),
    standard.text('DunsNumber', 9, { label: 'D-U-N-S Number' }),
    standard.text('NaicsCode', 8, { label: 'NAICS Code' }),
    standard.text('YearStarted', 4),
    ...standard.activityFields,
  ],
});

const user = makeObjectType({
  name: 'User',
  label: 'User',
  labelPlural: 'Users',
  keyPrefix: '005',
  ...fixed,
  fields: [
    ...standard.systemFields('User'),
    standard.text('Username', 80, { nillable: false, idLookup: true }),
    ...standard.personNameFields(),
    standard.email({ length: 128, nillable: false }),
    standard.text('Alias', 8, { nillable: false }),
    standard.text('CommunityNickname', 40, { label: 'Nickname', nillable: false }),
    standard.checkbox('IsActive', { label: 'Active', defaultValue: 1 }),
    standard.picklist('UserType', ['Standard']),
    standard.text('TimeZoneSidKey', 40, { label: 'Time Zone' }),
    standard.text('LocaleSidKey', 40, { label: 'Locale' }),
    standard.text('LanguageLocaleKey', 40, { label: 'Language' }),
  ],
});

const organization = makeObjectType({
  name: 'Organization',
  label: 'Organization',
  labelPlural: 'Organizations',
  keyPrefix: '00D',
  ...fixed,
  fields: [
    ...standard.systemFields('Organization'),
    standard.text('Name', 80, { nillable: false, nameField: true }),
    standard.text('InstanceName', 5),
    standard.checkbox('IsSandbox'),
    standard.picklist('OrganizationType', ['Developer Edition', 'Enterprise Edition', 'Unlimited Edition'], {
      label: 'Edition',
    }),
    standard.text('NamespacePrefix', 15),
    makeField('TrialExpirationDate', 'datetime'),
    standard.text('LanguageLocaleKey', 40, { label: 'Language' }),
    standard.text('TimeZoneSidKey', 40, { label: 'Time Zone' }),
  ],
});

/** The objects every org starts with. */
export const standardObjects: readonly ObjectType[] = [account, contact, lead, organization, user];
