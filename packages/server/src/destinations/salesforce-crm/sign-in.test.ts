import { generateKeyPairSync } from 'node:crypto';
import {
  type CallPurpose,
  type DestinationConnection,
  type DestinationPorts,
  HeadraceError,
  type SecretStore,
} from '@headrace/core';
import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { heldSecrets } from '../../catalog/account-secrets.ts';
import { readAccount } from './account-fields.ts';
import { admin, orgWithApps, parametersOf, robot, signInAtOrg } from './org-browser.fixture.ts';
import { SalesforceClient } from './salesforce-client.ts';
import { createSalesforceCrmDestination } from './salesforce-crm-destination.ts';

/* Every way to sign in, against the emulator of Salesforce. */

const policy = { allowedHosts: [], allowLoopback: true };
const destination = createSalesforceCrmDestination(policy);
const redirectUrl = 'http://localhost:4400/oauth/callback';
const never = new AbortController().signal;
const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const privateKey = String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const certificate = String(pair.publicKey.export({ type: 'spki', format: 'pem' }));

let org: Org;
let calls: CallPurpose[];
let logged: string[];
let nowMs: number;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  nowMs = Date.UTC(2026, 9, 1, 12);
  org = await startOrg({ clock: () => nowMs, definition: orgWithApps(redirectUrl, certificate) });
  calls = [];
  logged = [];
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await org.close();
});

const budget: DestinationPorts['budget'] = {
  reserve: async (purpose) => {
    calls.push(purpose);
  },
  observe: () => undefined,
};
const portsWith = (secrets: SecretStore): DestinationPorts => ({
  budget,
  secrets,
  calls: { record: (call) => logged.push(JSON.stringify(call)) },
  now: () => new Date(nowMs),
  log: {
    info: (facts, message) => logged.push(JSON.stringify([facts, message])),
    warn: (facts, message) => logged.push(JSON.stringify([facts, message])),
  },
});

/** Begins and ends a sign-in in the browser. @returns what the account keeps beside its values */
async function signInByBrowser(values: Record<string, string>): Promise<Readonly<Record<string, string>>> {
  const account = { authentication: 'oauth2-authorization-code', values };
  const { browserSignIn } = destination;
  if (browserSignIn === undefined) throw new Error('No sign-in in a browser.');
  const { url, kept } = browserSignIn.begin(account, { redirectUrl, state: 'the-state' });
  const back = await signInAtOrg(url, admin);
  expect(back.href.startsWith(`${redirectUrl}?`)).toBe(true);
  expect(back.searchParams.get('state')).toBe('the-state');
  return browserSignIn.finish(
    account,
    { parameters: parametersOf(back), redirectUrl, kept },
    portsWith(heldSecrets({}, {})),
    never,
  );
}

const ways = [
  'oauth2-password',
  'oauth2-client-credentials',
  'oauth2-jwt-bearer',
  'oauth2-authorization-code',
];
const userOf = (way: string): string => (way === 'oauth2-client-credentials' ? robot : admin).username;

/** Values of an account that signs in so, with what was given to keep. */
async function valuesFor(way: string): Promise<Record<string, string>> {
  const app = { client_id: 'all-ways', client_secret: 'all-ways-secret', custom_domain: org.url };
  if (way === 'oauth2-password') return { ...app, ...admin };
  if (way === 'oauth2-client-credentials') return app;
  if (way === 'oauth2-authorization-code') return { ...app, ...(await signInByBrowser(app)) };
  const { username } = admin;
  return { client_id: 'all-ways', username, private_key: privateKey, custom_domain: org.url };
}

const accountOf = (
  authentication: string,
  values: Record<string, string>,
  organizationId: string | null = null,
) => ({
  accountId: 'a',
  authentication,
  organizationId,
  values,
});

function connect(
  way: string,
  values: Record<string, string>,
  organizationId: string | null = null,
): DestinationConnection {
  const ports = portsWith(heldSecrets({}, values));
  const connection = destination.connect(accountOf(way, values, organizationId), ports);
  closers.push(() => connection.close());
  return connection;
}

function openClient(
  way: string,
  values: Record<string, string>,
  secrets: SecretStore = heldSecrets({}, values),
): SalesforceClient {
  const client = new SalesforceClient(
    readAccount(accountOf(way, values), policy),
    policy,
    portsWith(secrets),
  );
  closers.push(() => client.close());
  return client;
}

const askLimits = (client: SalesforceClient): Promise<unknown> =>
  client.call({ method: 'GET', path: '/limits', purpose: 'test', effect: 'read', what: 'for limits' }, never);
