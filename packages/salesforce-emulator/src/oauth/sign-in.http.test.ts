import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OrgDefinitionInput } from '../definition/org-definition.ts';
import { type Org, startOrg } from '../start-org.ts';
import { openPath } from '../testing/oauth-client.ts';
import { requestToken } from '../testing/rest-client.ts';

const here = [{ from: '127.0.0.0', to: '127.255.255.255' }];
const elsewhere = [
  { from: '10.0.0.0', to: '10.255.255.255' },
  { from: '9.0.0.1', to: '8.0.0.1' },
  { from: 'fe80::', to: 'fe80::ffff' },
];
const me = { username: 'me@example.com', password: 'p', securityToken: 't' };
const admin = { username: 'admin@example.com', password: 'a' };
const app = { clientId: 'app', clientSecret: 's' };

let org: Org;
let time: number;
beforeEach(() => {
  time = Date.UTC(2026, 8, 22, 10, 15);
});
afterEach(() => org.close());

const start = async (definition: OrgDefinitionInput = {}) => {
  org = await startOrg({
    clock: () => time,
    definition: { users: [me, admin], connectedApps: [app], ...definition },
  });
};
const signIn = (password = 'pt') => requestToken(org, { password });
const refused = (error_description: string, error = 'invalid_grant') => ({
  status: 400,
  body: { error, error_description },
});
const failure = refused('authentication failure');

const change = (definition: object) =>
  fetch(`${org.url}/emulator/definition`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(definition),
  });

/** What LoginHistory says of the first user, oldest first. */
async function history(): Promise<Record<string, unknown>[]> {
  await change({ signIn: {}, users: [me, admin] });
  const { body } = await requestToken(org, { username: admin.username, password: admin.password });
  const soql = `SELECT Status, LoginType, SourceIp, Application, User.Username, LoginTime FROM LoginHistory WHERE User.Username = '${me.username}' ORDER BY Id`;
  const headers = { authorization: `Bearer ${body.access_token}` };
  const answer = await openPath(org, `/services/data/v67.0/query?q=${encodeURIComponent(soql)}`, headers);
  return answer.body.records;
}
const statuses = async () => (await history()).map(({ Status }) => Status);

test('LoginHistory tells of every try of a known user', async () => {
  await start({ connectedApps: [{ ...app, name: 'My app' }] });
  await signIn();
  await signIn('wrong');
  await requestToken(org, { username: 'nobody@example.com' });
  const rows = await history();
  expect(rows.map(({ Status }) => Status)).toEqual(['Success', 'Invalid Password']);
  expect(rows[0]).toMatchObject({
    LoginType: 'Remote Access 2.0',
    SourceIp: '127.0.0.1',
    Application: 'My app',
    User: { Username: me.username },
    LoginTime: '2026-09-22T10:15:00.000+0000',
  });
});

