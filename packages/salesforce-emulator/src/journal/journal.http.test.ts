import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient, requestToken } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg();
  client = await connect(org);
});
beforeEach(() => org.reset());
afterAll(() => org.close());

const journal = async (query = '') => (await client.call('GET', `/emulator/journal${query}`)).body;
const changes = async (query = '') => (await client.call('GET', `/emulator/changes${query}`)).body;
const create = async (name: string, object = 'Contact'): Promise<string> =>
  (
    await client.rest('POST', `/sobjects/${object}`, {
      LastName: name,
      ...(object === 'Lead' ? { Company: 'C' } : {}),
    })
  ).body.id;
const createMany = (count: number) =>
  client.rest('POST', '/composite/sobjects', {
    records: Array.from({ length: count }, () => ({ attributes: { type: 'Contact' }, LastName: 'Many' })),
  });

test('a call is noted with who made it, what it sent and what it got', async () => {
  const headers = { 'Sforce-Call-Options': 'client=tester/1, defaultNamespace=x', 'X-Private': 'no' };
  const path = '/services/data/v67.0/sobjects/Contact';
  const answer = await client.call('POST', `${path}?_HttpMethod=POST`, { LastName: 'Doe' }, headers);
  const { total, entries } = await journal();
  expect(total).toBe(1);
  expect(entries).toMatchObject([
    {
      method: 'POST',
      path,
      query: '_HttpMethod=POST',
      client: 'tester/1',
      user_id: expect.stringMatching(/^005/),
      status: 201,
      error_code: null,
      records: 1,
      mark: null,
      request: '{"LastName":"Doe"}',
    },
  ]);
  expect(JSON.parse(entries[0].response).id).toBe(answer.body.id);
  expect(Object.keys(entries[0].headers)).not.toContain('authorization');
  expect(Object.keys(entries[0].headers)).not.toContain('x-private');
  expect(JSON.stringify(entries)).not.toContain(client.token);
});

test('sign-in calls are noted without their bodies, tokens nowhere', async () => {
  await requestToken(org);
  await client.call('GET', `/id/${org.organizationId}/x?oauth_token=${client.token}`);
  await client.call('GET', '/services/oauth2/userinfo');
  const text = JSON.stringify(await journal());
  expect(text).toContain('/services/oauth2/token');
  for (const secret of [client.token, org.credentials.password, org.credentials.clientSecret])
    expect(text).not.toContain(secret);
});

test('long bodies are cut short', async () => {
  await client.rest('POST', '/sobjects/Contact', { LastName: 'D', Description: 'x'.repeat(20_000) });
  const { entries } = await journal();
  expect(entries[0].request).toHaveLength(4_096);
});

test('calls are found by method, path, status, object, time; page by page', async () => {
  await create('A');
  await create('B', 'Lead');
  await createMany(2);
  await client.rest('GET', '/sobjects/Contact/003000000000000');
  const methods = async (query: string) =>
    (await journal(query)).entries.map((entry: { method: string; status: number }) => entry.status);
  expect(await methods('?method=post')).toEqual([200, 201, 201]);
  expect(await methods('?status=404')).toEqual([404]);
  expect(await methods('?path=/services/data/v67.0/sobjects/Lead')).toEqual([201]);
  expect(await methods('?object=Lead')).toEqual([201]);
  expect(await methods('?object=contact')).toEqual([404, 200, 201]);
  expect(await methods(`?since=${Date.now() + 60_000}`)).toEqual([]);
  const first = await journal('?limit=3');
  const rest = await journal(`?limit=3&before=${first.next_before}`);
  expect(first.entries).toHaveLength(3);
  expect(rest.entries).toHaveLength(1);
  expect(rest.next_before).toBeNull();
  expect((await client.call('GET', '/emulator/journal?status=x')).status).toBe(400);
});

test('changes of records: who, when, by which call, old and new values as the API writes them', async () => {
  const id = await create('Before');
  await client.rest('PATCH', `/sobjects/Contact/${id}`, { LastName: 'After', HasOptedOutOfEmail: true });
  await client.rest('DELETE', `/sobjects/Contact/${id}`);
  const { changes: list } = await changes(`?id=${id}`);
  expect(list).toMatchObject([
    { kind: 'deleted', id, fields: {} },
    { kind: 'updated', id, fields: { LastName: { old: 'Before', new: 'After' } } },
    { kind: 'created', id, fields: {} },
  ]);
  expect(org.changes({ id }).map(({ kind }) => kind)).toEqual(['deleted', 'updated', 'created']);
  const { entries } = await journal('?method=PATCH');
  expect((await changes(`?call=${entries[0].sequence}`)).changes).toHaveLength(1);
  expect((await changes('?kind=deleted')).changes).toHaveLength(1);
  expect((await changes('?object=Account')).changes).toEqual([]);
  expect((await client.call('GET', '/emulator/changes?object=Nope')).status).toBe(400);
  expect((await client.call('GET', '/emulator/changes?kind=lost')).status).toBe(400);
});

test('records created together come one by one, page by page, each once', async () => {
  await createMany(5);
  await create('Last');
  const ids: string[] = [];
  let query = '?limit=2';
  for (let pages = 0; pages < 10; pages++) {
    const page = await changes(query);
    ids.push(...page.changes.map((change: { id: string }) => change.id));
    if (page.next_before === null) break;
    query = `?limit=2&before=${page.next_before}`;
  }
  expect(ids).toHaveLength(6);
  expect(new Set(ids).size).toBe(6);
  const middle = ids[3];
  expect((await changes(`?id=${middle}`)).changes).toMatchObject([{ kind: 'created', id: middle }]);
  await client.call('DELETE', '/emulator/changes');
  expect((await changes()).changes).toEqual([]);
});

test('calls outlive the process in a data folder, numbers go on', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'salesforce-emulator-'));
  try {
    const first = await startOrg({ dataDir });
    const user = await connect(first);
    await user.rest('POST', '/sobjects/Contact', { LastName: 'Kept' });
    const [last] = first.journal();
    await first.close();
    await using second = await startOrg({ dataDir });
    expect(second.journal()[0]).toEqual(last);
    await (await connect(second)).rest('GET', '/limits');
    expect(second.journal()[0]?.sequence).toBeGreaterThan(last?.sequence ?? 0);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
