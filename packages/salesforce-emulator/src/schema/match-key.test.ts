import { expect, test } from 'vitest';
import { isSameFirstName, type MatchMethod, matchKey } from './match-key.ts';

const same: readonly (readonly [MatchMethod, string, string])[] = [
  ['Exact', ' A@X.example', 'a@x.EXAMPLE'],
  ['LastName', 'Smith', 'Smyth'],
  ['LastName', 'Müller', 'Muler'],
  ['FirstName', 'Bob', 'Robert'],
  ['CompanyName', 'The Acme Corp.', 'ACME, Inc'],
  ['CompanyName', 'Roe & Sons', 'Roe and Sons Ltd'],
  ['Phone', '1-415-555-1234', '(415) 555 1234'],
  ['Phone', '+49 30 1234', '0049301234'],
  ['Street', '1 Main Street', '1 main st.'],
  ['Zip', '12345-6789', '12345'],
  ['Title', 'Vice President, Sales', 'VP Sales'],
  ['City', 'São Paulo', 'sao paulo'],
];

test.each(same)('%s: %s is %s', (method, left, right) => {
  expect(matchKey(method, left)).toBe(matchKey(method, right));
});

test.each([
  ['LastName', 'Smith', 'Jones'],
  ['CompanyName', 'Acme', 'Acme Europe'],
  ['Phone', '4155551234', '4155551235'],
  ['Exact', 'a', 'ab'],
] as const)('%s: %s is not %s', (method, left, right) => {
  expect(matchKey(method, left)).not.toBe(matchKey(method, right));
});

test('an initial is a first name; nothing and blank text have no key', () => {
  expect(isSameFirstName('J.', 'Jane')).toBe(true);
  expect(isSameFirstName('Jane', 'Joan')).toBe(false);
  expect(isSameFirstName('K', 'Jane')).toBe(false);
  expect(matchKey('Phone', 'n/a')).toBeNull();
  expect(matchKey('Exact', null)).toBeNull();
});
