import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { askToken, authorizeAs, openLoginPage, openPath, submit } from '../testing/oauth-client.ts';

const folders: string[] = [];
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

const callback = 'http://localhost:3000/oauth/callback';

const signIn = async (org: Org) => {
  const { clientId, clientSecret } = org.credentials;
  const client = { client_id: clientId, client_secret: clientSecret };
  const wanted = { response_type: 'code', client_id: clientId, redirect_uri: callback };
  const parameters = { ...wanted, scope: 'api openid refresh_token' };
  const code = (await authorizeAs(org, parameters, org.credentials)).get('code') ?? '';
  const grant = { grant_type: 'authorization_code', code, redirect_uri: callback };
  return { client, wanted, tokens: (await askToken(org, { ...grant, ...client })).body };
};

test('sessions, refresh tokens, approvals and the signing key outlive the process; no secret is in the files', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'emulator-oauth-'));
  folders.push(dataDir);
  const first = await startOrg({ dataDir });
  const { tokens } = await signIn(first);
  const keys = (await openPath(first, '/id/keys')).body;
  await first.close();

  await using second = await startOrg({ dataDir });
  const { clientId, clientSecret } = second.credentials;
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  expect((await openPath(second, '/services/data/v67.0/limits', headers)).status).toBe(200);
  const refreshed = await askToken(second, {
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token,
    client_id: clientId,
    client_secret: clientSecret,
  });
  expect(refreshed.status).toBe(200);
  expect((await openPath(second, '/id/keys')).body).toEqual(keys);
  const page = await openLoginPage(second, {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: callback,
  });
  expect(
    (
      await submit(second, page, {
        username: second.credentials.username,
        password: second.credentials.password,
      })
    ).status,
  ).toBe(302);

  for (const file of await readdir(dataDir)) {
    const content = await readFile(join(dataDir, file), 'latin1');
    for (const token of [tokens.access_token, tokens.refresh_token, second.credentials.password])
      expect(content.includes(token)).toBe(false);
  }
});
