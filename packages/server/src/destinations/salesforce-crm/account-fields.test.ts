import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readAccount } from './account-fields.ts';
import { audienceOf } from './sign-in/jwt-bearer.ts';
import { signInWays } from './sign-in/ways.ts';

const policy = { allowedHosts: [], allowLoopback: false };
const now = new Date('2026-10-01T12:00:00Z');
const keyOf = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey;
const pem = String(keyOf(2_048).export({ type: 'pkcs8', format: 'pem' }));

/** What a person fills in, with spaces as they come in by pasting. */
const filledIn: Readonly<Record<string, Record<string, string>>> = {
  'oauth2-password': {
    username: ' u@acme.example ',
    password: ' p w ',
    client_id: ' id ',
    client_secret: 'secret',
  },
  'oauth2-client-credentials': { client_id: 'id', client_secret: ' secret ', custom_domain: 'acme' },
  'oauth2-jwt-bearer': { username: 'u@acme.example', client_id: 'id', private_key: `\n${pem}` },
  'oauth2-authorization-code': { client_id: 'id', client_secret: 'secret', refresh_token: '5Aep' },
};
const read = (authentication: string, more: Record<string, string> = {}) =>
  readAccount(
    {
      accountId: 'a',
      authentication,
      organizationId: null,
      values: { ...filledIn[authentication], ...more },
    },
    policy,
  );
const formOf = (authentication: string, more: Record<string, string> = {}) => {
  const { way, values, loginOrigin } = read(authentication, more);
  return way.form(values, loginOrigin, now);
};

test('the four ways to sign in are declared, the seed’s first', () => {
  expect(signInWays.map(({ declaration }) => [declaration.type, declaration.inBrowser === true])).toEqual([
    ['oauth2-password', false],
    ['oauth2-client-credentials', false],
    ['oauth2-jwt-bearer', false],
    ['oauth2-authorization-code', true],
  ]);
  const secret = signInWays.map(({ declaration }) =>
    declaration.fields.filter((field) => field.secret).map((field) => field.name),
  );
  expect(secret).toEqual([
    ['password', 'security_token', 'client_secret'],
    ['client_secret'],
    ['private_key'],
    ['client_secret'],
  ]);
});

test('the security token goes to the end of the password, which stays as it is', () => {
  expect(formOf('oauth2-password')).toEqual({
    grant_type: 'password',
    client_id: 'id',
    client_secret: 'secret',
    username: 'u@acme.example',
    password: ' p w ',
  });
  expect(formOf('oauth2-password', { security_token: ' tok ' }).password).toBe(' p w tok');
});

test('Custom Domain and call time limit are read alike for every way', () => {
  for (const { declaration } of signInWays) {
    const account = read(declaration.type, { custom_domain: 'acme', call_time_limit_seconds: '30' });
    expect(account).toMatchObject({ loginOrigin: 'https://acme.my.salesforce.com', lostCallMs: 30_000 });
    for (const seconds of ['0', '-1', '1.5', 'x', '10000'])
      expect(() => read(declaration.type, { call_time_limit_seconds: seconds })).toThrow('Call time limit');
    for (const custom_domain of ['https://evil.example', 'http://127.0.0.1:1', 'acme.my.site.com'])
      expect(() => read(declaration.type, { custom_domain })).toThrow(
        expect.objectContaining({ code: 'destination_misconfigured' }),
      );
  }
  expect(read('oauth2-password')).toMatchObject({
    loginOrigin: 'https://login.salesforce.com',
    lostCallMs: 600_000,
  });
});

test('what is missing is named, for every way', () => {
  for (const { declaration } of signInWays)
    for (const { name, title } of declaration.fields.filter(({ required }) => required))
      expect(() => read(declaration.type, { [name]: ' ' })).toThrow(`${title} (${name})`);
  expect(() => read('oauth2-authorization-code', { refresh_token: '' })).toThrow('in the browser');
});

test('another way to sign in is refused', () => {
  expect(() => read('saml')).toThrow('oauth2-password, oauth2-client-credentials');
});

test('client credentials need the domain of the org', () => {
  for (const custom_domain of ['login', 'test.salesforce.com'])
    expect(() => read('oauth2-client-credentials', { custom_domain })).toThrow('My Domain');
});

describe('a JWT assertion', () => {
  const claimsOf = (more: Record<string, string> = {}) => {
    const [header, claims] = (formOf('oauth2-jwt-bearer', more).assertion ?? '').split('.');
    return [header, claims].map((part) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString()));
  };

  test('names app, user, audience and an end within three minutes', () => {
    expect(claimsOf()).toEqual([
      { alg: 'RS256', typ: 'JWT' },
      {
        iss: 'id',
        sub: 'u@acme.example',
        aud: 'https://login.salesforce.com',
        exp: now.getTime() / 1_000 + 150,
      },
    ]);
  });

  test.each([
    ['https://acme.my.salesforce.com', 'https://login.salesforce.com'],
    ['https://acme-dev-ed.develop.my.salesforce.com', 'https://login.salesforce.com'],
    ['https://acme--uat.sandbox.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://acme--uat.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://acme-1.scratch.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://test.salesforce.com', 'https://test.salesforce.com'],
    ['http://127.0.0.1:8083', 'http://127.0.0.1:8083'],
  ])('signing in at %s is for %s', (origin, audience) => {
    expect(audienceOf(origin)).toBe(audience);
  });

  test('the key may have its line breaks as \\n, and be of either form', () => {
    expect(claimsOf({ private_key: pem.replaceAll('\n', String.raw`\n`) })).toHaveLength(2);
    const pkcs1 = String(keyOf(2_048).export({ type: 'pkcs1', format: 'pem' }));
    expect(claimsOf({ private_key: pkcs1 })).toHaveLength(2);
  });

  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  test.each([
    ['no PEM', 'secret-words', 'no RSA private key'],
    ['half a key', pem.slice(0, 500), 'no RSA private key'],
    [
      'a public key',
      String(elliptic.publicKey.export({ type: 'spki', format: 'pem' })),
      'no RSA private key',
    ],
    ['another kind', String(elliptic.privateKey.export({ type: 'pkcs8', format: 'pem' })), 'no RSA'],
    ['a short key', String(keyOf(1_024).export({ type: 'pkcs8', format: 'pem' })), '1024 bits'],
    [
      'one with a passphrase',
      String(keyOf(2_048).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })),
      'passphrase',
    ],
  ])('promise 9: %s is refused without repeating it', (_what, key, message) => {
    const refusal = () => read('oauth2-jwt-bearer', { private_key: key });
    expect(refusal).toThrow(message);
    const said = (() => {
      try {
        refusal();
        return '';
      } catch (error) {
        return JSON.stringify([String(error), error]);
      }
    })();
    for (const line of key.split('\n').filter((part) => part.length > 20 && !part.startsWith('---')))
      expect(said).not.toContain(line);
    expect(said).not.toContain('secret-words');
  });
});
