import { makeField } from './field.ts';
import { makeObjectType, type ObjectType } from './object-type.ts';
import { idField, reference, text } from './standard-fields.ts';

const readOnly = { createable: false, updateable: false };

/** Salesforce's LoginHistory, as far as an emulator has something to say. It has no audit fields. */
export const loginHistory: ObjectType = makeObjectType({
  name: 'LoginHistory',
  label: 'Login History',
  labelPlural: 'Login History',
  keyPrefix: '0Ya',
  createable: false,
  updateable: false,
  deletable: false,
  fields: [
    idField('Login History'),
    reference('UserId', 'User', 'User', { ...readOnly, label: 'User ID' }),
    makeField('LoginTime', 'datetime', readOnly),
    makeField('LoginType', 'picklist', {
      ...readOnly,
      length: 40,
      picklistValues: ['Application', 'Remote Access 2.0', 'Partner Product', 'Other Apex API'],
    }),
    text('SourceIp', 39, { ...readOnly, label: 'Source IP' }),
    text('LoginUrl', 255, { ...readOnly, label: 'Login URL' }),
    text('Status', 128, readOnly),
    text('Application', 64, readOnly),
    text('Browser', 64, readOnly),
    text('Platform', 64, readOnly),
    text('ClientVersion', 64, readOnly),
    text('ApiType', 64, { ...readOnly, label: 'API Type' }),
    text('ApiVersion', 32, { ...readOnly, label: 'API Version' }),
  ],
});
