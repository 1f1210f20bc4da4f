import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@jsforce/jsforce-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { bulkClient } from '../testing/bulk-client.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

const count = 4_321;
let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({
    definition: { customFields: [{ object: 'Account', name: 'Ext__c', externalId: true, unique: true }] },
  });
  client = await connect(org);
  const bulk = bulkClient(client);
  await bulk.run({ object: 'Account', operation: 'insert' }, 'Ext__c,Name\nacme,"Ac""me, Inc."\n');
  const rows = Array.from({ length: count }, (_, index) => `Row ${index},${index % 2 === 0 ? 'acme' : ''}`);
  await bulk.run({ object: 'Contact', operation: 'insert' }, `LastName,Account.Ext__c\n${rows.join('\n')}`);
});
afterAll(() => org.close());

async function finished(query: string, more: object = {}): Promise<{ id: string; job: { state: string } }> {
  const created = await client.rest('POST', '/jobs/query', { operation: 'query', query, ...more });
  expect(created.status).toBe(200);
  const id: string = created.body.id;
  for (;;) {
    const { body } = await client.rest('GET', `/jobs/query/${id}`);
    if (!['UploadComplete', 'InProgress'].includes(body.state)) return { id, job: body };
    await sleep(5);
  }
}

test('a query job and its results in parts, with the headers clients go by', async () => {
  const created = await client.rest('POST', '/jobs/query', {
    operation: 'query',
    query: 'SELECT LastName, Account.Name, DoNotCall, CreatedDate FROM Contact ORDER BY Id',
  });
  expect(created.body).toMatchObject({ operation: 'query', object: 'Contact', state: 'UploadComplete' });
  expect(created.body).not.toHaveProperty('jobType');
  const { id, job } = await finished(
    'SELECT lastname, Account.name, DoNotCall, CreatedDate FROM Contact ORDER BY Id',
  );
  expect(job).toMatchObject({ state: 'JobComplete', jobType: 'V2Query', numberRecordsProcessed: count });
  let locator = '';
  const lines: string[] = [];
  for (let parts = 0; locator !== 'null'; parts++) {
    expect(parts).toBeLessThan(5);
    const more = locator === '' ? '' : `&locator=${locator}`;
    const answer = await client.rest('GET', `/jobs/query/${id}/results?maxRecords=2000${more}`);
    const [header, ...rows] = answer.body.trimEnd().split('\n');
    expect(header).toBe('"LastName","Account.Name","DoNotCall","CreatedDate"');
    expect(answer.headers.get('sforce-numberofrecords')).toBe(String(rows.length));
    locator = answer.headers.get('sforce-locator') ?? '';
    lines.push(...rows);
  }
  expect(lines).toHaveLength(count);
  expect(lines[2]).toMatch(/^"Row 2","Ac""me, Inc.","false","\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z"$/);
  expect(lines[3]).toMatch(/^"Row 3","","false",/);
  for (const bad of ['locator=x', 'locator=LTE', 'maxRecords=0', 'maxRecords=a'])
    expect((await client.rest('GET', `/jobs/query/${id}/results?${bad}`)).status).toBe(400);
});

test('queryAll, other delimiters, no rows', async () => {
  const { body } = await client.rest('POST', '/sobjects/Contact', { LastName: 'Gone' });
  await client.rest('DELETE', `/sobjects/Contact/${body.id}`);
  const soql = "SELECT Id, LastName FROM Contact WHERE LastName = 'Gone'";
  const live = await finished(soql);
  const nothing = await client.rest('GET', `/jobs/query/${live.id}/results`);
  expect(nothing.body).toBe('"Id","LastName"\n');
  expect(nothing.headers.get('sforce-locator')).toBe('null');
  const all = await finished(soql, { operation: 'queryAll', columnDelimiter: 'PIPE', lineEnding: 'CRLF' });
  expect((await client.rest('GET', `/jobs/query/${all.id}/results`)).body).toBe(
    `"Id"|"LastName"\r\n"${body.id}"|"Gone"\r\n`,
  );
});

test('what the Bulk API does not take is refused when the job is created', async () => {
  const refused = async (query: unknown, more: object = {}) => {
    const { status, body } = await client.rest('POST', '/jobs/query', { operation: 'query', query, ...more });
    expect(status).toBe(400);
    return body[0].errorCode;
  };
  for (const query of [
    'SELECT COUNT() FROM Contact',
    'SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName',
    'SELECT Id FROM Contact LIMIT 1 OFFSET 1',
    'SELECT MailingAddress FROM Contact',
    'SELECT Id, (SELECT Id FROM Contacts) FROM Account',
    'SELECT FIELDS(ALL) FROM Contact LIMIT 10',
  ])
    expect([query, await refused(query)]).toEqual([query, 'API_ERROR']);
  expect(await refused('SELECT Nope FROM Contact')).toBe('INVALID_FIELD');
  expect(await refused('SELECT Id FROM')).toBe('MALFORMED_QUERY');
  expect(await refused(7)).toBe('JSON_PARSER_ERROR');
  expect(await refused('SELECT Id FROM Contact', { operation: 'insert' })).toBe('API_ERROR');
});

test('query jobs are listed apart from ingest jobs, deleted, and not aborted when they are over', async () => {
  const { id } = await finished('SELECT Id FROM Account');
  const listed = await client.rest('GET', '/jobs/query');
  expect(listed.body.records[0]).toMatchObject({ id, jobType: 'V2Query' });
  expect((await client.rest('GET', `/jobs/ingest/${id}`)).status).toBe(404);
  expect(await client.rest('PATCH', `/jobs/query/${id}`, { state: 'Aborted' })).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALIDJOBSTATE', message: 'Aborting already Completed Job not allowed' }],
  });
  expect((await client.rest('DELETE', `/jobs/query/${id}`)).status).toBe(204);
  expect((await client.rest('GET', `/jobs/query/${id}/results`)).status).toBe(404);
});

test('jsforce bulk2.query, unmodified', async () => {
  const { clientId, clientSecret, username, password, securityToken } = org.credentials;
  const connection = new Connection({
    loginUrl: org.url,
    oauth2: { loginUrl: org.url, clientId, clientSecret },
    version: '67.0',
  });
  await connection.login(username, password + securityToken);
  connection.bulk2.pollInterval = 10;
  const records = await (await connection.bulk2.query('SELECT LastName FROM Contact ORDER BY Id')).toArray();
  expect(records).toHaveLength(count);
  expect(records[5]).toEqual({ LastName: 'Row 5' });
});
