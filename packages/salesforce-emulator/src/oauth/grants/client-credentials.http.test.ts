import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../../start-org.ts';
import { askToken, openPath } from '../../testing/oauth-client.ts';

let org: Org;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      users: [
        { username: 'me@example.com', password: 'p' },
        { username: 'robot@example.com', password: 'p' },
      ],
      connectedApps: [
        { clientId: 'app', clientSecret: 's', runAs: 'robot@example.com', scopes: ['api', 'id'] },
        { clientId: 'idle', clientSecret: 's' },
        { clientId: 'lost', clientSecret: 's', runAs: 'nobody@example.com' },
        { clientId: 'public', runAs: 'robot@example.com' },
        {
          clientId: 'chosen',
          clientSecret: 's',
          runAs: 'robot@example.com',
          permittedUsers: 'admin_approved',
        },
      ],
    },
  });
});
afterAll(() => org.close());

const grant = { grant_type: 'client_credentials' };
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

test('id and secret, in the body or a Basic header, give a token of the Run-As user', async () => {
  const inBody = await askToken(org, { ...grant, client_id: 'app', client_secret: 's' });
  const inHeader = await askToken(org, grant, basic('app', 's'));
  for (const { status, body } of [inBody, inHeader]) {
    expect(status).toBe(200);
    expect(body).toMatchObject({ scope: 'api id', instance_url: org.url });
    expect(body).not.toHaveProperty('refresh_token');
    const info = await openPath(org, '/services/oauth2/userinfo', {
      authorization: `Bearer ${body.access_token}`,
    });
    expect(info.body.preferred_username).toBe('robot@example.com');
  }
});

test.each([
  ['nobody', 's', {}, 'invalid_client_id', 'client identifier invalid'],
  ['app', 'x', {}, 'invalid_client', 'invalid client credentials'],
  ['app', '', {}, 'invalid_request', 'missing required parameter: client_secret'],
  ['public', 's', {}, 'invalid_client', 'invalid client credentials'],
  ['public', '', {}, 'invalid_request', 'missing required parameter: client_secret'],
  ['idle', 's', {}, 'invalid_grant', 'no client credentials user enabled'],
  ['lost', 's', {}, 'invalid_grant', 'no client credentials user enabled'],
  ['app', 's', { scope: 'web' }, 'invalid_scope', 'the requested scope is invalid, unknown, or malformed'],
  ['chosen', 's', {}, 'invalid_app_access', 'user is not admin approved to access this app'],
])('%s with secret "%s" and %o: %s', async (id, secret, more, error, error_description) => {
  const answer = await askToken(org, { ...grant, ...more }, basic(id, secret));
  expect(answer).toMatchObject({ status: 400, body: { error, error_description } });
});

test('on a login host, which is not the org’s own domain, it is refused', async () => {
  const body = await new Promise<string>((resolve, reject) => {
    const outgoing = request(
      `${org.url}/services/oauth2/token`,
      { method: 'POST', headers: { host: 'login.salesforce.com', ...basic('app', 's') } },
      (answer) => {
        let text = '';
        answer.on('data', (part) => {
          text += String(part);
        });
        answer.on('end', () => resolve(text));
      },
    );
    outgoing.on('error', reject);
    outgoing.end('grant_type=client_credentials');
  });
  expect(JSON.parse(body)).toEqual({
    error: 'invalid_grant',
    error_description: 'request not supported on this domain',
  });
});
