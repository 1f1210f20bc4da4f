import { expect, test } from 'vitest';
import type { IdentityNamespace } from '../identity/namespaces.ts';
import { displayName, matchesName, namesIn, parseSearch } from './profile-search.ts';

const namespaces: readonly IdentityNamespace[] = [
  { code: 'Email', title: 'E-mail', idType: 'EMAIL' },
  { code: 'Email_LC_SHA256', title: 'Hashed e-mail', idType: 'EMAIL' },
  { code: 'Phone', title: 'Phone', idType: 'PHONE' },
  { code: 'CRMID', title: 'Customer', idType: 'CROSS_DEVICE' },
];
const parse = (text: string) => parseSearch(text, namespaces, { defaultRegion: 'US' });

test('a text is the identities it can be, as they are stored, each once', () => {
  expect(parse(' Ann@Example.com ').identities).toEqual([
    { namespace: 'Email', value: 'ann@example.com' },
    { namespace: 'CRMID', value: 'Ann@Example.com' },
  ]);
  expect(parse('(212) 555-2368').identities).toContainEqual({ namespace: 'Phone', value: '+12125552368' });
  const hash = 'A'.repeat(64);
  expect(parse(hash).identities.filter(({ namespace }) => namespace === 'Email_LC_SHA256')).toEqual([
    { namespace: 'Email_LC_SHA256', value: hash.toLowerCase() },
  ]);
  expect(parse('null').identities).toEqual([]);
});

test('beginnings are written as the identities of the namespace are', () => {
  const prefixes = Object.fromEntries(
    parse('+49 (30) 12').prefixes.map(({ namespace, prefix }) => [namespace, prefix]),
  );
  expect(prefixes).toMatchObject({ Phone: '+493012', CRMID: '+49 (30) 12' });
  expect(parse('Ann@').prefixes).toContainEqual({ namespace: 'Email', prefix: 'ann@' });
  expect(parse('Ann@').prefixes).toContainEqual({ namespace: 'CRMID', prefix: 'Ann@' });
  expect(parse('x').prefixes).toEqual([]);
});

test('words of a name are those of letters; an address or a number is none', () => {
  expect(parse('  Änne  MÜLLER x ').words).toEqual(['anne', 'muller']);
  expect(parse('ann@example').words).toEqual([]);
  expect(parse('C-100').words).toEqual([]);
  expect(parse('a b c').words).toEqual([]);
  expect(parse('aa bb cc dd ee ff gg').words).toHaveLength(5);
});

test('a name matches when it holds every word', () => {
  const name = { firstName: 'Änne', lastName: 'Müller', suffix: 7 };
  expect(namesIn(name)).toBe('Änne Müller');
  expect(matchesName(namesIn(name), ['anne', 'muel'])).toBe(false);
  expect(matchesName(namesIn(name), ['mull', 'nne'])).toBe(true);
  expect(matchesName(namesIn(name), [])).toBe(false);
  expect(namesIn(undefined)).toBe('');
});

test('a person is called by the full name, else by its parts', () => {
  expect(displayName({ firstName: 'Ann', lastName: 'Lee' })).toBe('Ann Lee');
  expect(displayName({ fullName: 'Dr. Ann Lee', firstName: 'Ann' })).toBe('Dr. Ann Lee');
  expect(displayName({ lastName: 'Lee' })).toBe('Lee');
  expect(displayName({})).toBeUndefined();
  expect(displayName(JSON.parse('{"__proto__":{"firstName":"x"}}'))).toBeUndefined();
});
