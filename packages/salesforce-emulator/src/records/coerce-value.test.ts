import { expect, test } from 'vitest';
import type { JsonValue } from '../json.ts';
import { standardCatalog } from '../schema/catalog.ts';
import { type FieldDefinition, makeField } from '../schema/field.ts';
import { coerceValue } from './coerce-value.ts';

function contactField(name: string): FieldDefinition {
  const field = standardCatalog.get('contact')?.fieldByName.get(name);
  if (field === undefined) throw new Error(`Contact has no field ${name}`);
  return field;
}

const amount = makeField('Amount__c', 'currency', { precision: 6, scale: 2 });
const notes = makeField('Notes__c', 'textarea', { length: 255 });
const colors = makeField('Colors__c', 'multipicklist', {
  length: 4099,
  picklistValues: ['Red', 'Green', 'Blue'],
  restrictedPicklist: true,
});

test.each<[string, FieldDefinition, JsonValue, string | number | null]>([
  ['text is trimmed', contactField('LastName'), '  Doe ', 'Doe'],
  ['blank text is null', contactField('LastName'), ' \t ', null],
  ['e-mail is lower-cased', contactField('Email'), ' Ada.L@Example.COM', 'ada.l@example.com'],
  ['phones stay as written', contactField('MobilePhone'), '+49 (30) 12-34', '+49 (30) 12-34'],
  ['booleans are 0 and 1', contactField('DoNotCall'), true, 1],
  ['numbers are rounded to scale', amount, 1.005, 1.01],
  ['negative halves go away from zero', amount, -2.345, -2.35],
  [
    'instants lose milliseconds',
    contactField('EmailBouncedDate'),
    '2026-01-02T03:04:05.678+0100',
    Date.UTC(2026, 0, 2, 2, 4, 5),
  ],
  ['dates are days', contactField('Birthdate'), '2024-02-29', '2024-02-29'],
  ['several choices in the order of the definition', colors, 'blue;Red;Red', 'Red;Blue'],
  ['a choice is spelt as defined', contactField('LeadSource'), 'WEB', 'Web'],
  ['an unrestricted picklist takes any text', contactField('LeadSource'), 'Fair', 'Fair'],
  ['no choices are no value', colors, ' ; ;', null],
  ['empty choices are nothing', colors, 'Green;', 'Green'],
  ['lines end with both characters', contactField('Description'), 'a\nb\r\nc\rd', 'a\r\nb\r\nc\r\nd'],
  ['lines of a street with one', contactField('MailingStreet'), 'a\r\nb', 'a\nb'],
  ['a no-break space is text', contactField('LastName'), ' \u00a0Doe', '\u00a0Doe'],
  ['ids become 18 characters', contactField('AccountId'), '0015500001H9cak', '0015500001H9cakAAB'],
])('%s', (_name, field, input, expected) => {
  expect(coerceValue(field, input)).toEqual({ kind: 'value', value: expected });
});

test.each<[string, FieldDefinition, JsonValue, string, string]>([
  [
    'too long',
    contactField('FirstName'),
    'x'.repeat(41),
    'STRING_TOO_LONG',
    `First Name: data value too large: ${'x'.repeat(41)} (max length=40)`,
  ],
  [
    'too long with both characters of its line ends',
    notes,
    `${'x'.repeat(253)}\ny`,
    'STRING_TOO_LONG',
    `Notes: data value too large: ${'x'.repeat(253)}\r\ny (max length=255)`,
  ],
  [
    'no e-mail',
    contactField('Email'),
    'ada@localhost',
    'INVALID_EMAIL_ADDRESS',
    'Email: invalid email address: ada@localhost',
  ],
  [
    'two at signs',
    contactField('Email'),
    'a@b@c.de',
    'INVALID_EMAIL_ADDRESS',
    'Email: invalid email address: a@b@c.de',
  ],
  [
    'number for text',
    contactField('LastName'),
    7,
    'JSON_PARSER_ERROR',
    'Cannot deserialize instance of string from VALUE_NUMBER_INT value 7 or request may be missing a required field at [line:1, column:1]',
  ],
  [
    'no such day',
    contactField('Birthdate'),
    '2023-02-29',
    'JSON_PARSER_ERROR',
    'Cannot deserialize instance of date from VALUE_STRING value 2023-02-29 or request may be missing a required field at [line:1, column:1]',
  ],
  [
    'null for a checkbox',
    contactField('DoNotCall'),
    null,
    'INVALID_TYPE_ON_FIELD_IN_RECORD',
    'Do Not Call: value not of required type: ',
  ],
  [
    'too large',
    amount,
    10_000,
    'NUMBER_OUTSIDE_VALID_RANGE',
    'Amount  : value outside of valid range on numeric field: 10000'.replace('  ', ''),
  ],
  [
    'off the map',
    contactField('MailingLatitude'),
    90.5,
    'NUMBER_OUTSIDE_VALID_RANGE',
    'Mailing Latitude: value outside of valid range on numeric field: 90.5',
  ],
  [
    'unknown choice',
    colors,
    'Red;Pink',
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    'Colors: bad value for restricted picklist field: Pink',
  ],
  [
    'no id',
    contactField('AccountId'),
    'acme',
    'MALFORMED_ID',
    'Account ID: id value of incorrect type: acme',
  ],
])('refused: %s', (_name, field, input, statusCode, message) => {
  expect(coerceValue(field, input)).toMatchObject({ kind: 'error', error: { statusCode, message } });
});