const expireSessions = () =>
  fetch(`${org.url}/emulator/sessions/expire`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
const tokenRequests = () =>
  org.journal({ method: 'POST', path: '/services/oauth2/token', limit: 1_000 }).map(({ status }) => status);

const failureOf = async (work: Promise<unknown>): Promise<HeadraceError> => {
  const error = await work.then(
    () => new Error('It worked.'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HeadraceError)) throw error;
  return error;
};

describe.each(ways)('%s', (way) => {
  test('signs in, tells who, and is counted call by call', async () => {
    const values = await valuesFor(way);
    const before = org.journal({ path: '/services', limit: 1_000 }).length;
    calls = [];
    const report = await connect(way, values).test(never);
    expect(report).toMatchObject({
      organizationId: org.organizationId,
      organizationName: 'Acme',
      instanceUrl: org.url,
      username: userOf(way),
    });
    expect(report.warnings.filter((warning) => warning.includes('retiring'))).toHaveLength(
      way === 'oauth2-password' ? 1 : 0,
    );
    expect(calls).toHaveLength(org.journal({ path: '/services', limit: 1_000 }).length - before);
    expect(calls.filter((purpose) => purpose === 'sign_in')).toHaveLength(1);
  });

  test('when the session has ended, twenty callers at once make one sign-in', async () => {
    const client = openClient(way, await valuesFor(way));
    await askLimits(client);
    await expireSessions();
    const before = tokenRequests().length;
    await Promise.all(Array.from({ length: 20 }, () => askLimits(client)));
    expect(tokenRequests().length - before).toBe(1);
    await askLimits(client);
    expect(tokenRequests().length - before).toBe(1);
  });

  test('nothing goes to another org than before', async () => {
    const values = await valuesFor(way);
    const before = org.journal({ limit: 1_000 }).length;
    const other = connect(way, values, '00D5e000000AbCdEAF');
    expect(await failureOf(other.targetFields({}, never))).toMatchObject({
      code: 'destination_misconfigured',
      message: expect.stringContaining('another org'),
    });
    const made = org.journal({ limit: 1_000 }).slice(0, -before || undefined);
    expect(made.map(({ path }) => path)).toEqual(['/services/oauth2/token']);
  });

  test('promise 9: no message and no log line repeats a secret', async () => {
    const values = await valuesFor(way);
    await connect(way, values).test(never);
    const secrets = Object.entries(values).flatMap(([name, value]) =>
      ['password', 'client_secret', 'refresh_token', 'private_key'].includes(name)
        ? [value.slice(0, 60)]
        : [],
    );
    await fetch(`${org.url}/emulator/definition`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ signIn: { isOrgActive: false } }),
    });
    const said = (await failureOf(connect(way, values).test(never))).message;
    expect(said).toContain('inactive organization');
    expect(logged.length).toBeGreaterThan(0);
    for (const secret of secrets) expect(said + logged.join()).not.toContain(secret);
    expect(logged.join()).not.toMatch(/00D\w+!/);
  });
});

describe('a refused sign-in says what to correct', () => {
  test.each([
    ['oauth2-client-credentials', { client_id: 'rotating', client_secret: 'rotating-secret' }, 'Run As'],
    ['oauth2-client-credentials', { client_secret: 'wrong' }, 'Consumer Secret'],
    ['oauth2-jwt-bearer', { username: robot.username }, 'pre-authorized'],
    ['oauth2-jwt-bearer', { client_id: 'rotating' }, 'certificate'],
    ['oauth2-authorization-code', { refresh_token: '5Aep861unknown' }, 'Sign in again in the browser'],
  ])('%s with %j', async (way, wrong, remedy) => {
    const values = { ...(await valuesFor(way)), ...wrong };
    const client = openClient(way, values);
    const before = tokenRequests().length;
    for (let at = 0; at < 3; at++) {
      const error = await failureOf(askLimits(client));
      expect(error).toMatchObject({ code: 'destination_authentication_rejected' });
      expect(error.message).toContain(remedy);
    }
    // It is not hammered.
    expect(tokenRequests().length - before).toBe(1);
  });
});

