import { writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ErrorCode, errorCodes } from '@headrace/core';
import { freePort, makeDataDir, type TestDataDir } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  activateCustomers,
  createCustomers,
  finishedBatch,
  orgSignIn,
  type Refusal,
  type RunningServer,
  readContacts,
  readRefusal,
  seedMapping,
  signIn,
  startEmulator,
  startServer,
  until,
  uploadCustomers,
} from './headrace.ts';

const wrong = { password: 'Wrong-Pass-77', client_secret: 'WRONG0CLIENT0SECRET77' };
const changedPassword = 'Changed-Pass-99';
const { password, security_token, client_secret } = orgSignIn('');
const secrets = [password, security_token, client_secret, changedPassword, ...Object.values(wrong)];

let dataDir: TestDataDir;
let orgDir: TestDataDir;
let org: Awaited<ReturnType<typeof startEmulator>>;
let server: RunningServer;
let datasetId: string;
/** Answers every call with a page of HTML, as a web server that is no Salesforce. */
let website: Server;
let websiteUrl: string;

beforeAll(async () => {
  [dataDir, orgDir] = [await makeDataDir(), await makeDataDir()];
  org = await startEmulator(orgDir.path);
  server = await startServer(dataDir.path, { HEADRACE_LOG_LEVEL: 'trace' });
  datasetId = await createCustomers(server);
  const websitePort = await freePort();
  website = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Welcome</title>');
  }).listen(websitePort, '127.0.0.1');
  websiteUrl = `http://127.0.0.1:${websitePort}`;
});
afterAll(async () => {
  website.close();
  await server.process.stop();
  await org.process.stop();
  await Promise.all([dataDir.remove(), orgDir.remove()]);
});

/** A refusal of the table that says these things and gives nothing secret away, here or in the log. */
function expectRefusal(refusal: Refusal, code: ErrorCode, ...parts: readonly (string | RegExp)[]): void {
  expect(refusal).toMatchObject({ code, status: errorCodes[code].status, remedy: errorCodes[code].remedy });
  for (const part of parts) expect(refusal.message).toMatch(part);
  expectNoSecret(JSON.stringify(refusal));
  expectNoSecret(server.process.output);
}

function expectNoSecret(text: string): void {
  for (const secret of [...secrets, server.token]) expect(text).not.toContain(secret);
}

const newAccount = (changes: Readonly<Record<string, string>>, name = 'Org') => ({
  destination_type: 'salesforce-crm',
  name,
  authentication: 'oauth2-password',
  values: orgSignIn(org.url, changes),
});

test('promises 9 and 11: a connection that fails says what, where and what to do; nothing is saved', async () => {
  const refuse = (changes: Readonly<Record<string, string>>) =>
    server.refused('POST', '/accounts', newAccount(changes));
  const { host } = new URL(org.url);
  const rejected = 'destination_authentication_rejected';
  const who = /Check username, password and, .* the security token/;
  expectRefusal(await refuse({ password: wrong.password }), rejected, host, 'invalid_grant', who);
  expectRefusal(await refuse({ username: 'nobody@emulator.example' }), rejected, host, who);
  expectRefusal(await refuse({ security_token: '' }), rejected, host, who);
  expectRefusal(
    await refuse({ client_id: '3MVG9.nobody' }),
    rejected,
    host,
    /invalid_client_id.*Check the Client ID/,
  );
  expectRefusal(
    await refuse({ client_secret: wrong.client_secret }),
    rejected,
    host,
    /invalid_client.*Check the Client Secret/,
  );

  const nobody = `127.0.0.1:${await freePort()}`;
  expectRefusal(
    await refuse({ custom_domain: `http://${nobody}` }),
    'destination_unavailable',
    nobody,
    /refused; check the Custom Domain/,
  );
  expectRefusal(
    await refuse({ custom_domain: websiteUrl }),
    'destination_unavailable',
    new URL(websiteUrl).host,
    'Something else may stand at that address',
  );
  expectRefusal(
    await refuse({ custom_domain: 'nobody.invalid' }),
    'destination_misconfigured',
    "nobody.invalid, which is not Salesforce's",
  );
  expectRefusal(
    await refuse({ custom_domain: 'no domain' }),
    'destination_misconfigured',
    /Custom Domain is no address. Expected/,
  );

  const missing = await refuse({ password: '' });
  expectRefusal(missing, 'invalid_input', '"Password" (password) is missing');
  expect(missing.details).toMatchObject([{ pointer: '/values/password' }]);
  expectRefusal(await refuse({ passwrod: wrong.password }), 'invalid_input', 'Did you mean "password"?');

  // It does log what was answered, without what was sent.
  await server.process.waitFor(/"route":"\/api\/v1\/accounts","status":422/);
  expect(await server.api('GET', '/accounts')).toEqual({ items: [] });
  expect(await server.api('POST', '/accounts', newAccount({}))).toMatchObject({ status: 'connected' });
  expectNoSecret(JSON.stringify(await server.api('GET', '/accounts')));
  expectRefusal(await refuse({}), 'conflict', 'There is an account "Org" already');
});

