import { type FieldDescription, type ObjectDescription, readDescribe } from './object-description.ts';

/** A field as describe shows it: optional, readable and writable. */
export const field = (name: string, type: string, more: object = {}): object => ({
  name,
  type,
  label: `${name} label`,
  length: 40,
  createable: true,
  updateable: true,
  ...more,
});

export function objectOf(name: string, fields: readonly object[]): ObjectDescription {
  const found = readDescribe({ name, fields });
  if (found === undefined) throw new Error('no describe');
  return found;
}

/** A field on its own. */
export function describedAs(type: string, more: object = {}): FieldDescription {
  const found = objectOf('Contact', [field('Field__c', type, more)]).byName.get('Field__c');
  if (found === undefined) throw new Error('no field');
  return found;
}

/** Values of a picklist by API name, their labels in capitals; `label` for another. */
export const choices = (
  ...values: readonly (string | readonly [value: string, label: string])[]
): object => ({
  picklistValues: values.map((entry) => {
    const [value, label] = typeof entry === 'string' ? [entry, entry.toUpperCase()] : entry;
    return { value, label, active: true, validFor: null };
  }),
});

const readOnly = { createable: false, updateable: false };
const address = (prefix: string): object[] => {
  const part = { compoundFieldName: `${prefix}Address` };
  return [
    field(`${prefix}Street`, 'textarea', { length: 255, ...part }),
    field(`${prefix}City`, 'string', part),
    field(`${prefix}State`, 'string', { length: 80, ...part }),
    field(`${prefix}PostalCode`, 'string', { length: 20, ...part }),
    field(`${prefix}Country`, 'string', { length: 80, ...part }),
    field(`${prefix}Address`, 'address', readOnly),
  ];
};

export const contactFields: readonly object[] = [
  field('Id', 'id', { length: 18, nillable: false, defaultedOnCreate: true, ...readOnly }),
  field('IsDeleted', 'boolean', readOnly),
  field('LastName', 'string', { length: 80, nillable: false }),
  field('FirstName', 'string'),
  ...address('Mailing'),
  field('MobilePhone', 'phone'),
  field('Email', 'email', { length: 80, idLookup: true }),
  field('AccountId', 'reference', { length: 18, referenceTo: ['Account'] }),
  field('Alternate__c', 'email'),
  field('CreateOnly__c', 'string', { updateable: false }),
  field('Photo__c', 'base64'),
  field('Score__c', 'double', { length: 0, precision: 6, scale: 2 }),
  field('Key__c', 'string', { externalId: true, unique: true, idLookup: true }),
  field('Case__c', 'string', { externalId: true, unique: true, idLookup: true, caseSensitive: true }),
  field('Number__c', 'double', { length: 0, precision: 18, externalId: true, unique: true, idLookup: true }),
  field('Loose__c', 'string', { externalId: true, idLookup: true }),
];
export const contact = objectOf('Contact', contactFields);
export const lead = objectOf('Lead', [
  ...contactFields.filter((entry) => !/Mailing|AccountId/.test(JSON.stringify(entry))),
  field('Company', 'string', { length: 255, nillable: false }),
  ...address(''),
]);
export const account = objectOf('Account', [
  field('Id', 'id', { length: 18, ...readOnly }),
  field('Name', 'string', { length: 255, label: 'Account Name', nillable: false }),
  field('Website', 'url', { length: 255 }),
  field('AccountKey__c', 'string', { externalId: true, unique: true, idLookup: true }),
  ...address('Billing'),
]);
