import { expect, test } from 'vitest';
import { field, objectOf } from './describe.fixture.ts';
import { fitCountry, fitState } from './fit-place.ts';

const countryCodes = ['AU', 'CA', 'DE', 'US'];
/** The bits of the countries a state belongs to, the first country leftmost. */
const bits = (...of: string[]): string =>
  Buffer.from([of.reduce((byte, country) => byte | (0x80 >> countryCodes.indexOf(country)), 0)]).toString(
    'base64',
  );
const state = (value: string, label: string, ...of: string[]) => ({
  value,
  label,
  active: true,
  validFor: bits(...of),
});
const names = ['Australien', 'Kanada', 'Deutschland', 'Vereinigte Staaten'];
const contact = objectOf('Contact', [
  field('MailingCountryCode', 'picklist', {
    picklistValues: countryCodes.map((value, at) => ({ value, label: names[at], active: true })),
  }),
  field('MailingStateCode', 'picklist', {
    controllerName: 'MailingCountryCode',
    picklistValues: [
      state('WA', 'Western Australia', 'AU'),
      state('WA', 'Washington', 'US'),
      state('CA', 'California', 'US'),
      state('BY', 'Bavaria', 'DE'),
      state('AB', 'Central', 'CA'),
      state('CN', 'Central', 'AU'),
      { value: 'XX', label: 'Gone', active: false, validFor: bits('US') },
    ],
  }),
]);
const countries = contact.byName.get('MailingCountryCode');
const states = contact.byName.get('MailingStateCode');
if (countries === undefined || states === undefined) throw new Error('no codes');

test.each([
  ['de', 'DE'],
  ['Deutschland', 'DE'],
  ['Germany', 'DE'],
  ['united states', 'US'],
  [' vereinigte staaten', 'US'],
  ['Atlantis', undefined],
  ['France', undefined],
])('the country %j is %s', (given, code) => {
  expect(fitCountry(given, countries)).toMatchObject(
    code === undefined ? { kind: 'unfit', reason: 'value_not_in_picklist' } : { kind: 'value', value: code },
  );
});

test.each([
  ['Bavaria', undefined, 'BY'],
  ['by', 'DE', 'BY'],
  ['DE-BY', undefined, 'BY'],
  ['DE-BY', 'DE', 'BY'],
  ['DE-BY', 'US', undefined],
  ['US-CA', 'US', 'CA'],
  ['Washington', undefined, 'WA'],
  ['Washington', 'US', 'WA'],
  ['Washington', 'AU', undefined],
  // One code of two countries is written the same, whichever it is.
  ['WA', undefined, 'WA'],
  ['Central', undefined, undefined],
  ['Central', 'CA', 'AB'],
  ['Gone', 'US', undefined],
  ['Bavaria', 'US', undefined],
])('the state %j of %s is %s', (given, country, code) => {
  expect(fitState(given, states, country, countries.choices)).toMatchObject(
    code === undefined ? { kind: 'unfit', reason: 'value_not_in_picklist' } : { kind: 'value', value: code },
  );
});