describe('a sign-in in the browser', () => {
  const publicApp = () => ({ client_id: 'public', custom_domain: org.url });
  const begin = (values: Record<string, string>) => {
    const account = { authentication: 'oauth2-authorization-code', values };
    const begun = destination.browserSignIn?.begin(account, { redirectUrl, state: 's' });
    if (begun === undefined) throw new Error('No sign-in in a browser.');
    const finish = (parameters: Record<string, string>, kept = begun.kept) =>
      destination.browserSignIn?.finish(
        account,
        { parameters, redirectUrl, kept },
        portsWith(heldSecrets({}, {})),
        never,
      ) ?? Promise.reject(new Error('No sign-in in a browser.'));
    return { ...begun, finish };
  };

  test('asks for a login, for api and refresh_token, with a challenge', () => {
    const { url, kept } = begin(publicApp());
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).toBe(`${org.url}/services/oauth2/authorize`);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'public',
      redirect_uri: redirectUrl,
      scope: 'api refresh_token',
      state: 's',
      code_challenge_method: 'S256',
      prompt: 'login',
    });
    expect(searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(kept.code_verifier).toMatch(/^[\w-]{43}$/);
    expect(url).not.toContain(String(kept.code_verifier));
  });

  test('works for a public client, without a secret', async () => {
    const values = { ...publicApp(), ...(await signInByBrowser(publicApp())) };
    const report = await connect('oauth2-authorization-code', values).test(never);
    expect(report.username).toBe(admin.username);
  });

  test('a code is worth nothing without what was kept by who began', async () => {
    const mine = begin(publicApp());
    const others = begin(publicApp());
    const back = parametersOf(await signInAtOrg(mine.url, admin));
    const error = await failureOf(mine.finish(back, others.kept));
    expect(error).toMatchObject({ code: 'destination_authentication_rejected' });
    expect(error.message).toContain('invalid code verifier');
    expect(error.message).not.toContain(String(back.code));
  });

  test('denied access, and scopes that the app lacks, are told', async () => {
    const denied = begin(publicApp());
    const back = await signInAtOrg(denied.url, admin, 'deny');
    expect((await failureOf(denied.finish(parametersOf(back)))).message).toContain('denied on the page');
    const narrow = begin({ client_id: 'no-api', client_secret: 'no-api-secret', custom_domain: org.url });
    const refused = await signInAtOrg(narrow.url, admin);
    expect((await failureOf(narrow.finish(parametersOf(refused)))).message).toContain(
      'refresh_token, offline_access',
    );
  });

  test('what comes in place of an error code is not repeated', async () => {
    const { finish } = begin(publicApp());
    const error = await failureOf(finish({ error: '<script>', error_description: 'x\r\ny' }));
    expect(error.message).not.toMatch(/script|[\r\n]/);
  });

  test.each(['https://evil.example', 'http://10.0.0.1', 'https://evil.example\\@acme.my.salesforce.com'])(
    'nobody is sent to %s',
    (custom_domain) => {
      expect(() => begin({ client_id: 'public', custom_domain })).toThrow(
        expect.objectContaining({ code: 'destination_misconfigured' }),
      );
    },
  );
});

