import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import {
  askToken,
  authorizeAs,
  callbackOf,
  openLoginPage,
  openPath,
  postForm,
  submit,
} from '../testing/oauth-client.ts';

const callback = 'https://app.example/callback?tenant=1';
const me = { username: 'me@example.com', password: 'p' };
const other = { username: 'other@example.com', password: 'p' };
const verifier = 'v'.repeat(64);
const challenge = createHash('sha256').update(verifier).digest('base64url');

let org: Org;
let time: number;
beforeEach(() => {
  time = Date.UTC(2026, 8, 22, 10, 15);
});
beforeAll(async () => {
  org = await startOrg({
    clock: () => time,
    definition: {
      users: [
        { ...me, securityToken: 't' },
        other,
        { username: 'gone@example.com', password: 'p', active: false },
      ],
      connectedApps: [
        { name: 'My <app>', clientId: 'app', clientSecret: 's', callbackUrls: [callback, 'myapp://back'] },
        { clientId: 'public', callbackUrls: [callback], requirePkce: true, scopes: ['api', 'refresh_token'] },
        {
          clientId: 'lax',
          clientSecret: 's',
          callbackUrls: [callback],
          requireSecretForWebServerFlow: false,
        },
        {
          clientId: 'chosen',
          clientSecret: 's',
          callbackUrls: [callback],
          permittedUsers: 'admin_approved',
          preAuthorizedUsers: [me.username],
        },
      ],
    },
  });
});
afterAll(() => org.close());

const wanted = { response_type: 'code', client_id: 'app', redirect_uri: callback };
const open = (parameters: Record<string, string>) =>
  openPath(org, `/services/oauth2/authorize?${new URLSearchParams(parameters)}`);
const exchange = (code: string | null, changes: Record<string, string> = {}) =>
  askToken(org, {
    grant_type: 'authorization_code',
    code: code ?? '',
    client_id: 'app',
    client_secret: 's',
    redirect_uri: callback,
    ...changes,
  });
const refused = (error: string, error_description: string) => ({
  status: 400,
  body: { error, error_description },
});

test('sign in, allow, and exchange the code for tokens', async () => {
  const page = await openLoginPage(org, { ...wanted, state: 'a b&c', scope: 'api refresh_token' });
  const approve = await submit(org, page, me);
  expect(approve.status).toBe(200);
  expect(approve.body).toContain('My &lt;app&gt;');
  const allowed = await submit(org, page, { decision: 'allow' });
  expect(allowed.status).toBe(302);
  expect(allowed.headers.get('location')).toMatch(/^https:\/\/app\.example\/callback\?tenant=1&code=/);
  expect(callbackOf(allowed).get('state')).toBe('a b&c');
  const { status, body } = await exchange(callbackOf(allowed).get('code'));
  expect(status).toBe(200);
  expect(body).toMatchObject({ scope: 'api refresh_token', token_type: 'Bearer', instance_url: org.url });
  expect(body.refresh_token).toMatch(/^5Aep861[\w.]+$/);
  expect(body).not.toHaveProperty('id_token');
  expect(body).not.toHaveProperty('expires_in');
});

test('who approved once is not asked again, unless the app wants it', async () => {
  await authorizeAs(org, wanted, me);
  const again = await openLoginPage(org, wanted);
  expect((await submit(org, again, me)).status).toBe(302);
  const asked = await openLoginPage(org, { ...wanted, prompt: 'login consent' });
  expect((await submit(org, asked, me)).status).toBe(200);
});

test('a person may deny', async () => {
  const page = await openLoginPage(org, { ...wanted, state: 'x' });
  await submit(org, page, other);
  const denied = callbackOf(await submit(org, page, { decision: 'deny' }));
  expect(Object.fromEntries(denied)).toEqual({
    tenant: '1',
    error: 'access_denied',
    error_description: 'end-user denied authorization',
    state: 'x',
  });
});

test('a wrong password shows the page again; an inactive user is told', async () => {
  const page = await openLoginPage(org, wanted);
  const wrong = await submit(org, page, { username: 'me@example.com"><b>', password: 'x' });
  expect(wrong.status).toBe(200);
  expect(wrong.body).toContain('role="alert"');
  expect(wrong.body).toContain('value="me@example.com&quot;&gt;&lt;b&gt;"');
  expect((await submit(org, page, { username: 'gone@example.com', password: 'p' })).body).toContain(
    'User is Inactive',
  );
  expect((await submit(org, page, { decision: 'allow' })).body).toContain('Log in');
});

test('login_hint is filled in', async () => {
  expect((await open({ ...wanted, login_hint: me.username })).body).toContain(`value="${me.username}"`);
});

test('only the browser that began may go on, for 15 minutes', async () => {
  const page = await openLoginPage(org, wanted);
  const elsewhere = await openLoginPage(org, wanted);
  expect((await submit(org, { ...page, cookie: elsewhere.cookie }, me)).status).toBe(400);
  expect((await submit(org, { ...page, cookie: '' }, me)).status).toBe(400);
  expect((await postForm(org, '/services/oauth2/authorize', me)).status).toBe(400);
  time += 15 * 60_000;
  expect((await submit(org, page, me)).status).toBe(400);
});

test('pages cannot be framed and send their forms to the org and the app alone', async () => {
  const policy = (await open(wanted)).headers.get('content-security-policy');
  expect(policy).toContain("form-action 'self' https://app.example;");
  expect(policy).toContain("frame-ancestors 'none'");
  const native = await open({ ...wanted, redirect_uri: 'myapp://back' });
  expect(native.headers.get('content-security-policy')).toContain("form-action 'self' myapp:;");
});

