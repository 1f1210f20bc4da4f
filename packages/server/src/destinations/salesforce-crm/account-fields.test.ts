import { expect, test } from 'vitest';
import { passwordAuthentication, readAccount } from './account-fields.ts';

const policy = { allowedHosts: [], allowLoopback: false };
const values = { username: ' u@acme.example ', password: ' p w ', client_id: 'id', client_secret: 'secret' };
const read = (more: Record<string, string> = {}) =>
  readAccount(
    {
      accountId: 'a',
      authentication: 'oauth2-password',
      organizationId: null,
      values: { ...values, ...more },
    },
    policy,
  );

test('the security token goes to the end of the password, which stays as it is', () => {
  expect(read()).toEqual({
    organizationId: null,
    username: 'u@acme.example',
    password: ' p w ',
    clientId: 'id',
    clientSecret: 'secret',
    loginOrigin: 'https://login.salesforce.com',
    lostCallMs: 600_000,
    secrets: ['p w', '', 'secret'],
  });
  expect(read({ security_token: ' tok ' }).password).toBe(' p w tok');
  expect(read({ custom_domain: 'acme', call_time_limit_seconds: '30' })).toMatchObject({
    loginOrigin: 'https://acme.my.salesforce.com',
    lostCallMs: 30_000,
  });
});

test.each(['username', 'password', 'client_id', 'client_secret'])('a missing %s is named', (name) => {
  const title = passwordAuthentication.fields.find((field) => field.name === name)?.title ?? 'none';
  expect(() => read({ [name]: ' ' })).toThrow(title);
});

test.each(['0', '-1', '1.5', 'x', '10000'])('a call time limit of %s seconds is refused', (seconds) => {
  expect(() => read({ call_time_limit_seconds: seconds })).toThrow('Call time limit');
});

test('another way to sign in is refused', () => {
  expect(() =>
    readAccount({ accountId: 'a', authentication: 'jwt', organizationId: null, values }, policy),
  ).toThrow('oauth2-password');
});

test('what is secret is declared so', () => {
  const secret = passwordAuthentication.fields.filter((field) => field.secret).map((field) => field.name);
  expect(secret).toEqual(['password', 'security_token', 'client_secret']);
});
