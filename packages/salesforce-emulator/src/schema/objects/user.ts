import { type FieldDefinition, makeField } from '../field.ts';
import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

const readOnly = standard.readOnlyField;
const required = { nillable: false };
const key = (name: string, label: string): FieldDefinition => standard.text(name, 40, { label, ...required });
const permission = (name: string, label: string): FieldDefinition =>
  standard.checkbox(`UserPermissions${name}`, { label });

/**
 * User: who works in the org. Its personal settings (`UserPreferences…`, about 90) are left out. Rows come from
 * the org definition.
 */
export const user = makeObjectType({
  name: 'User',
  label: 'User',
  labelPlural: 'Users',
  keyPrefix: '005',
  createable: false,
  updateable: false,
  deletable: false,
  traits: { feedEnabled: true, layoutable: true, mruEnabled: true, searchable: true, triggerable: true },
  fields: [
    standard.idField('User'),
    standard.text('Username', 80, { ...required, idLookup: true }),
    ...standard.personNameFields(null),
    standard.text('CompanyName', 80),
    standard.text('Division', 80),
    standard.text('Department', 80),
    standard.text('Title', 80),
    ...standard.addressFields(''),
    standard.email({ length: 128, ...required }),
    standard.checkbox('EmailPreferencesAutoBcc', { label: 'AutoBcc' }),
    makeField('SenderEmail', 'email', { length: 80, label: 'Email Sender Address' }),
    standard.text('SenderName', 80, { label: 'Email Sender Name' }),
    makeField('Signature', 'textarea', { length: 1_333, label: 'Email Signature' }),
    standard.phone('Phone', 'Phone'),
    standard.phone('Fax', 'Fax'),
    standard.phone('MobilePhone', 'Mobile'),
    standard.text('Alias', 8, required),
    standard.text('CommunityNickname', 40, { label: 'Nickname', ...required }),
    standard.checkbox('IsActive', { label: 'Active', defaultValue: 1 }),
    key('TimeZoneSidKey', 'Time Zone'),
    key('LocaleSidKey', 'Locale'),
    standard.checkbox('ReceivesInfoEmails', { label: 'Info Emails' }),
    standard.checkbox('ReceivesAdminInfoEmails', { label: 'Admin Info Emails' }),
    key('EmailEncodingKey', 'Email Encoding'),
    readOnly(standard.picklist('UserType', ['Standard'], { length: 40, restrictedPicklist: true })),
    key('LanguageLocaleKey', 'Language'),
    standard.reference('ProfileId', 'Profile', 'Profile', {
      nillable: false,
      childRelationshipName: 'Users',
    }),
    standard.text('EmployeeNumber', 20),
    standard.reference('ManagerId', 'User', 'Manager', { childRelationshipName: 'ManagedUsers' }),
    readOnly(makeField('LastLoginDate', 'datetime', { label: 'Last Login' })),
    ...standard.auditFields,
    permission('MarketingUser', 'Marketing User'),
    permission('OfflineUser', 'Offline User'),
    permission('KnowledgeUser', 'Knowledge User'),
    permission('InteractionUser', 'Flow User'),
    permission('SupportUser', 'Service Cloud User'),
    standard.checkbox('ForecastEnabled', { label: 'Allow Forecasting' }),
    makeField('Extension', 'phone', { length: 40 }),
    standard.text('FederationIdentifier', 512, { label: 'SAML Federation ID' }),
    makeField('AboutMe', 'textarea', { length: 1_000 }),
    readOnly(makeField('FullPhotoUrl', 'url', { length: 1_024, label: 'Url for full-sized Photo' })),
    readOnly(makeField('SmallPhotoUrl', 'url', { length: 1_024, label: 'Photo' })),
  ],
});
