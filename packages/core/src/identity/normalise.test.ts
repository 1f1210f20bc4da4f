import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSha256, normaliseEmail } from './email.ts';
import { findNamespace, type IdentityNamespace } from './namespaces.ts';
import { normaliseIdentity } from './normalise.ts';
import { normalisePhone, parseRegion } from './phone.ts';

const crm: IdentityNamespace = { code: 'CRMID', title: 'CRM id', idType: 'CROSS_DEVICE' };
const normalise = (code: string, value: string) => {
  const namespace = findNamespace(code, [crm]);
  if (namespace === undefined) throw new Error(`no namespace ${code}`);
  return normaliseIdentity(namespace, value, { defaultRegion: 'US' });
};
const hash = '5f4dcc3b5aa765d61d8327deb882cf99'.repeat(2);

test.each([
  ['Email', '  Jane.Doe@Example.COM ', 'Email', 'jane.doe@example.com'],
  ['email', 'józsef@példa.example.com', 'Email', 'józsef@példa.example.com'],
  ['Email', hash.toUpperCase(), 'Email_LC_SHA256', hash],
  ['Email_LC_SHA256', hash.toUpperCase(), 'Email_LC_SHA256', hash],
  ['Phone', '(212) 555-0123', 'Phone', '+12125550123'],
  ['Phone', '1.212.555.0123', 'Phone', '+12125550123'],
  ['PHONE_E.164', '+44 20 7946 0958', 'Phone_E.164', '+442079460958'],
  ['Phone', '0044 20 7946 0958', 'Phone', '+442079460958'],
  ['Phone', hash, 'Phone_SHA256', hash],
  ['Phone_E.164', hash, 'Phone_SHA256_E.164', hash],
  ['ECID', '1'.repeat(38), 'ECID', '1'.repeat(38)],
  ['GAID', 'ABCDEF01-2345-6789-ABCD-EF0123456789', 'GAID', 'abcdef01-2345-6789-abcd-ef0123456789'],
  ['crmid', ' Ab-1 ', 'CRMID', 'Ab-1'],
])('%s %j is %s %j', (code, value, namespace, normalised) => {
  expect(normalise(code, value)).toEqual({ ok: true, namespace, value: normalised });
});

test.each([
  ['CRMID', ' \t', 'blank'],
  ['CRMID', 'x'.repeat(1025), 'too_long'],
  ['CRMID', 'NULL', 'placeholder'],
  ['ECID', 'anonymous', 'placeholder'],
  ['Email', 'invalid', 'placeholder'],
  ['IDFA', '00000000-0000-0000-0000-000000000000', 'placeholder'],
  ['Email', 'jane.doe.example.com', 'invalid_email'],
  ['Email_LC_SHA256', 'jane@example.com', 'invalid_hash'],
  ['Phone', '1234567890', 'invalid_phone'],
  ['Phone', '020 7946 0958', 'invalid_phone'],
  ['Phone', 'call me', 'invalid_phone'],
  ['Phone', `+${'1'.repeat(1000)}`, 'invalid_phone'],
  ['Phone', '+1 212 555 0123 ext. 7', 'phone_with_extension'],
  ['ECID', '1'.repeat(37), 'invalid_ecid'],
])('%s %j is rejected: %s', (code, value, reason) => {
  expect(normalise(code, value)).toEqual({ ok: false, reason });
});

describe('e-mail', () => {
  test.each([
    'a@b',
    'a@@example.com',
    '@example.com',
    'a b@example.com',
    'a..b@example.com',
    '.a@example.com',
    'a.@example.com',
    'a@example..com',
    'a@-example.com',
    'a@example.c_m',
    'a@127.0.0.1',
    'a@example.com.',
    'a@example.com, b@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b.'.repeat(130)}com`,
  ])('%s is no address', (value) => expect(normaliseEmail(value)).toBeUndefined());

  test('normalising is idempotent and ignores case and surrounding blanks', () => {
    fc.assert(
      fc.property(fc.emailAddress(), fc.constantFrom('', ' ', '\t', '\n'), (address, blank) => {
        const normalised = normaliseEmail(address);
        expect(normaliseEmail(`${blank}${address.toUpperCase()}${blank}`)).toBe(normalised);
        if (normalised !== undefined) expect(normaliseEmail(normalised)).toBe(normalised);
      }),
    );
  });

  test('a hash is known by its form', () => {
    expect(isSha256(hash)).toBe(true);
    expect(isSha256(` ${hash.toUpperCase()} `)).toBe(true);
    expect(isSha256(hash.slice(1))).toBe(false);
    expect(isSha256(`${hash}@example.com`)).toBe(false);
  });
});

describe('phone', () => {
  test('a number without country code needs a region', () => {
    expect(normalisePhone('(212) 555-0123', undefined)).toMatchObject({ ok: false });
    expect(normalisePhone('020 7946 0958', 'GB')).toEqual({ ok: true, value: '+442079460958' });
    expect(normalisePhone('+442079460958', undefined)).toEqual({ ok: true, value: '+442079460958' });
  });

  test('any text is answered, and what is accepted is E.164 and stays as it is', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789+() -.x#'), maxLength: 30 });
    fc.assert(
      fc.property(fc.oneof(digits, fc.string()), (written) => {
        const result = normalisePhone(written, 'US');
        if (!result.ok) return;
        expect(result.value).toMatch(/^\+[1-9]\d{6,14}$/);
        expect(normalisePhone(result.value, undefined)).toEqual(result);
      }),
      { numRuns: 500 },
    );
  });

  test('regions are known by their code', () => {
    expect(parseRegion('gb')).toBe('GB');
    expect(parseRegion('UK')).toBeUndefined();
  });
});