describe('refresh tokens that are rotated', () => {
  const way = 'oauth2-authorization-code';
  const app = () => ({ client_id: 'rotating', client_secret: 'rotating-secret', custom_domain: org.url });
  const connected = async (): Promise<Record<string, string>> => ({
    ...app(),
    ...(await signInByBrowser(app())),
  });

  test('the new one is stored before anything is asked with its session', async () => {
    const values = await connected();
    const held = heldSecrets({}, values);
    const askedBeforeStored: number[] = [];
    const client = openClient(way, values, {
      renew: async (work) => {
        const apiCalls = () => org.journal({ path: '/services/data', limit: 1_000 }).length;
        const before = apiCalls();
        const result = await held.renew(work);
        askedBeforeStored.push(apiCalls() - before);
        return result;
      },
    });
    const used = [held.secrets.refresh_token];
    for (let at = 0; at < 3; at++) {
      await askLimits(client);
      used.push(held.secrets.refresh_token);
      await expireSessions();
    }
    expect(new Set(used).size).toBe(4);
    expect(askedBeforeStored).toEqual([0, 0, 0]);
  });

  test('one that could not be stored is not lost: the next sign-in stores and uses it', async () => {
    const values = await connected();
    const held = heldSecrets({}, values);
    let isBroken = true;
    const client = openClient(way, values, {
      renew: async (work) => {
        if (!isBroken) return held.renew(work);
        await work({ ...held.secrets });
        throw new Error('The database is gone.');
      },
    });
    await expect(askLimits(client)).rejects.toThrow('The database is gone.');
    isBroken = false;
    await askLimits(client);
    expect(held.secrets.refresh_token).not.toBe(values.refresh_token);
    // What is stored works by itself.
    await expireSessions();
    nowMs += 3_600_000;
    await askLimits(openClient(way, { ...values, ...held.secrets }, held));
  });

  test('a connection that closes meanwhile does not lose the new one', async () => {
    const values = await connected();
    const held = heldSecrets({}, values);
    const client = openClient(way, values, {
      renew: (work) =>
        held.renew((stored) => {
          const working = work(stored);
          closing = client.close();
          return working;
        }),
    });
    let closing: Promise<void> | undefined;
    await failureOf(askLimits(client));
    await closing;
    expect(held.secrets.refresh_token).not.toBe(values.refresh_token);
    await askLimits(openClient(way, { ...values, ...held.secrets }, held));
  });

  test('a revoked sign-in is one clear error, and signing in again mends it', async () => {
    const values = await connected();
    const held = heldSecrets({}, values);
    const client = openClient(way, values, held);
    await askLimits(client);
    const token = String(held.secrets.refresh_token);
    await fetch(`${org.url}/services/oauth2/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token }),
    });
    const before = tokenRequests().length;
    const errors = await Promise.all(Array.from({ length: 5 }, () => failureOf(askLimits(client))));
    expect(new Set(errors.map(({ message }) => message)).size).toBe(1);
    expect(errors[0]).toMatchObject({ code: 'destination_authentication_rejected' });
    expect(errors[0]?.message).toContain('Sign in again in the browser');
    expect(errors[0]?.message).not.toContain(token);
    expect(tokenRequests().length - before).toBe(1);
  });
});

describe('the connection test', () => {
  test('judges the ten scopes of the destination’s page', async () => {
    const way = 'oauth2-authorization-code';
    const { findings = [] } = await connect(way, await valuesFor(way)).test(never);
    const scopes = findings.filter(({ topic }) => topic === 'scopes');
    expect(scopes.map(({ subject }) => subject).sort()).toEqual(
      'api chatter_api content full lightning offline_access openid refresh_token visualforce web'.split(' '),
    );
    expect(
      scopes.filter(({ message }) => message.includes('granted and needed')).map(({ subject }) => subject),
    ).toEqual(['api', 'refresh_token', 'offline_access']);
    const app = { client_id: 'public', custom_domain: org.url };
    const wide = await connect(way, { ...app, ...(await signInByBrowser(app)) }).test(never);
    expect(wide.findings?.every(({ severity }) => severity !== 'problem')).toBe(true);
  });

  test.each(['oauth2-client-credentials', 'oauth2-password'])(
    '%s: an app without the scope api is named before anything fails for it',
    async (way) => {
      const values = { ...(await valuesFor(way)), client_id: 'no-api', client_secret: 'no-api-secret' };
      expect(await failureOf(connect(way, values).test(never))).toMatchObject({
        code: 'destination_misconfigured',
        message: expect.stringContaining('its scopes are openid, web'),
      });
    },
  );

  test('names the rights and fields that the user lacks, each with what to do', async () => {
    await org.close();
    org = await startOrg({
      clock: () => nowMs,
      definition: {
        ...orgWithApps(redirectUrl, certificate),
        isSandbox: true,
        users: [admin, { ...robot, profile: 'Narrow', marketingUser: false }],
        customFields: [{ object: 'Contact', name: 'Tier__c' }],
        profiles: [
          {
            name: 'Narrow',
            objectPermissions: [
              { object: 'Contact', read: true, create: true, edit: true },
              { object: 'Account', read: true },
              { object: 'Campaign', read: true },
              { object: 'Lead', read: true, create: true },
            ],
            fieldPermissions: [
              { field: 'Contact.MobilePhone', readable: true },
              { field: 'Contact.Tier__c', readable: true },
            ],
          },
        ],
      },
    });
    const way = 'oauth2-client-credentials';
    const report = await connect(way, await valuesFor(way)).test(never);
    const found = (topic: string) =>
      (report.findings ?? [])
        .filter((finding) => finding.topic === topic && finding.severity !== 'ok')
        .map(({ subject, severity, message }) => [subject, severity, message]);
    expect(found('permissions')).toEqual([
      ['Lead', 'note', expect.stringContaining('lacks Edit on Lead')],
      ['Account', 'note', expect.stringContaining('lacks Create, Edit on Account')],
      ['Campaign', 'note', expect.stringContaining('lacks Create on Campaign:')],
      ['CampaignMember', 'note', expect.stringContaining('lacks Create, Edit, Delete')],
    ]);
    expect(found('fields')).toEqual([
      ['Contact.MobilePhone (number)', 'warning', expect.stringContaining('MobilePhone')],
      ['Contact', 'note', expect.stringContaining('Tier__c')],
    ]);
    // The emulator shows nobody its duplicate rules.
    expect(found('duplicate_rules')).toEqual([
      ['duplicate rules', 'note', expect.stringContaining('does not show its duplicate rules')],
    ]);
    expect(found('api')).toEqual([['organization', 'note', 'This org is a sandbox.']]);
    for (const { severity, remedy } of report.findings ?? [])
      if (severity === 'problem' || severity === 'warning') expect(remedy).not.toBeNull();
    expect(report.warnings).toEqual([expect.stringContaining('MobilePhone')]);
  });
});
