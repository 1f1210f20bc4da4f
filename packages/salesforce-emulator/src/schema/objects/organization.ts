import { makeField } from '../field.ts';
import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

const readOnly = standard.readOnlyField;
const access = (name: string, label: string) =>
  readOnly(
    standard.picklist(name, ['None', 'Read', 'Edit', 'ControlledByParent'], {
      length: 40,
      label: `Default ${label} Access`,
      restrictedPicklist: true,
    }),
  );

/** Organization: the org itself, one row. */
export const organization = makeObjectType({
  name: 'Organization',
  label: 'Organization',
  labelPlural: 'Organizations',
  keyPrefix: '00D',
  createable: false,
  updateable: false,
  deletable: false,
  fields: [
    standard.idField('Organization'),
    standard.text('Name', 80, { nillable: false, nameField: true, createable: false }),
    standard.text('Division', 80, { createable: false }),
    ...standard.addressFields('').map((field) => ({ ...field, createable: false })),
    { ...standard.phone('Phone', 'Phone'), createable: false },
    { ...standard.phone('Fax', 'Fax'), createable: false },
    standard.text('PrimaryContact', 80, { createable: false }),
    standard.text('DefaultLocaleSidKey', 40, { label: 'Locale', nillable: false, createable: false }),
    standard.text('TimeZoneSidKey', 40, { label: 'Time Zone', nillable: false, createable: false }),
    standard.text('LanguageLocaleKey', 40, { label: 'Language', nillable: false, createable: false }),
    readOnly(standard.integer('FiscalYearStartMonth', { label: 'Fiscal Year Starts In' })),
    readOnly(standard.checkbox('UsesStartDateAsFiscalYearName', { label: 'Fiscal Year Name by Start' })),
    access('DefaultAccountAccess', 'Account'),
    access('DefaultContactAccess', 'Contact'),
    access('DefaultLeadAccess', 'Lead'),
    access('DefaultCampaignAccess', 'Campaign'),
    readOnly(makeField('TrialExpirationDate', 'datetime')),
    readOnly(
      standard.picklist(
        'OrganizationType',
        ['Developer Edition', 'Professional Edition', 'Enterprise Edition', 'Unlimited Edition'],
        { length: 40, label: 'Edition', restrictedPicklist: true },
      ),
    ),
    readOnly(standard.text('NamespacePrefix', 15)),
    readOnly(standard.text('InstanceName', 5)),
    readOnly(standard.checkbox('IsSandbox', { label: 'Is Sandbox' })),
    readOnly(standard.checkbox('IsReadOnly', { label: 'Is Read Only' })),
    ...standard.auditFields,
  ],
});
