import type { RecordFields } from '@headrace/core';
import type { DescribedObject } from './match-field.ts';

/** Fields of Lead under another name in Contact, as a conversion carries them over. */
const renamed: Readonly<Record<string, string>> = {
  Street: 'MailingStreet',
  City: 'MailingCity',
  State: 'MailingState',
  StateCode: 'MailingStateCode',
  PostalCode: 'MailingPostalCode',
  Country: 'MailingCountry',
  CountryCode: 'MailingCountryCode',
  Latitude: 'MailingLatitude',
  Longitude: 'MailingLongitude',
};
/** They say whose record it is and where it comes from: in a Contact others have decided that. */
const ofLeadAlone = new Set(['Company', 'Status', 'OwnerId', 'RecordTypeId', 'IsConverted', 'Id']);

/**
 * The field of a Contact that holds what the Lead it was converted from held; undefined where there is none.
 * Custom fields go on under their own name: how an org maps them at conversion is not to be read through its API.
 * Source: Salesforce Help, "Lead Conversion Field Mapping".
 */
export function contactFieldOf(leadField: string, contact: DescribedObject): string | undefined {
  if (ofLeadAlone.has(leadField)) return undefined;
  const name = renamed[leadField] ?? leadField;
  return contact.byName.get(name)?.updateable === true ? name : undefined;
}

/** Fields of a Lead as those of the Contact it was converted into; what a Contact has no place for is left out. */
export function toContactFields(fields: RecordFields, contact: DescribedObject): RecordFields {
  const entries = Object.entries(fields).flatMap(([name, value]) => {
    const field = contactFieldOf(name, contact);
    return field === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(entries);
}