test.each([
  [{ client_id: 'nobody' }, 'invalid_client_id'],
  [{ client_id: '' }, 'invalid_request'],
  [{ redirect_uri: '' }, 'redirect_uri_missing'],
  [{ redirect_uri: 'https://app.example/callback' }, 'redirect_uri_mismatch'],
  [{ redirect_uri: `${callback}&more=1` }, 'redirect_uri_mismatch'],
])('a call with %o goes nowhere: %s is shown', async (changes, error) => {
  const answer = await open({ ...wanted, ...changes });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('location')).toBeNull();
  expect(answer.body).toContain(`error=${error}`);
});

test.each([
  [{ response_type: 'magic' }, 'unsupported_response_type', 'response type not supported'],
  [{ response_type: '' }, 'invalid_request', 'missing required parameter: response_type'],
  [{ scope: 'api nonsense' }, 'invalid_scope', 'the requested scope is invalid, unknown, or malformed'],
  [
    { client_id: 'public', scope: 'web', code_challenge: challenge },
    'invalid_scope',
    'the requested scope is invalid, unknown, or malformed',
  ],
  [{ client_id: 'public' }, 'invalid_request', 'missing required code challenge'],
  [{ immediate: 'true' }, 'immediate_unsuccessful', 'immediate unsuccessful'],
  [{ prompt: 'none' }, 'immediate_unsuccessful', 'immediate unsuccessful'],
])('a call with %o goes back to the app: %s', async (changes, error, error_description) => {
  const answer = await open({ ...wanted, state: 's', ...changes });
  expect(answer.status).toBe(302);
  expect(Object.fromEntries(callbackOf(answer))).toMatchObject({ error, error_description, state: 's' });
});

test('the user-agent flow is not there yet and says so', async () => {
  const answer = await open({ ...wanted, response_type: 'token' });
  expect(answer).toMatchObject({ status: 501, body: { error: 'not_implemented_by_emulator' } });
});

test('an app for chosen users turns others away and does not ask the chosen', async () => {
  const asked = { ...wanted, client_id: 'chosen' };
  const denied = callbackOf(await submit(org, await openLoginPage(org, asked), other));
  expect(denied.get('error')).toBe('OAUTH_APP_ACCESS_DENIED');
  const welcome = await submit(org, await openLoginPage(org, asked), me);
  expect(callbackOf(welcome).has('code')).toBe(true);
});

test('a code is for one use, one app, one callback, 15 minutes', async () => {
  const codeOf = async () => (await authorizeAs(org, wanted, me)).get('code');
  const used = await codeOf();
  expect((await exchange(used)).status).toBe(200);
  expect(await exchange(used)).toMatchObject(refused('invalid_grant', 'expired authorization code'));
  expect(await exchange('aPrxNoSuchCode')).toMatchObject(
    refused('invalid_grant', 'invalid authorization code'),
  );
  expect(await exchange('')).toMatchObject(refused('invalid_request', 'missing required parameter: code'));
  const ofAnother = { client_id: 'lax', client_secret: 's' };
  expect(await exchange(await codeOf(), ofAnother)).toMatchObject(
    refused('invalid_grant', 'invalid authorization code'),
  );
  expect(await exchange(await codeOf(), { redirect_uri: 'myapp://back' })).toMatchObject(
    refused('redirect_uri_mismatch', 'redirect_uri must match configuration'),
  );
  expect(await exchange(await codeOf(), { redirect_uri: '' })).toMatchObject(
    refused('redirect_uri_missing', 'redirect_uri not provided'),
  );
  expect(await exchange(await codeOf(), { client_secret: 'x' })).toMatchObject(
    refused('invalid_client', 'invalid client credentials'),
  );
  expect(await exchange(await codeOf(), { client_secret: '' })).toMatchObject(
    refused('invalid_request', 'missing required parameter: client_secret'),
  );
  const old = await codeOf();
  time += 15 * 60_000;
  expect(await exchange(old)).toMatchObject(refused('invalid_grant', 'expired authorization code'));
});

test('a secret is not asked of a public client, nor where the app waives it', async () => {
  const pkce = { code_challenge: challenge };
  const fromPublic = await authorizeAs(org, { ...wanted, client_id: 'public', ...pkce }, me);
  const bare = { client_id: 'public', client_secret: '', code_verifier: verifier };
  expect((await exchange(fromPublic.get('code'), bare)).status).toBe(200);
  const fromLax = await authorizeAs(org, { ...wanted, client_id: 'lax' }, me);
  expect((await exchange(fromLax.get('code'), { client_id: 'lax', client_secret: '' })).status).toBe(200);
});

test.each([
  [{}, { code_verifier: verifier }, 200],
  [{ code_challenge_method: 'S256' }, { code_verifier: verifier }, 200],
  [{}, { code_verifier: 'w'.repeat(64) }, 400],
  [{}, {}, 400],
])('a challenge with %o and %o is answered %i', async (atStart, atEnd, status) => {
  const callbackParameters = await authorizeAs(org, { ...wanted, code_challenge: challenge, ...atStart }, me);
  const answer = await exchange(callbackParameters.get('code'), atEnd);
  expect(answer.status).toBe(status);
  if (status === 400)
    expect(answer.body).toEqual({ error: 'invalid_grant', error_description: 'invalid code verifier' });
});

test('the challenge method plain is refused', async () => {
  const asked = { ...wanted, code_challenge: verifier, code_challenge_method: 'plain' };
  expect(callbackOf(await open(asked)).get('error')).toBe('invalid_request');
});

test('without refresh_token among the scopes there is no refresh token', async () => {
  const parameters = await authorizeAs(org, { ...wanted, scope: 'api' }, me);
  expect((await exchange(parameters.get('code'))).body).not.toHaveProperty('refresh_token');
});
