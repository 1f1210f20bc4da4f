import { expect, test } from 'vitest';
import { sendCommand, withOtherCity } from './try-it.ts';

const document = {
  personID: 'WEB-1',
  person: { name: { lastName: "O'Hara" } },
  homeAddress: { city: 'Leeds', country: 'GB' },
  extSourceSystemAudit: { lastUpdatedDate: '2023-01-01T00:00:00Z' },
};

test('the whole record stays but its city and the time of its last update', () => {
  expect(withOtherCity(document)).toEqual({
    city: 'Lisbon',
    record: {
      personID: 'WEB-1',
      person: { name: { lastName: "O'Hara" } },
      homeAddress: { city: 'Lisbon', country: 'GB' },
    },
  });
});

test('a change that was made before is made the other way', () => {
  expect(withOtherCity({ homeAddress: { city: 'Lisbon' } })?.city).toBe('Reykjavik');
});

test.each([
  ['without an address', {}],
  ['without a city', { homeAddress: { country: 'GB' } }],
  ['with letters a terminal may spoil', { homeAddress: { city: 'Łódź' } }],
])('a record %s is passed over', (_, record) => expect(withOtherCity(record)).toBeUndefined());

test('the command can be pasted, whatever the names in it', () => {
  const { record, city } = withOtherCity(document) ?? { record: {}, city: '' };
  const member = { datasetId: 'd-1', record, city, recordId: '003x' };
  expect(sendCommand('http://127.0.0.1:4400', "/home/it's mine/owner-token", member)).toBe(
    [
      'curl -sS -X POST http://127.0.0.1:4400/api/v1/datasets/d-1/records \\',
      `  -H "Authorization: Bearer $(cat '/home/it'\\''s mine/owner-token')" \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -d '{"personID":"WEB-1","person":{"name":{"lastName":"O'\\''Hara"}},"homeAddress":{"city":"Lisbon","country":"GB"}}'`,
    ].join('\n'),
  );
});
