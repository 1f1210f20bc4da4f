import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../../start-org.ts';
import { askToken, openPath } from '../../testing/oauth-client.ts';
import { selfSignedCertificate } from '../../testing/self-signed-certificate.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pem = (key: KeyObject) => String(key.export({ type: 'spki', format: 'pem' }));
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const time = Date.UTC(2026, 8, 22, 10, 15);

let org: Org;
beforeAll(async () => {
  const certificate = pem(pair.publicKey);
  org = await startOrg({
    clock: () => time,
    definition: {
      users: [
        { username: 'me@example.com', password: 'p' },
        { username: 'gone@example.com', password: 'p', active: false },
        { username: 'other@example.com', password: 'p' },
      ],
      connectedApps: [
        {
          clientId: 'app',
          clientSecret: 's',
          certificate,
          scopes: ['api', 'refresh_token'],
          preAuthorizedUsers: ['ME@example.com', 'gone@example.com'],
        },
        {
          clientId: 'chosen',
          clientSecret: 's',
          certificate,
          permittedUsers: 'admin_approved',
          preAuthorizedUsers: ['me@example.com'],
        },
        {
          clientId: 'no-refresh',
          clientSecret: 's',
          certificate,
          scopes: ['api'],
          permittedUsers: 'admin_approved',
          preAuthorizedUsers: ['me@example.com'],
        },
        {
          clientId: 'certified',
          clientSecret: 's',
          certificate: selfSignedCertificate(pair.publicKey, pair.privateKey),
          preAuthorizedUsers: ['me@example.com'],
        },
        { clientId: 'bare', clientSecret: 's' },
      ],
      signIn: { audiences: ['https://acme.my.salesforce.com'] },
    },
  });
});
afterAll(() => org.close());

const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

function assertionOf(claims: object = {}, key = pair.privateKey, header: object = { alg: 'RS256' }): string {
  const standard = {
    iss: 'app',
    sub: 'me@example.com',
    aud: 'https://login.salesforce.com',
    exp: time / 1000 + 180,
  };
  const content = `${encode(header)}.${encode({ ...standard, ...claims })}`;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

const ask = (claims: object = {}) => askToken(org, { grant_type, assertion: assertionOf(claims) });

test('a signed assertion gives a token of the user it names, more than once', async () => {
  const assertion = assertionOf();
  const first = await askToken(org, { grant_type, assertion });
  expect(first).toMatchObject({ status: 200, body: { scope: 'api refresh_token', token_type: 'Bearer' } });
  expect(first.body).not.toHaveProperty('refresh_token');
  const again = await askToken(org, { grant_type, assertion });
  expect(again.status).toBe(200);
  const headers = { authorization: `Bearer ${again.body.access_token}` };
  expect((await openPath(org, '/services/oauth2/userinfo', headers)).body).toMatchObject({
    preferred_username: 'me@example.com',
  });
});

test.each([
  ['the emulator', () => org.url],
  ['the sandbox host', () => 'https://test.salesforce.com'],
  ['one of the definition', () => 'https://acme.my.salesforce.com/'],
  ['a list with one of them', () => ['x', 'https://login.salesforce.com']],
])('it may be meant for %s', async (_name, aud) => {
  expect((await ask({ aud: aud() })).status).toBe(200);
});

test('an expiry in milliseconds, as the Salesforce CLI sends it, is taken', async () => {
  expect((await ask({ exp: time + 180_000 })).status).toBe(200);
});

test.each([
  [{ iss: 'nobody' }, 'invalid_client_id', 'client identifier invalid'],
  [{ iss: 'bare' }, 'invalid_grant', 'invalid assertion'],
  [{ exp: time / 1000 - 1 }, 'invalid_grant', 'invalid assertion'],
  [{ exp: 'soon' }, 'invalid_grant', 'invalid assertion'],
  [{ aud: 'https://example.com' }, 'invalid_grant', 'Audience validation failed'],
  [{ aud: 7 }, 'invalid_grant', 'Audience validation failed'],
  [{ sub: 'nobody@example.com' }, 'invalid_grant', "user hasn't approved this consumer"],
  [{ sub: 'other@example.com' }, 'invalid_grant', "user hasn't approved this consumer"],
  [{ sub: 'gone@example.com' }, 'invalid_grant', 'inactive user'],
  [
    { iss: 'chosen', sub: 'other@example.com' },
    'invalid_app_access',
    'user is not admin approved to access this app',
  ],
  [{ iss: 'no-refresh' }, 'invalid_request', 'refresh_token scope is required'],
])('an assertion with %o is refused', async (claims, error, error_description) => {
  expect(await ask(claims)).toMatchObject({ status: 400, body: { error, error_description } });
});

test.each([
  ['another key', () => assertionOf({}, stranger.privateKey)],
  ['no algorithm', () => `${assertionOf({}, pair.privateKey, { alg: 'none' }).split('.', 2).join('.')}.`],
  ['a claim to need none', () => assertionOf({}, pair.privateKey, { alg: 'none' })],
  ['another algorithm', () => assertionOf({}, pair.privateKey, { alg: 'HS256' })],
  ['no JSON', () => 'a.b.c'],
  ['one part', () => 'a'],
  ['changed claims', () => assertionOf().replace(/\.[^.]+\./, `.${encode({ iss: 'app' })}.`)],
])('an assertion with %s is invalid', async (_name, assertion) => {
  const answer = await askToken(org, { grant_type, assertion: assertion() });
  expect(answer).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant', error_description: 'invalid assertion' },
  });
});

test('a certificate can be uploaded while the org runs; anything else is refused', async () => {
  const put = (app: string, certificate: unknown) =>
    fetch(`${org.url}/emulator/connected-apps/${app}/certificate`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ certificate }),
    });
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  expect((await put('bare', pem(elliptic.publicKey))).status).toBe(400);
  expect((await put('bare', 'no PEM')).status).toBe(400);
  expect((await put('bare', 7)).status).toBe(400);
  expect((await put('nobody', pem(pair.publicKey))).status).toBe(404);
  expect((await put('bare', pem(pair.publicKey))).status).toBe(204);
  expect((await ask({ iss: 'bare' })).body.error_description).toBe("user hasn't approved this consumer");
});

test('an X.509 certificate verifies as well as a bare key', async () => {
  expect((await ask({ iss: 'certified' })).status).toBe(200);
});