test('promise 11: broken rows of a file are named, the others are loaded', async () => {
  const csv = `customer_id,email,first_name,last_name,phone,street,city,state,postal_code,country,company,birth_date,loyalty_tier,loyalty_points,marketing_email,updated_at
C-1,ann@example.com,Ann,Lee,,,Cork,,,IE,,,Gold,10,Y,2024-01-01T00:00:00Z
C-2,bob@example.com,"Bob,Lee,,,Cork,,,IE,,,Gold,10,Y,2024-01-01T00:00:00Z
C-3,cem@example.com,Cem,Lee,,,Cork,,,IE,,,Gold,10,Y
C-4,dan@example.com,Dan,Lee,,,Cork,,,IE,,,Gold,many,Y,2024-01-01T00:00:00Z
,eva@example.com,Eva,Lee,,,Cork,,,IE,,,Gold,10,Y,2024-01-01T00:00:00Z
C-6,fay@example.com,Fay,Lee,,,Cork,,,IE,,,Gold,10,Y,2024-01-01T00:00:00Z
`;
  const { batch_id } = await uploadCustomers(server, datasetId, Buffer.from(csv));
  expect(await finishedBatch(server, batch_id)).toMatchObject({
    status: 'success',
    rows_read: 6,
    rows_ingested: 2,
    rows_failed: 4,
  });
  expect(await server.api('GET', '/profiles/count')).toMatchObject({ count: 2 });
  const { items } = await server.api<{ items: { row: number; message: string }[] }>(
    'GET',
    `/batches/${batch_id}/errors`,
  );
  expect(items).toMatchObject([
    { row: 3, keyword: 'csv', message: expect.stringContaining('A quote is opened and not closed.') },
    { row: 4, keyword: 'columns', message: expect.stringContaining('The row has 15 cells, the header 16.') },
    {
      row: 5,
      pointer: '/loyalty/points',
      message: expect.stringMatching(/^Column "loyalty_points": expected a number/),
    },
    { row: 6, pointer: '/personID', message: expect.stringContaining('no primary identity') },
  ]);
  // The reason, not the text of the row: that may be personal.
  expect(JSON.stringify(items)).not.toMatch(/many|@example/);
  expect(server.process.output).not.toContain('@example.com');
});

test('promise 11: a faulty rule is named by place and nearest name', async () => {
  const refuse = (expression: string) => server.refused('POST', '/segments', { name: 'Faulty', expression });
  const field = await refuse('loyalty.points > 1 and loyalty.teir = "Gold"');
  expectRefusal(field, 'invalid_input', 'Line 1, column 32', 'Did you mean loyalty.tier?');
  expect(field.details).toMatchObject([{ position: 31 }]);
  expectRefusal(
    await refuse('loyalty.tier.statsWith("G")'),
    'invalid_input',
    'there is no function statsWith',
    'Did you mean startsWith?',
  );
  expectRefusal(
    await refuse('loyalty.tier.isNotNull() and\n  inSegment("x")'),
    'invalid_input',
    /Line 2, column 13: .*segment/,
  );
  expectRefusal(await refuse('loyalty.points >'), 'invalid_input', 'found the end of the rule; expected');
  const kinds = 'found text; expected a number';
  expectRefusal(await refuse('loyalty.points = "3"'), 'invalid_input', kinds);
  expect(await server.api('GET', '/segments')).toEqual({ items: [] });
});

