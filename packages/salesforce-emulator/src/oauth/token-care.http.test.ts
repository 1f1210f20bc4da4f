import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { askToken, authorizeAs, openPath, postForm } from '../testing/oauth-client.ts';
import type { RestAnswer } from '../testing/rest-client.ts';

const callback = 'https://app.example/callback';
const me = { username: 'me@example.com', password: 'p' };

let org: Org;
let time = Date.UTC(2026, 8, 22, 10, 15);
beforeAll(async () => {
  const app = { clientSecret: 's', callbackUrls: [callback] };
  org = await startOrg({
    clock: () => time,
    definition: {
      users: [me],
      connectedApps: [
        { ...app, clientId: 'app' },
        { ...app, clientId: 'lax', requireSecretForRefresh: false },
        { ...app, clientId: 'rotating', rotateRefreshTokens: true },
        { ...app, clientId: 'brief', refreshTokenLifeHours: 2, refreshTokenIdleHours: 1 },
        { ...app, clientId: 'at-once', refreshTokenLifeHours: 0, sessionTimeoutMinutes: 15 },
      ],
    },
  });
});
afterAll(() => org.close());

/** Goes through the web server flow and gives the answer with the tokens. */
async function signIn(clientId = 'app', more: Record<string, string> = {}): Promise<RestAnswer> {
  const wanted = { response_type: 'code', client_id: clientId, redirect_uri: callback, ...more };
  const code = (await authorizeAs(org, wanted, me)).get('code') ?? '';
  const client = { client_id: clientId, client_secret: 's', redirect_uri: callback };
  return askToken(org, { grant_type: 'authorization_code', code, ...client });
}

const refresh = (token: string, changes: Record<string, string> = {}) =>
  askToken(org, {
    grant_type: 'refresh_token',
    refresh_token: token,
    client_id: 'app',
    client_secret: 's',
    ...changes,
  });
const statusOf = async (token: string) =>
  (await openPath(org, '/services/data/v67.0/limits', { authorization: `Bearer ${token}` })).status;
const expired = {
  status: 400,
  body: { error: 'invalid_grant', error_description: 'expired access/refresh token' },
};

test('a refresh token gives new access tokens with the same scopes and no new refresh token', async () => {
  const first = await signIn('app', { scope: 'api refresh_token' });
  const { status, body } = await refresh(first.body.refresh_token);
  expect(status).toBe(200);
  expect(body).toMatchObject({ scope: 'api refresh_token', id: first.body.id, instance_url: org.url });
  expect(body).not.toHaveProperty('refresh_token');
  expect(body.access_token).not.toBe(first.body.access_token);
  expect(await statusOf(body.access_token)).toBe(200);
});

test('it is of its app alone, with the secret where the app asks for it', async () => {
  const { refresh_token } = (await signIn()).body;
  expect(await refresh(refresh_token, { client_id: 'lax' })).toMatchObject(expired);
  expect(await refresh('5Aep861unknown')).toMatchObject(expired);
  expect((await refresh(refresh_token, { client_secret: '' })).body.error).toBe('invalid_request');
  expect((await refresh(refresh_token, { client_secret: 'x' })).body.error).toBe('invalid_client');
  expect((await refresh('')).body.error).toBe('invalid_request');
  const ofLax = (await signIn('lax')).body.refresh_token;
  expect((await refresh(ofLax, { client_id: 'lax', client_secret: '' })).status).toBe(200);
});

test('rotation gives a new one each time; the old one and its sessions end', async () => {
  const first = (await signIn('rotating')).body;
  const second = await refresh(first.refresh_token, { client_id: 'rotating' });
  expect(second.body.refresh_token).not.toBe(first.refresh_token);
  expect(await refresh(first.refresh_token, { client_id: 'rotating' })).toMatchObject(expired);
  expect(await statusOf(first.access_token)).toBe(401);
  expect((await refresh(second.body.refresh_token, { client_id: 'rotating' })).status).toBe(200);
});

