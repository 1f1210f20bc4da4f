import { generateKeyPairSync } from 'node:crypto';
import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openSecrets } from '../catalog/account-secrets.ts';
import { createSealer } from '../catalog/sealer.ts';
import {
  admin,
  orgWithApps,
  parametersOf,
  robot,
  signInAtOrg,
} from '../destinations/salesforce-crm/org-browser.fixture.ts';
import { createSalesforceCrmDestination } from '../destinations/salesforce-crm/salesforce-crm-destination.ts';
import { rows } from '../store/database.ts';
import { startApi } from './api.fixture.ts';

// That of the fixture.
const sealer = createSealer(Buffer.alloc(32, 3));

/* A person, this server and an org of the emulator. */

// Where `inject` says its requests came to.
const callback = 'http://localhost/oauth/callback';
const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const certificate = String(keys.publicKey.export({ type: 'spki', format: 'pem' }));

let org: Org;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  org = await startOrg({ definition: orgWithApps(callback, certificate) });
});
afterAll(() => org.close());
beforeEach(async () => {
  api = await startApi({ destinations: [createSalesforceCrmDestination({ allowLoopback: true })] });
});
afterEach(() => api.stop());

const app = () => ({
  client_id: 'rotating',
  client_secret: 'rotating-secret',
  custom_domain: org.url,
});
const newAccount = (values: object = app(), name = 'Acme') => ({
  destination_type: 'salesforce-crm',
  name,
  authentication: 'oauth2-authorization-code',
  values,
});
const begin = (body: object = newAccount()) => api.use('POST', '/api/v1/accounts/browser-sign-ins', body);

/** The browser comes back to this server. */
async function comeBack(parameters: Record<string, string>) {
  const url = `/oauth/callback?${new URLSearchParams(parameters)}`;
  const { statusCode: status, body, headers } = await api.api.inject({ method: 'GET', url });
  return { status, body, headers };
}

async function connect(): Promise<string> {
  const { url } = await begin();
  expect((await comeBack(parametersOf(await signInAtOrg(url, admin)))).status).toBe(200);
  const { items } = await api.use('GET', '/api/v1/accounts');
  return items[0].account_id;
}

const count = async (table: string) =>
  (await rows<{ n: number }>(api.database.pool, `select count(*) as n from ${table}`))[0]?.n;

test('once the browser is back the account is there, as with any other way to sign in', async () => {
  const begun = await begin();
  expect(begun.redirect_url).toBe(callback);
  expect(Date.parse(begun.expires_at) - Date.now()).toBeGreaterThan(9 * 60_000);
  expect((await api.use('GET', '/api/v1/accounts')).items).toEqual([]);
  const back = await comeBack(parametersOf(await signInAtOrg(begun.url, admin)));
  expect(back.status).toBe(200);
  expect(back.body).toContain('connected to Acme as admin@acme.example');
  expect(back.headers['content-security-policy']).toContain("default-src 'none'");
  expect(back.headers['referrer-policy']).toBe('no-referrer');

  const [account] = (await api.use('GET', '/api/v1/accounts')).items;
  expect(account).toMatchObject({
    name: 'Acme',
    authentication: 'oauth2-authorization-code',
    settings: { client_id: 'rotating', custom_domain: org.url },
    report: { organization_id: org.organizationId, username: admin.username },
  });
  const path = `/api/v1/accounts/${account.account_id}`;
  expect((await api.use('GET', `${path}/target-fields`)).items.length).toBeGreaterThan(8);
  // The exchange of the code and the sign-in that proved the refresh token, at least.
  const { by_purpose: byPurpose } = await api.use('GET', `${path}/api-calls`);
  expect(byPurpose).toContainEqual({ purpose: 'sign_in', calls: expect.any(Number) });
  expect((await api.use('POST', `${path}/test`)).report.username).toBe(admin.username);
  const audit = await rows<{ action: string; principal: string }>(
    api.database.pool,
    'select action, principal from audit_event order by at',
  );
  expect(audit.map(({ action }) => action)).toEqual([
    'account.begin_sign_in',
    'account.create',
    'account.test',
  ]);
  expect(new Set(audit.map(({ principal }) => principal))).toEqual(new Set(['local-owner']));
});

test('a state counts once, within ten minutes, and only if it was given here', async () => {
  const used = parametersOf(await signInAtOrg((await begin()).url, admin));
  expect((await comeBack(used)).status).toBe(200);
  const late = parametersOf(await signInAtOrg((await begin(newAccount(app(), 'Late'))).url, admin));
  await api.database.pool.query("update browser_sign_in set expires_at = now() - interval '1 s'");
  const calls = org.journal({ limit: 10_000 }).length;
  const { state: _, ...stateless } = late;
  for (const parameters of [used, late, { ...late, state: 'guessed' }, stateless, {}]) {
    const { status, body } = await comeBack(parameters);
    expect(status).toBe(400);
    expect(body).toContain('Begin again');
  }
  // None of them asked Salesforce anything.
  expect(org.journal({ limit: 10_000 })).toHaveLength(calls);
  expect(await count('account')).toBe(1);
});