test('promise 11: a faulty mapping is named by row and nearest name', async () => {
  const account = await server.api<{ account_id: string }>('POST', '/accounts', newAccount({}, 'Mapped'));
  const refuse = (mapping: unknown) =>
    server.refused('POST', '/dataflows', { account_id: account.account_id, name: 'Faulty', mapping });
  const row = (target: string, attribute: string) => ({ source: { attribute }, target });

  const target = await refuse([...seedMapping, row('emial', 'person.name.firstName')]);
  expectRefusal(target, 'invalid_input', 'no target field "emial". Did you mean "email"?');
  expect(target.details).toMatchObject([{ pointer: `/mapping/${seedMapping.length}/target` }]);
  const source = await refuse([row('city', 'homeAddress.cty'), ...seedMapping.slice(0, 1)]);
  expectRefusal(source, 'invalid_input', 'no field "homeAddress.cty". Did you mean "homeAddress.city"?');
  expect(source.details).toMatchObject([
    { pointer: '/mapping/0/source/attribute' },
    { pointer: '/mapping', message: expect.stringContaining('"lastName" (Last Name) is required') },
    { pointer: '/mapping', message: expect.stringContaining('"email" (Salesforce Email ID) is required') },
  ]);
  const twice = await refuse([...seedMapping, row('city', 'person.name.firstName')]);
  expectRefusal(twice, 'invalid_input', 'mapped by row 5 already');
  expectRefusal(await refuse([]), 'invalid_input', '/mapping');
  expect(await server.api('GET', '/dataflows')).toEqual({ items: [] });
});

test('promise 11: requests that are none are refused, and name neither body nor token', async () => {
  const ask = async (path: string, init: RequestInit) => {
    const response = await fetch(server.url + path, init);
    return readRefusal(response.status, await response.text());
  };
  const authorization = `Bearer ${server.token}`;
  const post = (type: string, body: string, to = '/api/v1/segments') =>
    ask(to, { method: 'POST', headers: { authorization, 'content-type': type }, body });
  expectRefusal(
    await post('application/xml', '<segment/>'),
    'unsupported_media_type',
    'Expected application/json',
  );
  const cut = await post('application/json', `{"name": "${wrong.password}`);
  expectRefusal(cut, 'invalid_input', 'The body is no valid JSON');
  const records = `/api/v1/datasets/${datasetId}/records`;
  const typed = await post('application/json', '{"personID": 5}', records);
  expectRefusal(typed, 'invalid_input', 'Expected text; found a whole number');
  expect(typed.details).toMatchObject([{ pointer: '/personID' }]);

  expectRefusal(await ask('/api/v1/accounts', {}), 'authentication_required', 'carries no token');
  expectRefusal(
    await ask('/api/v1/accounts', { headers: { authorization: `Bearer ${wrong.password}` } }),
    'authentication_required',
    'not valid here',
  );
  expectRefusal(await ask('/api/v1/acounts', { headers: { authorization } }), 'not_found', '/openapi.json');
  for (const path of ['/', '/health/live', '/api/v1/accounts'])
    expectRefusal(
      await askAs('attacker.example', path, authorization),
      'invalid_input',
      'set HEADRACE_HOST or HEADRACE_PUBLIC_URL to what',
    );
});