test('the app’s policy ends a refresh token by age, by idleness or at once', async () => {
  const brief = { client_id: 'brief' };
  const token = (await signIn('brief')).body.refresh_token;
  time += 50 * 60_000;
  expect((await refresh(token, brief)).status).toBe(200);
  time += 50 * 60_000;
  expect((await refresh(token, brief)).status).toBe(200);
  time += 20 * 60_000;
  expect(await refresh(token, brief)).toMatchObject(expired);
  const idle = (await signIn('brief')).body.refresh_token;
  time += 60 * 60_000;
  expect(await refresh(idle, brief)).toMatchObject(expired);
  const atOnce = (await signIn('at-once')).body.refresh_token;
  expect(await refresh(atOnce, { client_id: 'at-once' })).toMatchObject(expired);
});

test('an app may have its own session time-out', async () => {
  const { access_token } = (await signIn('at-once')).body;
  time += 14 * 60_000;
  expect(await statusOf(access_token)).toBe(200);
  time += 16 * 60_000;
  expect(await statusOf(access_token)).toBe(401);
});

test('a user keeps five refresh tokens with an app', async () => {
  const tokens: string[] = [];
  for (let count = 0; count < 6; count++) tokens.push((await signIn()).body.refresh_token);
  const statuses = await Promise.all(tokens.map(async (token) => (await refresh(token)).status));
  expect(statuses).toEqual([400, 200, 200, 200, 200, 200]);
});

test('revoking a refresh token ends its sessions and the approval', async () => {
  const { access_token, refresh_token } = (await signIn()).body;
  const answer = await postForm(org, '/services/oauth2/revoke', { token: refresh_token });
  expect(answer).toMatchObject({ status: 200, body: '' });
  expect(await statusOf(access_token)).toBe(401);
  expect(await refresh(refresh_token)).toMatchObject(expired);
});

test('revoking an access token leaves the refresh token; GET works as well', async () => {
  const { access_token, refresh_token } = (await signIn()).body;
  const path = `/services/oauth2/revoke?token=${encodeURIComponent(access_token)}`;
  expect((await openPath(org, path)).status).toBe(200);
  expect(await statusOf(access_token)).toBe(401);
  expect((await refresh(refresh_token)).status).toBe(200);
  expect((await openPath(org, path)).status).toBe(400);
  expect((await postForm(org, '/services/oauth2/revoke', {})).body.error).toBe('invalid_request');
});

test('introspection tells an app about its own tokens', async () => {
  const { access_token, refresh_token, id } = (await signIn()).body;
  const introspect = async (token: string, client_id = 'app', client_secret = 's') =>
    (await postForm(org, '/services/oauth2/introspect', { token, client_id, client_secret })).body;
  const seconds = Math.floor(time / 1000);
  expect(await introspect(access_token)).toEqual({
    active: true,
    scope: 'full refresh_token',
    client_id: 'app',
    username: me.username,
    sub: id,
    token_type: 'access_token',
    exp: seconds + 7_200,
    iat: seconds,
    nbf: seconds,
  });
  expect(await introspect(refresh_token)).toMatchObject({ active: true, token_type: 'refresh_token' });
  expect(await introspect(access_token, 'lax')).toEqual({ active: false });
  expect(await introspect('unknown')).toEqual({ active: false });
  expect(await introspect(access_token, 'app', 'x')).toMatchObject({ error: 'invalid_client' });
  expect(await introspect(access_token, 'app', '')).toMatchObject({ error: 'invalid_request' });
});

test('openid gives an id token that the published key verifies', async () => {
  const { id_token, access_token, id } = (await signIn('app', { scope: 'openid api', nonce: 'n1' })).body;
  const configuration = await openPath(org, '/.well-known/openid-configuration');
  expect(configuration.body).toMatchObject({ issuer: org.url, jwks_uri: `${org.url}/id/keys` });
  const { keys } = (await openPath(org, '/id/keys')).body;
  const [header = '', claims = '', signature = ''] = String(id_token).split('.');
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(decode(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: keys[0].kid });
  const key = createPublicKey({ key: keys[0], format: 'jwk' });
  const content = Buffer.from(`${header}.${claims}`);
  expect(verify('sha256', content, key, Buffer.from(signature, 'base64url'))).toBe(true);
  const issuedAt = Math.floor(time / 1000);
  expect(decode(claims)).toEqual({
    at_hash: createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url'),
    sub: id,
    aud: 'app',
    iss: org.url,
    iat: issuedAt,
    exp: issuedAt + 120,
    nonce: 'n1',
  });
});
