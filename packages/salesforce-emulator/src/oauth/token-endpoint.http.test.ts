import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, requestToken } from '../testing/rest-client.ts';

let org: Org;
let time = Date.UTC(2026, 8, 22, 10, 15);
beforeAll(async () => {
  org = await startOrg({ clock: () => time });
});
afterAll(() => org.close());

test('the password grant answers what Salesforce documents', async () => {
  const { status, body } = await requestToken(org);
  expect(status).toBe(200);
  expect(body.access_token).toMatch(/^00D\w{12}![.\w]+$/);
  expect(body).toMatchObject({ instance_url: org.url, token_type: 'Bearer', issued_at: String(time) });
  expect(body.id).toMatch(new RegExp(`^${org.url}/id/00D\\w{15}/005\\w{15}$`));
  expect(body.signature).toMatch(/^[\w+/]{43}=$/);
  expect(body).not.toHaveProperty('refresh_token');
});

test.each([
  [{ password: 'wrong' }, 'invalid_grant', 'authentication failure'],
  [{ username: 'nobody@example.com' }, 'invalid_grant', 'authentication failure'],
  [{ client_id: 'unknown' }, 'invalid_client_id', 'client identifier invalid'],
  [{ client_secret: 'wrong' }, 'invalid_client', 'invalid client credentials'],
  [{ grant_type: 'guess' }, 'unsupported_grant_type', 'grant type not supported'],
  [{ grant_type: '' }, 'invalid_request', 'missing required parameter: grant_type'],
  [{ username: '' }, 'invalid_request', 'missing required parameter: username'],
])('refused with %o', async (changes, error, description) => {
  const { status, body } = await requestToken(org, changes);
  expect(status).toBe(400);
  expect(body).toEqual({ error, error_description: description });
});

test('the password without its security token is refused', async () => {
  const { body } = await requestToken(org, { password: org.credentials.password });
  expect(body.error).toBe('invalid_grant');
});

test('grants that are not there say so instead of failing like a wrong password', async () => {
  expect((await requestToken(org, { grant_type: 'device' })).status).toBe(501);
});

test('identity and userinfo name the user', async () => {
  const { token, call } = await connect(org);
  const info = await call('GET', '/services/oauth2/userinfo');
  expect(info.body).toMatchObject({
    preferred_username: org.credentials.username,
    organization_id: org.organizationId,
  });
  const path = new URL(info.body.sub).pathname;
  const identity = await call('GET', `${path}?format=json&oauth_token=${encodeURIComponent(token)}`);
  expect(identity.body).toMatchObject({ user_id: info.body.user_id, username: org.credentials.username });
  expect(identity.body.urls.rest).toContain('/services/data/v{version}/');
});

test('a revoked token, an expired one and a missing one get Salesforce’s 401', async () => {
  const expected = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }];
  const first = await connect(org);
  expect((await first.rest('GET', '/limits')).status).toBe(200);
  await first.call('POST', `/services/oauth2/revoke?token=${encodeURIComponent(first.token)}`);
  expect(await first.rest('GET', '/limits')).toMatchObject({ status: 401, body: expected });

  const second = await connect(org);
  time += 119 * 60_000;
  expect((await second.rest('GET', '/limits')).status).toBe(200);
  time += 121 * 60_000;
  expect(await second.rest('GET', '/limits')).toMatchObject({ status: 401, body: expected });
  expect((await fetch(`${org.url}/services/data/v67.0/limits`)).status).toBe(401);
});
