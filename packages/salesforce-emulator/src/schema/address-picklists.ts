import type { Catalog } from './catalog.ts';
import { countries } from './countries.ts';
import { type FieldDefinition, makeField, type PicklistEntry } from './field.ts';
import { makeObjectType, type ObjectType } from './object-type.ts';

const codeLength = 10;

/** The countries' bits, one per country from the left, as the describe call writes which states belong where. */
function bitsOf(index: number): string {
  const bytes = Buffer.alloc(Math.ceil(countries.length / 8));
  bytes[index >> 3] = 0x80 >> (index & 7);
  return bytes.toString('base64');
}

const countryEntries: readonly PicklistEntry[] = countries.map(({ code, label }) => ({
  value: code,
  label,
  validFor: null,
}));
const stateEntries: readonly PicklistEntry[] = countries.flatMap(({ states }, index) =>
  states.map(({ code, label }) => ({ value: code, label, validFor: bitsOf(index) })),
);
const stateCodes = [...new Set(stateEntries.map(({ value }) => value))];

const codeOf = (text: FieldDefinition, entries: readonly PicklistEntry[], codes: readonly string[]) =>
  makeField(`${text.name}Code`, 'picklist', {
    length: codeLength,
    label: `${text.label} Code`,
    createable: text.createable,
    updateable: text.updateable,
    compoundFieldName: text.compoundFieldName,
    restrictedPicklist: true,
    picklistValues: codes,
    picklistEntries: entries,
    controllerName: text.name.endsWith('State') ? text.name.replace(/State$/, 'CountryCode') : null,
  });

/** Whether a field is the code of an address's country or state; its values are checked with its address. */
export const isAddressCode = (field: FieldDefinition): boolean =>
  field.compoundFieldName !== null && /(?:Country|State)Code$/.test(field.name);

/** Prefixes of the addresses whose country and state are chosen from picklists, such as `Mailing`. */
export function picklistAddressesOf(object: ObjectType): readonly string[] {
  let prefixes = known.get(object);
  if (prefixes === undefined) {
    prefixes = object.fields.flatMap((field) =>
      isAddressCode(field) && field.name.endsWith('CountryCode')
        ? [field.name.slice(0, -'CountryCode'.length)]
        : [],
    );
    known.set(object, prefixes);
  }
  return prefixes;
}
const known = new WeakMap<ObjectType, readonly string[]>();

/** A catalog in which every address has codes of country and state beside their names. */
export function withAddressPicklists(catalog: Catalog): Catalog {
  const extended = new Map(catalog);
  for (const [key, object] of catalog) {
    if (!object.fields.some(({ type }) => type === 'address')) continue;
    const fields = object.fields.flatMap((field) => {
      if (field.compoundFieldName?.endsWith('Address') !== true) return [field];
      if (field.name.endsWith('State')) return [field, codeOf(field, stateEntries, stateCodes)];
      if (!field.name.endsWith('Country')) return [field];
      const codes = countries.map(({ code }) => code);
      return [field, codeOf(field, countryEntries, codes)];
    });
    extended.set(key, makeObjectType({ ...object, fields }));
  }
  return extended;
}