/** With another Host header, which fetch does not send. */
const askAs = (host: string, path: string, authorization: string): Promise<Refusal> =>
  new Promise((resolve, reject) => {
    request(server.url + path, { headers: { host, authorization } }, (response) => {
      text(response).then((body) => resolve(readRefusal(response.statusCode ?? 0, body)), reject);
    })
      .once('error', reject)
      .end();
  });

test('promises 1, 2 and 9: a password that becomes wrong stops delivery alone, and all follows once it is mended', async () => {
  const { api, refused } = server;
  type Dataflow = {
    status: string;
    stopped_by: { code: string; message: string } | null;
    counts: { members: number; pending: number; activated: number };
  };
  const { dataflowId, accountId } = await activateCustomers(server, org.url, 'loyalty.points > 100');
  const readDataflow = () => api<Dataflow>('GET', `/dataflows/${dataflowId}`);
  const ingest = async (personID: string, city: string) =>
    expect(
      await api('POST', `/datasets/${datasetId}/records`, {
        personID,
        person: { name: { lastName: 'Doe' } },
        personalEmail: { address: `${personID}@example.org`.toLowerCase() },
        homeAddress: { city },
        loyalty: { points: 200 },
      }),
    ).toMatchObject({ ingested: 1 });
  const readCities = async () =>
    (
      await readContacts(
        org.url,
        ['Email', 'MailingCity'],
        await signIn(org.url, { password: changedPassword }),
      )
    ).map(({ Email, MailingCity }) => [Email, MailingCity]);
  await ingest('P-1', 'Rome');
  await until(readDataflow, ({ counts }) => counts.activated === 1);

  const port = Number(new URL(org.url).port);
  await org.process.stop();
  const definition = join(orgDir.path, 'definition.json');
  const { username } = orgSignIn('');
  const users = [{ username, password: changedPassword, securityToken: security_token }];
  await writeFile(definition, JSON.stringify({ users }));
  org = await startEmulator(orgDir.path, port, definition);
  await fetch(`${org.url}/emulator/sessions/expire`, { method: 'POST' });
  await fetch(`${org.url}/emulator/journal`, { method: 'DELETE' });

  await ingest('P-2', 'Oslo');
  const stopped = await until(readDataflow, ({ status }) => status === 'stopped');
  expect(stopped.stopped_by).toMatchObject({
    code: 'destination_authentication_rejected',
    message: expect.stringMatching(/refused the sign-in with invalid_grant.*Check username, password/),
  });
  await ingest('P-1', 'Bern');
  await ingest('P-3', 'Kyiv');
  const values = (right: string) => ({ values: orgSignIn(org.url, { password: right }) });
  const credentials = `/accounts/${accountId}/credentials`;
  expectRefusal(
    await refused('PUT', credentials, values(wrong.password)),
    'destination_authentication_rejected',
  );
  expect(await readDataflow()).toMatchObject({
    status: 'stopped',
    counts: { members: 3, pending: 3, activated: 0 },
  });
  expect(await readCities()).toEqual([['p-1@example.org', 'Rome']]);
  // Salesforce locks users out who try again and again: one refused sign-in by delivery, one by the caller.
  expect(await countRefusedSignIns()).toBe(2);

  await api('PUT', credentials, values(changedPassword));
  const mended = await until(readDataflow, ({ counts }) => counts.pending === 0);
  expect(mended).toMatchObject({ status: 'enabled', stopped_by: null, counts: { activated: 3 } });
  expect((await readCities()).toSorted()).toEqual([
    ['p-1@example.org', 'Bern'],
    ['p-2@example.org', 'Oslo'],
    ['p-3@example.org', 'Kyiv'],
  ]);
  expectNoSecret(server.process.output);
  expectNoSecret(JSON.stringify([stopped, await api('GET', '/accounts')]));
});

async function countRefusedSignIns(): Promise<number> {
  const answer = await fetch(`${org.url}/emulator/journal`);
  const { entries } = (await answer.json()) as { entries: { path: string; status: number }[] };
  return entries.filter(({ path, status }) => path === '/services/oauth2/token' && status >= 400).length;
}
