import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

/** LeadStatus: the values of Lead.Status, and which of them a conversion may set. */
export const leadStatus = makeObjectType({
  name: 'LeadStatus',
  label: 'Lead Status Value',
  labelPlural: 'Lead Status Value',
  keyPrefix: '01J',
  createable: false,
  updateable: false,
  deletable: false,
  fields: [
    standard.idField('Lead Status Value'),
    standard.text('MasterLabel', 255, { nillable: false, nameField: true }),
    standard.text('ApiName', 255),
    standard.integer('SortOrder', { precision: 9 }),
    standard.checkbox('IsDefault', { label: 'Is Default' }),
    standard.checkbox('IsConverted', { label: 'Is Converted' }),
    ...standard.auditFields,
  ],
});
