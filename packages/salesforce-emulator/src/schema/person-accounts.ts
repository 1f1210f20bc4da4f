import type { Catalog } from './catalog.ts';
import { makeField } from './field.ts';
import { makeObjectType } from './object-type.ts';
import * as standard from './standard-fields.ts';

const isPersonAccount = standard.readOnlyField(
  standard.checkbox('IsPersonAccount', { label: 'Is Person Account' }),
);

/** What an Account has of a person, where person accounts are on. The emulator shows the fields and refuses values. */
const personFields = [
  ...standard.personNameFields(standard.salutations).filter(({ name }) => name !== 'Name'),
  makeField('PersonEmail', 'email', { length: 80, label: 'Email' }),
  standard.text('PersonTitle', 80, { label: 'Title' }),
  standard.phone('PersonMobilePhone', 'Mobile'),
  standard.phone('PersonHomePhone', 'Home Phone'),
  makeField('PersonBirthdate', 'date', { label: 'Birthdate' }),
  standard.picklist('PersonLeadSource', standard.leadSources, { label: 'Lead Source' }),
  ...standard.addressFields('PersonMailing'),
].map((field) => (field.name === 'LastName' ? { ...field, nillable: true } : field));

const isPersonField = new Set(personFields.map(({ name }) => name));
/** Whether an Account's field belongs to the person it may be. */
export const isPersonAccountField = (name: string): boolean => isPersonField.has(name);

/** A catalog of an org with person accounts, so that clients recognise it. */
export function withPersonAccounts(catalog: Catalog): Catalog {
  const extended = new Map(catalog);
  for (const name of ['account', 'contact']) {
    const object = catalog.get(name);
    if (object === undefined) continue;
    const more =
      name === 'contact'
        ? [isPersonAccount]
        : [
            isPersonAccount,
            ...personFields,
            standard.readOnlyField(standard.reference('PersonContactId', 'Contact', 'PersonContact')),
          ];
    extended.set(name, makeObjectType({ ...object, fields: [...object.fields, ...more] }));
  }
  return extended;
}
