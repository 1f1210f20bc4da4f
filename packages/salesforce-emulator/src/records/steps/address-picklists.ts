import { picklistAddressesOf } from '../../schema/address-picklists.ts';
import { type Country, findCountryByCode, findCountryByName, type Place } from '../../schema/countries.ts';
import type { StoredValue } from '../../schema/field.ts';
import type { ObjectType } from '../../schema/object-type.ts';
import { type Draft, valueAfter } from '../draft.ts';
import { type RecordError, recordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];
const integrity = (message: string, fieldName: string): RecordError =>
  recordError('FIELD_INTEGRITY_EXCEPTION', message, [fieldName]);
const labelOf = (object: ObjectType, name: string): string => object.fieldByName.get(name)?.label ?? name;

/**
 * With state and country picklists an address names a known country, and a state of it; names and codes are kept
 * in step, the code deciding when both are sent. Messages as recorded by people who met them.
 */
export function checkAddressPicklists(_context: WriteContext, draft: Draft): readonly RecordError[] {
  const prefixes = picklistAddressesOf(draft.object);
  if (prefixes.length === 0) return none;
  const errors = prefixes.flatMap((prefix) => checkAddress(draft, prefix));
  return errors.length === 0 ? none : errors;
}

function checkAddress(draft: Draft, prefix: string): readonly RecordError[] {
  const { object, values } = draft;
  const country = changeOf(values, `${prefix}Country`);
  const state = changeOf(values, `${prefix}State`);
  if (country === undefined && state === undefined) return none;
  const found = country === undefined ? countryNow(draft, prefix) : findCountry(object, country);
  if ('statusCode' in found) return [found];
  if (country !== undefined) setPlace(values, `${prefix}Country`, found.place);
  const wanted = state ?? stateNow(draft, prefix);
  if (wanted.value === null) {
    if (state !== undefined) setPlace(values, `${prefix}State`, null);
    return none;
  }
  const label = labelOf(object, wanted.name);
  if (found.place === null)
    return [
      integrity(
        `A country/territory must be specified before specifying a state value for field: ${label}`,
        wanted.name,
      ),
    ];
  const place = findState(found.place, wanted);
  if (place === undefined) return [wrongState(label, wanted, state === undefined)];
  if (state !== undefined) setPlace(values, `${prefix}State`, place);
  return none;
}

/** What a client sent of a place: the field and its value; the code when it sent name and code. */
interface Sent {
  readonly name: string;
  readonly value: StoredValue;
  readonly isCode: boolean;
}

function changeOf(values: ReadonlyMap<string, StoredValue>, name: string): Sent | undefined {
  const code = values.get(`${name}Code`);
  const text = values.get(name);
  if (code !== undefined && (code !== null || text === undefined || text === null))
    return { name: `${name}Code`, value: code, isCode: true };
  return text === undefined ? undefined : { name, value: text, isCode: false };
}

function setPlace(values: Map<string, StoredValue>, name: string, place: Place | null): void {
  values.set(name, place?.label ?? null).set(`${name}Code`, place?.code ?? null);
}

const countryNow = (draft: Draft, prefix: string): { readonly place: Country | null } => {
  const code = valueAfter(draft, `${prefix}CountryCode`);
  return { place: code === null ? null : (findCountryByCode(String(code)) ?? null) };
};

const stateNow = (draft: Draft, prefix: string): Sent => {
  const name = `${prefix}StateCode`;
  return { name, value: valueAfter(draft, name), isCode: true };
};

function findCountry(object: ObjectType, sent: Sent): { readonly place: Country | null } | RecordError {
  if (sent.value === null) return { place: null };
  const text = String(sent.value);
  const place = sent.isCode ? findCountryByCode(text) : findCountryByName(text);
  if (place !== undefined) return { place };
  return sent.isCode
    ? integrity(unavailable(sent, 'country/territory'), sent.name)
    : integrity(
        `There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.: ${labelOf(object, sent.name)}`,
        sent.name,
      );
}

const unavailable = (sent: Sent, kind: string): string =>
  `The ${sent.name} field contains ${sent.value}, which isn't an available ${kind}. Your administrator can add it for you.`;

function findState(country: Country, sent: Sent): Place | undefined {
  const text = String(sent.value).toLowerCase();
  return country.states.find((state) => (sent.isCode ? state.code : state.label).toLowerCase() === text);
}

function wrongState(label: string, sent: Sent, isOld: boolean): RecordError {
  if (isOld)
    return integrity(
      `The existing country/territory doesn't recognize the state value for field: ${label}`,
      sent.name,
    );
  return sent.isCode
    ? integrity(unavailable(sent, 'state'), sent.name)
    : integrity(
        `There's a problem with this state, even though it may appear correct. Please select a state from the list of valid states.: ${label}`,
        sent.name,
      );
}