test('nobody writes LoginHistory', async () => {
  await start();
  const { body } = await signIn();
  const answer = await fetch(`${org.url}/services/data/v67.0/sobjects/LoginHistory`, {
    method: 'POST',
    headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
    body: '{"Status":"Success"}',
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
});

test('without the security token only from a trusted address, of the org or of the app', async () => {
  await start();
  expect(await signIn('p')).toMatchObject(failure);
  await change({ signIn: { trustedIpRanges: elsewhere } });
  expect(await signIn('p')).toMatchObject(failure);
  await change({ signIn: { trustedIpRanges: here } });
  expect((await signIn('p')).status).toBe(200);
  expect((await signIn('pt')).status).toBe(200);
  expect(await signIn('t')).toMatchObject(failure);
  await change({ signIn: {}, connectedApps: [{ ...app, trustedIpRanges: here }] });
  expect((await signIn('p')).status).toBe(200);
  expect(
    (await statuses()).filter((status) => status === 'Failed: API security token required'),
  ).toHaveLength(2);
});

test('the username-password flow can be off: the client sees a wrong password', async () => {
  await start({ signIn: { usernamePasswordFlow: false } });
  expect(await signIn()).toMatchObject(failure);
  expect(await statuses()).toEqual(['Username-Password Flow Disabled']);
});

test('too many wrong passwords lock the user out for a while', async () => {
  await start({ signIn: { lockoutAfter: 3, lockoutMinutes: 15 } });
  for (let count = 0; count < 3; count++) expect(await signIn('wrong')).toMatchObject(failure);
  expect(await signIn()).toMatchObject(failure);
  time += 15 * 60_000;
  expect((await signIn()).status).toBe(200);
  for (let count = 0; count < 3; count++) await signIn('wrong');
  expect(await signIn()).toMatchObject(failure);
  const unlock = await fetch(`${org.url}/emulator/sign-in/unlock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: me.username }),
  });
  expect(unlock.status).toBe(204);
  expect((await signIn()).status).toBe(200);
  expect((await statuses()).filter((status) => status === 'Password Lockout')).toHaveLength(2);
});

test('wrong passwords with a right one between do not add up', async () => {
  await start({ signIn: { lockoutAfter: 2 } });
  for (let count = 0; count < 3; count++) {
    await signIn('wrong');
    expect((await signIn()).status).toBe(200);
  }
});

test('too many logins in an hour', async () => {
  await start({ signIn: { loginsPerHour: 2 } });
  await signIn();
  await signIn();
  expect(await signIn()).toMatchObject(refused('login rate exceeded', 'rate_limit_exceeded'));
  time += 3_600_000;
  expect((await signIn()).status).toBe(200);
});

test('an inactive user, an inactive organization', async () => {
  await start({ users: [{ ...me, active: false }, admin] });
  expect(await signIn()).toMatchObject(refused('inactive user'));
  await change({ users: [me, admin], signIn: { isOrgActive: false } });
  expect(await signIn()).toMatchObject(refused('inactive organization'));
});

test('a user made inactive loses their sessions; a new user can sign in', async () => {
  await start();
  const { access_token } = (await signIn()).body;
  await change({ users: [{ ...me, active: false }, admin, { username: 'new@example.com', password: 'n' }] });
  const headers = { authorization: `Bearer ${access_token}` };
  expect((await openPath(org, '/services/data/v67.0/limits', headers)).status).toBe(401);
  expect((await requestToken(org, { username: 'new@example.com', password: 'n' })).status).toBe(200);
  await change({ users: [me, admin] });
  expect((await signIn()).status).toBe(200);
});

test('the profile’s addresses, which an app may relax', async () => {
  await start({ users: [{ ...me, loginIpRanges: elsewhere }, admin] });
  expect(await signIn()).toMatchObject(refused('ip restricted'));
  await change({ connectedApps: [{ ...app, relaxIpRestrictions: true }] });
  expect((await signIn()).status).toBe(200);
  await change({ connectedApps: [app], users: [{ ...me, loginIpRanges: here }, admin] });
  expect((await signIn()).status).toBe(200);
  // Inside the profile's addresses no security token is asked for.
  expect((await signIn('p')).status).toBe(200);
  expect(await statuses()).toEqual(['Restricted IP', 'Success', 'Success', 'Success']);
});

test.each([
  ['08:00', '18:00', true],
  ['10:15', '10:16', true],
  ['10:16', '18:00', false],
  ['08:00', '10:15', false],
  ['18:00', '11:00', true],
  ['18:00', '08:00', false],
])('login hours from %s to %s at 10:15', async (from, to, isOpen) => {
  await start({ users: [{ ...me, loginHours: { from, to } }, admin] });
  const answer = await signIn();
  if (isOpen) expect(answer.status).toBe(200);
  else expect(answer).toMatchObject(refused('ip restricted or invalid login hours'));
});

test('an app for chosen users turns the others away', async () => {
  await start({ connectedApps: [{ ...app, permittedUsers: 'admin_approved' }] });
  expect(await signIn()).toMatchObject(
    refused('user is not admin approved to access this app', 'invalid_app_access'),
  );
  await change({
    connectedApps: [{ ...app, permittedUsers: 'admin_approved', preAuthorizedUsers: [me.username] }],
  });
  expect((await signIn()).status).toBe(200);
});

test('an administrator ends the sessions of one user or of all', async () => {
  await start();
  const mine = (await signIn()).body.access_token;
  const theirs = (await requestToken(org, { username: admin.username, password: 'a' })).body.access_token;
  const statusOf = async (token: string) =>
    (await openPath(org, '/services/data/v67.0/limits', { authorization: `OAuth ${token}` })).status;
  const expire = async (body?: object) => {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    return fetch(`${org.url}/emulator/sessions/expire`, { method: 'POST', ...init });
  };
  expect((await expire({ username: 'nobody@example.com' })).status).toBe(400);
  expect(await (await expire({ username: me.username })).json()).toEqual({ expired: 1 });
  expect([await statusOf(mine), await statusOf(theirs)]).toEqual([401, 200]);
  expect(await (await expire()).json()).toEqual({ expired: 1 });
  expect(await statusOf(theirs)).toBe(401);
});

test('neither passwords nor tokens nor codes are in the journal or the data', async () => {
  await start();
  const { body } = await signIn('pt');
  await openPath(org, `/services/oauth2/revoke?token=${encodeURIComponent(body.access_token)}`);
  const journal = await (await fetch(`${org.url}/emulator/journal`)).text();
  expect(journal).toContain('/services/oauth2/revoke');
  expect(journal).not.toContain(body.access_token.slice(16, 40));
  expect(journal).not.toMatch(/token=[^*]/);
});
