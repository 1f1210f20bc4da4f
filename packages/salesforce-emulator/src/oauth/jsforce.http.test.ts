import { Connection, OAuth2 } from '@jsforce/jsforce-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { authorizeAs, openPath } from '../testing/oauth-client.ts';

const redirectUri = 'http://localhost:3000/oauth/callback';
let org: Org;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.close());

const oauth2With = (useVerifier: boolean) =>
  new OAuth2({
    loginUrl: org.url,
    clientId: org.credentials.clientId,
    clientSecret: org.credentials.clientSecret,
    redirectUri,
    useVerifier,
  });

/** Signs in on the page jsforce would send the browser to. */
async function codeOf(oauth2: OAuth2, scope: string): Promise<string> {
  const { searchParams } = new URL(oauth2.getAuthorizationUrl({ scope, state: 'x' }));
  const callback = await authorizeAs(org, Object.fromEntries(searchParams), org.credentials);
  expect(callback.get('state')).toBe('x');
  return callback.get('code') ?? '';
}

/** A connection through the web server flow. */
async function authorize(useVerifier: boolean): Promise<Connection> {
  const oauth2 = oauth2With(useVerifier);
  const connection = new Connection({ oauth2, version: '67.0' });
  const verifier = oauth2.codeVerifier ?? '';
  const code = await codeOf(oauth2, 'api refresh_token');
  const user = await connection.authorize(code, verifier === '' ? {} : { code_verifier: verifier });
  expect(user.organizationId).toBe(org.organizationId);
  return connection;
}

test.each([true, false])('web server flow, PKCE %s', async (useVerifier) => {
  const connection = await authorize(useVerifier);
  expect(connection.instanceUrl).toBe(org.url);
  expect(connection.refreshToken).toBeTruthy();
  expect((await connection.identity()).username).toBe(org.credentials.username);
  expect((await connection.query('SELECT Id FROM Account')).totalSize).toBe(0);
});

test('the Salesforce CLI’s public client signs in as the CLI does', async () => {
  const oauth2 = new OAuth2({
    loginUrl: org.url,
    clientId: 'PlatformCLI',
    redirectUri: 'http://localhost:1717/OauthRedirect',
    useVerifier: true,
  });
  const { searchParams } = new URL(
    oauth2.getAuthorizationUrl({ scope: 'refresh_token api web', prompt: 'login', state: 'x' }),
  );
  const callback = await authorizeAs(org, Object.fromEntries(searchParams), org.credentials);
  const token = await oauth2.requestToken(callback.get('code') ?? '', {
    code_verifier: oauth2.codeVerifier ?? '',
  });
  expect(token.access_token).toMatch(/^00D\w{12}![.\w]+$/);
  const again = await oauth2.refreshToken(token.refresh_token ?? '');
  expect(again).toMatchObject({ instance_url: org.url, scope: 'refresh_token api web' });
});

test('an ended session is refreshed without the caller’s help', async () => {
  const connection = await authorize(true);
  const before = connection.accessToken;
  const refreshed: string[] = [];
  connection.on('refresh', (token: string) => refreshed.push(token));
  await fetch(`${org.url}/emulator/sessions/expire`, { method: 'POST' });
  expect((await connection.query('SELECT Id FROM Account')).totalSize).toBe(0);
  expect(refreshed).toEqual([connection.accessToken]);
  expect(connection.accessToken).not.toBe(before);
});

test('a revoked refresh token ends it for good', async () => {
  const connection = await authorize(true);
  const refreshToken = connection.refreshToken ?? '';
  await connection.oauth2.revokeToken(refreshToken);
  await expect(connection.query('SELECT Id FROM Account')).rejects.toThrow('expired access/refresh token');
});

test('logout revokes the access token', async () => {
  const connection = await authorize(true);
  const { accessToken } = connection;
  await connection.logout();
  const answer = await openPath(org, '/services/data/v67.0/limits', {
    authorization: `Bearer ${accessToken}`,
  });
  expect(answer.status).toBe(401);
});

test('client credentials', async () => {
  const { clientId, clientSecret } = org.credentials;
  const connection = new Connection({
    instanceUrl: org.url,
    oauth2: { clientId, clientSecret, loginUrl: org.url },
  });
  const user = await connection.authorize({ grant_type: 'client_credentials' });
  expect(user.organizationId).toBe(org.organizationId);
});

test('a scope that does not reach the REST API ends at once instead of refreshing without end', async () => {
  const oauth2 = oauth2With(false);
  const connection = new Connection({ oauth2, version: '67.0' });
  // jsforce asks userinfo and the identity URL only.
  await connection.authorize(await codeOf(oauth2, 'openid refresh_token'));
  await expect(connection.query('SELECT Id FROM Account')).rejects.toMatchObject({
    errorCode: 'INVALID_SESSION_ID',
    message: expect.stringContaining('This session is not valid for use with the REST API'),
  });
});