test('two browsers that come back with one state make one account', async () => {
  const back = parametersOf(await signInAtOrg((await begin()).url, admin));
  const answers = await Promise.all([comeBack(back), comeBack(back), comeBack(back)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
});

test('who denies access leaves no account, and reads why', async () => {
  // Only who has not approved the app yet is asked.
  const { url } = await begin(newAccount({ ...app(), client_id: 'public', client_secret: '' }));
  const { status, body } = await comeBack(parametersOf(await signInAtOrg(url, robot, 'deny')));
  expect(status).toBe(422);
  expect(body).toContain('access_denied');
  expect(body).toContain('Begin again and allow it');
  expect(await count('account')).toBe(0);
});

test('what comes in with the address is shown as text', async () => {
  const { url } = await begin();
  const state = new URL(url).searchParams.get('state') ?? '';
  const { body } = await comeBack({ state, error: 'x', error_description: '<img src=x onerror=alert(1)>' });
  expect(body).toContain('&#60;img');
  expect(body).not.toContain('<img');
});

test('a way that needs a browser is not filled in, nor the other way round', async () => {
  const filled = await api.call('POST', '/api/v1/accounts', newAccount());
  expect(filled.status).toBe(400);
  expect(filled.body.error.message).toContain('/api/v1/accounts/browser-sign-ins');
  const begun = await api.call('POST', '/api/v1/accounts/browser-sign-ins', {
    ...newAccount(),
    authentication: 'oauth2-password',
  });
  expect(begun.status).toBe(400);
  expect(begun.body.error.details[0].pointer).toBe('/authentication');
  const elsewhere = await api.call(
    'POST',
    '/api/v1/accounts/browser-sign-ins',
    newAccount({ ...app(), custom_domain: 'https://evil.example' }),
  );
  expect(elsewhere.body.error.code).toBe('destination_misconfigured');
  expect(await count('browser_sign_in')).toBe(0);
});

test('a browser cannot be sent back to plain http on another machine', async () => {
  const answer = await api.call('POST', '/api/v1/accounts/browser-sign-ins', newAccount(), {
    host: '127.0.0.1:4400',
  });
  expect(answer.body.redirect_url).toBe('http://localhost:4400/oauth/callback');
});

test('an account is signed in to again, or in another way, but not to another org', async () => {
  const accountId = await connect();
  const path = `/api/v1/accounts/${accountId}`;
  const again = async (values: object, person = admin) => {
    const { url } = await api.use('POST', `${path}/browser-sign-ins`, { values });
    return comeBack(parametersOf(await signInAtOrg(url, person)));
  };
  expect((await again(app(), robot)).status).toBe(200);
  expect((await api.use('GET', path)).report.username).toBe(robot.username);
  // Whoever takes the access away in Salesforce ends it here with one clear error, until someone signs in again.
  const [stored] = await rows<{ sealed: Buffer }>(
    api.database.pool,
    'select sealed_secrets as sealed from account',
  );
  const { refresh_token: refreshToken } = openSecrets(sealer, accountId, stored?.sealed ?? Buffer.alloc(0));
  await fetch(`${org.url}/services/oauth2/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ token: String(refreshToken) }),
  });
  const revoked = await api.call('POST', `${path}/test`);
  expect(revoked.status).toBe(422);
  expect(revoked.body.error.message).toContain('Sign in again in the browser');
  expect((await again(app(), robot)).status).toBe(200);
  expect((await api.use('POST', `${path}/test`)).report.username).toBe(robot.username);
  // Orgs of the emulator all have one id: here the account was first connected to another.
  const belongsTo = (id: string) => api.database.pool.query('update account set organization_id = $1', [id]);
  await belongsTo('00D5e000000AbCdEAF');
  const moved = await again(app());
  expect(moved.status).toBe(409);
  expect(moved.body).toContain('another organization');
  await belongsTo(org.organizationId);
  expect((await api.use('POST', `${path}/test`)).report.username).toBe(robot.username);

  const jwt = {
    username: admin.username,
    client_id: 'all-ways',
    custom_domain: org.url,
    private_key: String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
  const body = { authentication: 'oauth2-jwt-bearer', values: jwt };
  const changed = await api.use('PUT', `${path}/credentials`, body);
  expect(changed).toMatchObject({
    authentication: 'oauth2-jwt-bearer',
    report: { username: admin.username },
  });
  expect((await api.use('POST', `${path}/test`)).report.username).toBe(admin.username);
});

test('promise 9: verifier, code and tokens are in no row, answer or log line in the clear', async () => {
  const begun = await begin();
  const back = parametersOf(await signInAtOrg(begun.url, admin));
  const pending = await rows<{ text: string }>(
    api.database.pool,
    "select encode(sealed, 'escape') || encode(state_hash, 'escape') as text from browser_sign_in",
  );
  expect(pending).toHaveLength(1);
  expect(pending[0]?.text).not.toContain('rotating-secret');
  expect(pending[0]?.text).not.toContain(String(back.state));
  const { body } = await comeBack(back);
  const [account] = (await api.use('GET', '/api/v1/accounts')).items;
  const stored = await rows<{ text: string }>(
    api.database.pool,
    "select account::text || encode(sealed_secrets, 'escape') as text from account",
  );
  const audit = await rows(api.database.pool, 'select * from audit_event');
  const everything = JSON.stringify([body, account, stored, audit, api.logged]);
  // Refresh tokens of the emulator begin with 5Aep861, its access tokens with the org's id and "!".
  expect(everything).not.toMatch(/5Aep861|00D\w{12,15}!/);
  for (const secret of ['rotating-secret', String(back.code), String(back.state)])
    expect(everything).not.toContain(secret);
});
